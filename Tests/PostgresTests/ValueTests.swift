import FoundationEssentials
import Postgres
import TestKit
import Testing

extension Trait where Self == ConditionTrait {
    /// Skipped, with the reason, where no scratch server is named.
    static var needsPostgres: Self { .enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server") }
}

enum Colour: String, CaseIterable, PostgresArrayElement { case red, green }

@Suite(.needsPostgres) struct RoundTripTests {
    /// What goes out comes back the same, alone, as NULL, and in arrays with and without NULLs.
    private func check<Value: PostgresArrayElement & Equatable>(_ values: [Value], _ type: SQL, _ pool: PostgresPool) async throws {
        for value in values {
            let back = try await pool.query("SELECT \(value)::\(type) AS v") { row in try row["v"] as Value }
            #expect(back == [value])
        }
        let missing: Value? = nil
        let null = try await pool.query("SELECT \(missing)::\(type) AS v") { row in try row["v"] as Value? }
        #expect(null == [nil])
        for array in [values, [], Array(repeating: values, count: 40).flatMap(\.self)] {
            let back = try await pool.query("SELECT \(array)::\(type)[] AS v") { row in try row["v"] as [Value] }
            #expect(back == [array])
        }
        let holes = values.map { Optional($0) } + [nil]
        let back = try await pool.query("SELECT \(holes)::\(type)[] AS v") { row in try row["v"] as [Value?] }
        #expect(back == [holes])
    }

    @Test func `every type comes back as it went, alone, NULL and in arrays`() async throws {
        try await TemporaryDatabase.with { pool in
            try await check([true, false], "bool", pool)
            try await check([Int16.min, 0, .max], "int2", pool)
            try await check([Int32.min, -1, .max], "int4", pool)
            try await check([Int64.min, -1, 0, .max], "int8", pool)
            try await check([Int.min, 42, .max], "int8", pool)
            try await check([UInt64.max, 0, 7], "xid8", pool)
            try await check([0.0, -1.5, .infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude], "float8", pool)
            try await check(["", "哨", "o'clock; DROP TABLE x --", "{\"a\",NULL}", "\\", "🏮\n\t"], "text", pool)
            try await check([UUID(), UUID()], "uuid", pool)
            try await check([[0, 255, 39, 92], [], [UInt8](repeating: 7, count: 100_000)] as [[UInt8]], "bytea", pool)
            try await check([-1, 0, 1_700_000_000_123].map(PostgresInstant.init(millisecondsSince1970:)), "timestamptz", pool)
            try await check([Date(timeIntervalSince1970: 0), Date(timeIntervalSince1970: 1_700_000_000.5)], "timestamptz", pool)
            try await check([PostgresJSON(utf8: Array("{\"a\": 1}".utf8))], "jsonb", pool)
            try await check(Colour.allCases, "text", pool)
            try await check([PostgresText(utf8: Array("灯".utf8)[...])], "text", pool)
        }
    }

    @Test func `smaller numbers widen and text-like types read as text`() async throws {
        try await TemporaryDatabase.with { pool in
            let row = try await pool.query("SELECT 1::int2 AS a, 2::int4 AS b, 3::oid AS c, 1.5::float4 AS d, 7 AS e") { row in
                (try row["a"] as Int, try row["b"] as Int64, try row["c"] as Int, try row["d"] as Double, try row["e"] as Double)
            }
            #expect(row.first ?? (0, 0, 0, 0, 0) == (1, 2, 3, 1.5, 7))
            let texts = try await pool.query("SELECT 'a'::varchar AS a, 'b'::name AS b, '{}'::jsonb AS c, '[1]'::json AS d") { row in
                [try row["a"] as String, try row["b"], try row["c"], try row["d"]]
            }
            #expect(texts == [["a", "b", "{}", "[1]"]])
        }
    }

    @Test func `a time before 2000 with microseconds is rounded down`() async throws {
        try await TemporaryDatabase.with { pool in
            let at = try await pool.query("SELECT '1969-12-31 23:59:59.9995Z'::timestamptz", as: PostgresInstant.self)
            #expect(at.map(\.millisecondsSince1970) == [-1])
            await #expect(throws: PostgresError.self) { try await pool.query("SELECT 'infinity'::timestamptz", as: Date.self) }
        }
    }

    @Test func `arrays feed unnest as rows`() async throws {
        try await TemporaryDatabase.with { pool in
            try await pool.execute("CREATE TABLE t (id int8, name text, body bytea)")
            let ids = Array(0..<20_000)
            let names = ids.map { $0 % 3 == 0 ? nil : "n\($0)" }
            let bodies = ids.map { [UInt8](repeating: UInt8($0 % 256), count: 10) }
            let stored = try await pool.execute("INSERT INTO t SELECT * FROM unnest(\(ids), \(names), \(bodies))")
            #expect(stored == 20_000)
            let nulls = try await pool.query("SELECT count(*) FROM t WHERE name IS NULL", as: Int.self)
            #expect(nulls == [6667])
        }
    }

