import EventLoop
import Foundation
import Postgres
import TestKit
import Testing

/// Our pool over TLS, with a server of its own: what it takes, and whom it refuses.
@Suite(.enabled(if: ScratchServer.isAvailable && Certificates.isAvailable, "no Postgres programs, no scratch server, or no openssl"))
struct TLSTests {
    private struct Server: Sendable {
        let server: ScratchServer
        let certificates: Certificates
        let port: UInt16

        /// As an operator writes it; the password comes apart, from its file.
        func configuration(host: String, mode: String = "verify-full", authority: String) -> PostgresConfiguration {
            var configuration = PostgresConfiguration(
                conninfo: "host=\(host) port=\(port) user=tls dbname=postgres sslmode=\(mode) sslrootcert=\(authority)", poolSize: 1,
                applicationName: "tests")
            configuration.password = "over the wire"
            return configuration
        }

        /// Why there is no connection, as a caller is told it.
        func refusal(_ configuration: PostgresConfiguration) async throws -> String {
            var configuration = configuration
            configuration.leaseTimeout = .seconds(1)
            do {
                try await TemporaryDatabase.withPool(configuration) { try await $0.execute("SELECT 1") }
                return "none: it was served"
            } catch let error as PostgresError {
                return error.message
            }
        }
    }

    private func with(_ body: (Server) async throws -> Void) async throws {
        let folder = URL(filePath: "/tmp/shao-tls-\(UUID().uuidString.prefix(8).lowercased())")
        defer { try? FileManager.default.removeItem(at: folder) }
        let certificates = try Certificates(in: folder)
        try await ScratchServer.with { server in
            let local = PostgresConfiguration(conninfo: server.conninfo + " dbname=postgres", poolSize: 1, applicationName: "tests")
            try await TemporaryDatabase.withPool(local) { pool in
                try await pool.execute("CREATE ROLE tls LOGIN PASSWORD 'over the wire'")
            }
            try await body(Server(server: server, certificates: certificates, port: try FreePort.next()))
        }
    }

    @Test func `verify-full connects to the right server and refuses every other`() async throws {
        try await with { place in
            let made = place.certificates
            try place.server.restart(port: place.port, certificate: made.certificate, key: made.key)
            let right = place.configuration(host: "127.0.0.1", authority: made.authority)
            let version = try await TemporaryDatabase.withPool(right) {
                try await $0.query("SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()", as: String.self)
            }
            #expect(version.first?.hasPrefix("TLSv1.") == true, "signed in, and encrypted")

            let stranger = try await place.refusal(place.configuration(host: "127.0.0.1", authority: made.strangers))
            #expect(stranger.contains("certificate verify failed"), "\(stranger)")
            let name = try await place.refusal(place.configuration(host: "localhost", authority: made.authority))
            #expect(name.contains("does not match host name"), "\(name)")
            let plain = try await place.refusal(place.configuration(host: "127.0.0.1", mode: "disable", authority: made.authority))
            #expect(plain.contains("no encryption"), "\(plain)")
            var wrong = right
            wrong.password = "another"
            let password = try await place.refusal(wrong)
            #expect(password.contains("password authentication failed") && !password.contains("another"), "\(password)")

            try place.server.restart(port: place.port, certificate: made.expired, key: made.expiredKey)
            let old = try await place.refusal(right)
            #expect(old.contains("certificate has expired") || old.contains("certificate verify failed"), "\(old)")
        }
    }
}
