import EventLog
import EventLoop
import Postgres
import TestKit
import Testing

@testable import chaos

/// What a connection that breaks under a statement means to those who ask.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct LostConnectionTests {
    @Test func `a connection that ends in the middle of a statement is a trouble that passes, not the statement's fault`() async throws {
        try await TemporaryDatabase.withConfiguration { configuration in
            let socket = try #require(ScratchSocket(configuration.conninfo))
            let link = Link("test", on: .shared)
            let port = try #require(link.port(to: .path("\(socket.folder)/.s.PGSQL.\(socket.port)")))
            var through = configuration
            through.conninfo += " host=127.0.0.1 port=\(port) sslmode=disable gssencmode=disable"
            try await TemporaryDatabase.withPool(through) { pool in
                _ = try await pool.query("SELECT 1", as: Int32.self)
                let asking = Task(executorPreference: EventLoop.shared) { try await pool.execute("SELECT pg_sleep(30)") }
                try await EventLoop.shared.sleep(for: .milliseconds(200))
                link.set(.cut)
                let error = await #expect(throws: PostgresError.self) { _ = try await asking.value }
                #expect(error?.isRetriable == true, "\(String(describing: error))")
                #expect(error.map { FailureClass(of: $0) } == .passing)
                link.set(.fine)
                #expect(try await pool.query("SELECT 2", as: Int32.self) == [2])
            }
            link.close()
        }
    }
}