    @Test func `statements that return nothing or touch nothing say so`() async throws {
        try await TemporaryDatabase.with { pool in
            try await pool.execute("CREATE TABLE t (id int8)")
            #expect(try await pool.execute("UPDATE t SET id = 1") == 0)
            #expect(try await pool.query("SELECT id FROM t", as: Int.self).isEmpty)
            #expect(try await pool.execute("") == 0)
        }
    }
}

@Suite(.needsPostgres) struct DecodingErrorTests {
    private func failure(_ sql: SQL, _ pool: PostgresPool, _ read: (borrowing PostgresRow) throws -> Void) async -> PostgresError? {
        await #expect(throws: PostgresError.self) { try await pool.query(sql) { row in try read(row) } }
    }

    @Test func `a wrong column, type, range or NULL is an error that names the column`() async throws {
        try await TemporaryDatabase.with { pool in
            let missing = await failure("SELECT 1 AS one", pool) { row in _ = try row["two"] as Int }
            #expect(missing?.kind == .decode)
            #expect(missing?.message == "no column \"two\" among one")
            let type = await failure("SELECT 'x'::text AS name", pool) { row in _ = try row["name"] as Int }
            #expect(type?.message == "column \"name\": type text where an integer was expected")
            let null = await failure("SELECT NULL::int8 AS n", pool) { row in _ = try row["n"] as Int }
            #expect(null?.message == "column \"n\": NULL, but the type is not optional")
            let range = await failure("SELECT 70000 AS n", pool) { row in _ = try row["n"] as Int16 }
            #expect(range?.message == "column \"n\": the number does not fit into Int16")
            let numeric = await failure("SELECT sum(n) AS s FROM unnest('{1,2}'::int8[]) AS n", pool) { row in _ = try row["s"] as Int }
            #expect(numeric?.message.hasSuffix("cast it in the statement") == true)
            let code = await failure("SELECT 'blue' AS colour", pool) { row in _ = try row["colour"] as Colour }
            #expect(code?.message == "column \"colour\": no value of Colour")
            let array = await failure("SELECT '{{1},{2}}'::int8[] AS a", pool) { row in _ = try row["a"] as [Int] }
            #expect(array?.message == "column \"a\": 2 dimensions where one was expected")
            let position = await failure("SELECT 1", pool) { row in _ = try row.value(at: 3, as: Int.self) }
            #expect(position?.kind == .decode)
            #expect(position?.statement == "SELECT 1")
            let one = try await pool.query("SELECT 1", as: Int.self)
            #expect(one == [1])
        }
    }
}

@Suite struct SQLTests {
    @Test func `interpolation binds, identifiers are quoted, statements are renumbered`() {
        let condition: SQL = "a = \(1) AND b = \("x")"
        let parts: [SQL] = ["c = \(2)", "d = \([3])"]
        let sql: SQL = "SELECT \(identifier: "odd\"name") FROM t WHERE x = \(true) AND \(condition) OR \(join: parts, separator: " OR ")"
        #expect(sql.text == "SELECT \"odd\"\"name\" FROM t WHERE x = $1 AND a = $2 AND b = $3 OR c = $4 OR d = $5")
        #expect(sql.bindCount == 5)
        #expect(SQL.join([]).text == "")
        #expect(("SELECT $$1$$, \(1)" as SQL).appending("::int, \(2)").text == "SELECT $$1$$, $1::int, $2")
    }

    @Test func `printing shows no value`() {
        let secret = "13800138000"
        let sql: SQL = "SELECT \(secret), \([secret])"
        var dumped = ""
        dump(sql, to: &dumped)
        for text in ["\(sql)", String(reflecting: sql), dumped] { #expect(!text.contains(secret)) }
        #expect("\(sql)" == "SELECT $1, $2 [****, ****]")
        let configuration = PostgresConfiguration(conninfo: "password=\(secret)", applicationName: "a")
        #expect(!String(reflecting: configuration).contains(secret) && !"\(configuration)".contains(secret))
    }

    @Test func `migrations are read from embedded file names`() throws {
        let files = [("V0002_more.sql", "B"), ("V0001_tables_sql", "A")].map { ($0.0, Array($0.1.utf8)) }
        let parsed = try Migration.parse(embedded: files)
        #expect(parsed == [Migration(version: 1, name: "tables", sql: "A"), Migration(version: 2, name: "more", sql: "B")])
        for bad in ["x.sql", "V_x.sql", "V0_x.sql", "V1.sql"] {
            #expect(throws: PostgresError.self) { try Migration.parse(embedded: [(bad, [])]) }
        }
        #expect(throws: PostgresError.self) { try Migration.parse(embedded: [("V1_a.sql", []), ("V01_b.sql", [])]) }
        #expect(throws: PostgresError.self) { try Migration.parse(embedded: [("V1_a.sql", [0xFF])]) }
    }
}
