import EventLoop
import Postgres
import Synchronization
import Telemetry
import TestKit
import Testing

@Suite(.needsPostgres) struct PoolTests {
    @Test func `who finds no free connection waits in line and is told when the deadline passes`() async throws {
        try await TemporaryDatabase.with(poolSize: 1, adjust: { $0.leaseTimeout = .milliseconds(200) }) { pool in
            await eventually { (try? await pool.execute("SELECT 1")) != nil }
            try await pool.withConnection { connection in
                let error = await #expect(throws: PostgresError.self) { try await pool.query("SELECT 1", as: Int.self) }
                #expect(error?.kind == .timeout)
                #expect(error?.isRetriable == true)
                let still = try await connection.query("SELECT 2", as: Int.self)
                #expect(still == [2])
            }
            let after = try await pool.query("SELECT 3", as: Int.self)
            #expect(after == [3])
        }
    }

    @Test func `more callers than connections are all served, in any number`() async throws {
        try await TemporaryDatabase.with(poolSize: 3) { pool in
            let total = try await withThrowingTaskGroup(of: Int.self) { group in
                for n in 0..<500 {
                    group.addTask { try await pool.query("SELECT \(n)", as: Int.self).first ?? 0 }
                }
                return try await group.reduce(0, +)
            }
            #expect(total == (0..<500).reduce(0, +))
            let open = try await pool.query(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", as: Int.self)
            #expect((open.first ?? 9) <= 3)
        }
    }

    @Test func `a cancelled statement ends on the server and its connection is replaced`() async throws {
        try await TemporaryDatabase.with(poolSize: 2) { pool in
            let sleeper = Task { try await pool.execute("SELECT pg_sleep(600)") }
            let running: SQL =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(600)%'"
            await eventually { try await pool.query(running, as: Int.self) == [1] }
            sleeper.cancel()
            let error = await #expect(throws: PostgresError.self) { try await sleeper.value }
            #expect(error?.kind == .cancelled)
            await eventually { try await pool.query(running, as: Int.self) == [0] }
            await eventually { try await bothAnswer(pool) }
        }
    }

    @Test func `a task cancelled while it waits in line leaves the line`() async throws {
        try await TemporaryDatabase.with(poolSize: 1, adjust: { $0.leaseTimeout = .seconds(60) }) { pool in
            try await pool.withConnection { _ in
                let waiter = Task { try await pool.execute("SELECT 1") }
                waiter.cancel()
                let error = await #expect(throws: PostgresError.self) { try await waiter.value }
                #expect(error?.kind == .cancelled)
            }
        }
    }

    @Test func `a cancelled transaction stores nothing`() async throws {
        try await TemporaryDatabase.with(poolSize: 2) { pool in
            try await pool.execute("CREATE TABLE t (id int8)")
            let (started, go) = AsyncStream<Void>.makeStream()
            let writer = Task {
                try await pool.transaction { transaction in
                    try await transaction.execute("INSERT INTO t VALUES (1)")
                    go.yield()
                    _ = try await transaction.query("SELECT pg_sleep(600)::text", as: String.self)
                }
            }
            for await _ in started { break }
            writer.cancel()
            await #expect(throws: PostgresError.self) { try await writer.value }
            let rows = try await pool.query("SELECT count(*) FROM t", as: Int.self)
            #expect(rows == [0])
        }
    }

    @Test func `killed backends are dropped and replaced`() async throws {
        try await TemporaryDatabase.with(poolSize: 4, adjust: { $0.minimumConnections = 4 }) { pool in
            let sleeper = Task { try await pool.execute("SELECT pg_sleep(600)") }
            let running: SQL =
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep(600)%'"
            await eventually { try await pool.query(running, as: Int.self) == [1] }
            try await killOthers(pool)
            let error = await #expect(throws: PostgresError.self) { try await sleeper.value }
            #expect(error?.sqlState == "57P01")
            #expect(error?.isRetriable == true)
            await eventually {
                // A statement on a connection that is just being killed may fail: that is the point.
                (try? await pool.query("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()", as: Int.self)) == [4]
            }
            await eventually { try await bothAnswer(pool) }
        }
    }

    @Test func `while no connection can be made it backs off, and recovers by itself`() async throws {
        try await TemporaryDatabase.withConfiguration(poolSize: 2) { configuration in
            try await TemporaryDatabase.withPool(configuration.database("postgres")) { admin in
                let name = try await TemporaryDatabase.withPool(configuration) { pool in
                    try await pool.query("SELECT current_database()::text", as: String.self).first ?? ""
                }
                try await admin.execute("ALTER DATABASE \(identifier: name) ALLOW_CONNECTIONS false")
                var impatient = configuration
                impatient.leaseTimeout = .milliseconds(300)
                impatient.maximumBackOff = .milliseconds(200)
                try await TemporaryDatabase.withPool(impatient) { pool in
                    await eventually {
                        let error = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1") }
                        #expect(error?.kind == .timeout)
                        return error?.message.contains("not currently accepting connections") == true
                    }
                    try await admin.execute("ALTER DATABASE \(identifier: name) ALLOW_CONNECTIONS true")
                    await eventually { (try? await pool.execute("SELECT 1")) != nil }
                }
            }
        }
    }

    @Test func `a statement beyond its time is ended by the server`() async throws {
        try await TemporaryDatabase.with(adjust: { $0.statementTimeout = .milliseconds(50) }) { pool in
            let error = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT pg_sleep(600)") }
            #expect(error?.sqlState == "57014")
        }
    }

    @Test func `a lease's locks and settings do not reach the next user`() async throws {
        try await TemporaryDatabase.with(poolSize: 1) { pool in
            try await pool.withConnection { connection in
                try await connection.execute("SELECT pg_advisory_lock(7)")
                try await connection.execute("SET application_name = 'mine'")
                try await connection.execute("BEGIN")
            }
            let locks = try await pool.query(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                as: Int.self)
            let name = try await pool.query("SHOW application_name", as: String.self)
            #expect(locks == [0] && name == ["tests"])
        }
    }

    @Test func `a table changed under a prepared statement costs nobody an error`() async throws {
        try await TemporaryDatabase.with(poolSize: 1) { pool in
            try await pool.execute("CREATE TABLE t (a int8)")
            try await pool.execute("INSERT INTO t VALUES (1)")
            let read: SQL = "SELECT * FROM t"
            let before = try await pool.query(read) { row in try row["a"] as Int }
            try await pool.execute("ALTER TABLE t ADD b text DEFAULT 'b'")
            let after = try await pool.query(read) { row in try row["b"] as String }
            try await pool.execute("DEALLOCATE ALL")
            let again = try await pool.query(read) { row in try row["a"] as Int }
            #expect(before == [1] && after == ["b"] && again == [1])
            try await pool.execute("ALTER TABLE t ADD c text DEFAULT 'c'")
            let within = try await pool.transaction { transaction in
                try await transaction.query(read) { row in try row["c"] as String }
            }
            #expect(within == ["c"])
        }
    }

    @Test func `more statements than the cache holds go on working and are forgotten on the server`() async throws {
        try await TemporaryDatabase.with(poolSize: 1, adjust: { $0.statementCacheSize = 8 }) { pool in
            for n in 0..<50 {
                let text = SQL(stringLiteral: "SELECT \(n)")
                let answer = try await pool.query(text, as: Int.self)
                #expect(answer == [n])
            }
            let kept = try await pool.query("SELECT count(*) FROM pg_prepared_statements", as: Int.self)
            #expect((kept.first ?? 99) <= 9)
        }
    }

    @Test func `an error before a statement's first use does not poison its next`() async throws {
        try await TemporaryDatabase.with(poolSize: 1) { pool in
            for _ in 0..<2 {
                await #expect(throws: PostgresError.self) {
                    try await pool.transaction { transaction in
                        transaction.enqueue("SELECT 1/0")
                        transaction.enqueue("SELECT \(5) + 1")
                    }
                }
            }
            let six = try await pool.query("SELECT \(5) + 1", as: Int.self)
            #expect(six == [6])
        }
    }

