import Postgres
import TestKit
import Testing

/// What the pool says of its server when it is asked for readiness.
@Suite(.needsPostgres) struct ReachTests {
    @Test func `a long line is no trouble, nor is a connection that was killed; silence and a server that refuses are`() async throws {
        try await TemporaryDatabase.withConfiguration(poolSize: 1) { configuration in
            try await TemporaryDatabase.withPool(configuration.database("postgres")) { admin in
                try await TemporaryDatabase.withPool(configuration) { pool in
                    let name = try await pool.query("SELECT current_database()::text", as: String.self).first ?? ""
                    let line = (0..<60).map { _ in Task { try await pool.execute("SELECT pg_sleep(0.02)") } }
                    #expect(await pool.trouble(recent: .zero, within: .milliseconds(300)) == nil)
                    for one in line { _ = try await one.value }
                    try await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)")
                    #expect(await pool.trouble(recent: .zero, within: .seconds(10)) == nil)
                    try await pool.withConnection { _ in
                        #expect(await pool.trouble() == nil)
                        let silence = await pool.trouble(recent: .zero, within: .milliseconds(100))
                        #expect(silence?.hasPrefix("1 of 1 are in use") == true, "\(silence ?? "none")")
                    }
                    try await admin.execute("ALTER DATABASE \(identifier: name) ALLOW_CONNECTIONS false")
                    try await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = \(name)")
                    await eventually {
                        await pool.trouble(recent: .zero, within: .milliseconds(300))?.contains("not currently accepting connections")
                            == true
                    }
                }
            }
        }
    }
}
