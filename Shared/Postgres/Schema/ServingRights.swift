public import Telemetry

/// What a program may do with one table's rows. Making, changing and emptying tables is nobody's but the owner's.
public struct TableRights: Sendable, Hashable {
    public enum Right: String, Sendable, Hashable, CaseIterable {
        case read = "SELECT"
        case add = "INSERT"
        case change = "UPDATE"
        case remove = "DELETE"
    }

    public let table: String
    public let rights: Set<Right>

    public init(_ table: String, _ rights: Right...) {
        self.table = table
        self.rights = Set(rights)
    }
}

/// All that a serving program needs in its database: what is not named here is denied.
///
/// The role that serves owns nothing. What it cannot be granted as rows (partitions that come and go) it does by functions that run
/// with the owner's rights and check what they are asked.
public struct ServingRights: Sendable {
    public let tables: [TableRights]
    /// Signatures as in `make_log_partition(text, bigint, bigint)`.
    public let functions: [String]

    public init(tables: [TableRights], functions: [String] = []) {
        self.tables = tables
        self.functions = functions
    }

    public static func + (one: ServingRights, other: ServingRights) -> ServingRights {
        ServingRights(tables: one.tables + other.tables, functions: one.functions + other.functions)
    }

    /// Gives `role` exactly these rights in the pool's database, and takes every other one on its tables.
    ///
    /// For the owner of the tables. Nothing is changed where nothing differs. Throws `usage` when there is no such role, or when it is
    /// the owner itself.
    public func grant(to role: String, in pool: PostgresPool, log: Log) async throws {
        try await pool.transaction(retrying: .never) { transaction in
            transaction.enqueue(ServingRightsQueries.alone)
            let kind = try await transaction.query(ServingRightsQueries.kind(of: role), as: String.self).first
            switch kind {
            case "other": break
            case "owner":
                throw PostgresError(.usage, "the role “\(role)” owns the tables: name the role that serves, not the one that migrates")
            default:
                throw PostgresError(.usage, "there is no role “\(role)” on this server: make it first (deploy/postgres/roles.sql)")
            }
            let found = try await transaction.query(ServingRightsQueries.granted(to: role)) { row in
                Granted(table: try row["name"], rights: Set(try row["rights"] as [String]))
            }
            let held = Dictionary(found.map { ($0.table, $0.rights) }, uniquingKeysWith: { $0.union($1) })
            var changed = 0
            for table in Set(tables.map(\.table)).union(held.keys).sorted() {
                let wanted = rights(on: table)
                if held[table] ?? [] == Set(wanted.map(\.rawValue)) { continue }
                changed += 1
                transaction.enqueue(ServingRightsQueries.revoke(table, from: role))
                if !wanted.isEmpty { transaction.enqueue(ServingRightsQueries.grant(wanted, on: table, to: role)) }
            }
            transaction.enqueue(ServingRightsQueries.use(by: role))
            for function in functions { transaction.enqueue(ServingRightsQueries.execute(function, by: role)) }
            if changed > 0 { log.notice("rights granted", ["role": .string(role), "tables": .int(changed)]) }
        }
    }

    private struct Granted: Sendable {
        let table: String
        let rights: Set<String>
    }

    private func rights(on table: String) -> [TableRights.Right] {
        let all = tables.filter { $0.table == table }.reduce(into: Set<TableRights.Right>()) { $0.formUnion($1.rights) }
        return TableRights.Right.allCases.filter(all.contains)
    }

    /// What the pool's own role lacks, for people to read: `INSERT, UPDATE on ticket`. Tables that do not exist are another matter.
    public func missing(in pool: PostgresPool) async throws -> [String] {
        let schema = try await pool.query(ServingRightsQueries.lackingSchema, as: String.self)
        if !schema.isEmpty { return schema }
        let needs = tables.flatMap { table in table.rights.map { (table.table, $0.rawValue) } }
        let lacking = try await pool.query(ServingRightsQueries.lacking(needs)) { row in
            (name: try row["name"] as String, right: try row["privilege"] as String)
        }
        let order = TableRights.Right.allCases.map(\.rawValue)
        let byTable = Dictionary(grouping: lacking, by: \.name).sorted { $0.key < $1.key }.map { table, rows in
            "\(order.filter { rows.map(\.right).contains($0) }.joined(separator: ", ")) on \(table)"
        }
        let calls = try await pool.query(ServingRightsQueries.lackingFunctions(functions), as: String.self).map { "EXECUTE on \($0)" }
        return byTable + calls
    }

    /// Whether the pool's own role owns the tables: then none of this keeps it from anything.
    public static func isOwner(_ pool: PostgresPool) async throws -> Bool {
        try await pool.query(ServingRightsQueries.isOwner, as: Bool.self).first ?? false
    }
}