    @Test func `an answer larger than every buffer, beside a question as large, does not lock both ends`() async throws {
        try await TemporaryDatabase.with(poolSize: 1) { pool in
            let large = [UInt8](repeating: 0x5A, count: 8_000_000)
            try await pool.withConnection { connection in
                let sizes = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<4 { group.addTask { try await connection.query("SELECT \(large)", as: [UInt8].self).first?.count ?? 0 } }
                    return try await group.reduce(into: [Int]()) { $0.append($1) }
                }
                #expect(sizes == Array(repeating: 8_000_000, count: 4))
            }
        }
    }

    @Test func `groups of several tasks on one connection keep their own answers`() async throws {
        try await TemporaryDatabase.with(poolSize: 1) { pool in
            try await pool.withConnection { connection in
                let answers = await withTaskGroup(of: Int?.self) { group in
                    for n in 0..<200 {
                        group.addTask {
                            try? await connection.query("SELECT 100 / \(n % 10) + \(n)", as: Int.self).first
                        }
                    }
                    return await group.reduce(into: [Int?]()) { $0.append($1) }
                }
                #expect(answers.count { $0 == nil } == 20)
                #expect(Set(answers.compactMap(\.self)) == Set((0..<200).filter { $0 % 10 > 0 }.map { 100 / ($0 % 10) + $0 }))
            }
        }
    }

    @Test func `a closed pool refuses, and run returns`() async throws {
        try await TemporaryDatabase.withConfiguration { configuration in
            let pool = PostgresPool(configuration, on: .shared, log: Log("test", level: .error))
            let running = Task { await pool.run() }
            try await pool.execute("SELECT 1")
            await pool.close()
            await running.value
            let error = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1") }
            #expect(error?.kind == .connection)
        }
    }

    @Test func `cancelling run closes every connection`() async throws {
        try await TemporaryDatabase.withConfiguration { configuration in
            let pool = PostgresPool(configuration, on: .shared, log: Log("test", level: .error))
            let running = Task { await pool.run() }
            try await pool.execute("SELECT 1")
            running.cancel()
            await running.value
            await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1") }
        }
    }

    @Test func `another session's NOTIFY arrives`() async throws {
        try await TemporaryDatabase.with { pool in
            let (heard, tell) = AsyncStream<String>.makeStream()
            try await pool.withConnection { listener in
                listener.onNotification { tell.yield("\($0.channel):\($0.payload)") }
                try await listener.execute("LISTEN bell")
                try await pool.execute("SELECT pg_notify('bell', '响')")
                for await note in heard {
                    #expect(note == "bell:响")
                    break
                }
            }
        }
    }

    @Test func `a host's name is looked up, and an unknown one is an error`() async throws {
        var configuration = PostgresConfiguration(conninfo: "host=no.such.host.invalid user=x", poolSize: 1, applicationName: "tests")
        configuration.leaseTimeout = .seconds(3)
        try await TemporaryDatabase.withPool(configuration) { pool in
            let error = await #expect(throws: PostgresError.self) { try await pool.execute("SELECT 1") }
            #expect(error?.kind == .timeout)
        }
    }

    private func bothAnswer(_ pool: PostgresPool) async throws -> Bool {
        async let one = pool.query("SELECT 1", as: Int.self)
        async let two = pool.query("SELECT 2", as: Int.self)
        return try await one + two == [1, 2]
    }

    private func killOthers(_ pool: PostgresPool) async throws {
        try await pool.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
    }
}
