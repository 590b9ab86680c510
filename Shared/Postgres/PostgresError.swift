/// What went wrong between us and Postgres, with the statement and the line of ours that sent it.
public struct PostgresError: Error, Sendable {
    /// The sort of failure. Open: new ones may come, so a switch over it needs a default.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        public let description: String

        /// No connection, or it broke. Whether a running COMMIT succeeded is then unknown.
        public static let connection = Kind(description: "connection")
        /// The server refused the statement; `sqlState` says why.
        public static let server = Kind(description: "server")
        /// A column is missing, NULL, of another type or out of range.
        public static let decode = Kind(description: "decode")
        /// The task was cancelled. Whether a statement that was under way took effect is then unknown.
        public static let cancelled = Kind(description: "cancelled")
        /// A deadline of ours passed: for a connection from the pool, or for an answer.
        public static let timeout = Kind(description: "timeout")
        /// COMMIT answered ROLLBACK: an earlier error was swallowed. Nothing of the transaction is stored.
        public static let rolledBack = Kind(description: "rolledBack")
        /// The migrations of the program and of the database do not fit.
        public static let migration = Kind(description: "migration")
        /// The statement cannot be sent as it is (NUL, too many values, columns that do not match).
        public static let usage = Kind(description: "usage")
        /// The server said what the protocol does not allow here.
        public static let protocolViolation = Kind(description: "protocolViolation")
    }

    public let kind: Kind
    /// Five characters of SQLSTATE, when the server spoke.
    public let sqlState: String?
    /// The primary message, in the server's words or ours.
    public let message: String
    /// The server's detail. It may hold values of rows: never log it.
    public let detail: String?
    /// The server's hint, if it gave one.
    public let hint: String?
    /// The violated constraint.
    public let constraint: String?
    /// The statement's text: placeholders, no values.
    public internal(set) var statement: String?
    /// The line of ours that sent the statement.
    public internal(set) var location: PostgresCallSite?
    /// The connection was gone before anything was sent: the same statement may go over another one.
    var notSent = false

    /// For drivers of this package that stand in for a server.
    package init(
        _ kind: Kind, _ message: String, sqlState: String? = nil, detail: String? = nil, hint: String? = nil,
        constraint: String? = nil, statement: String? = nil, location: PostgresCallSite? = nil
    ) {
        self.kind = kind
        self.message = message
        self.sqlState = sqlState
        self.detail = detail
        self.hint = hint
        self.constraint = constraint
        self.statement = statement
        self.location = location
    }

    /// A decoding failure, for conformances to `PostgresValue` elsewhere; the row adds the column's name.
    public static func decode(_ message: String) -> PostgresError { PostgresError(.decode, message) }

    static let cancelled = PostgresError(.cancelled, "the task was cancelled")
    static let closed = PostgresError(.connection, "the connection is closed")
    static let goneBefore: PostgresError = {
        var error = closed
        error.notSent = true
        return error
    }()
}

extension PostgresError {
    /// Whether the same work may succeed a moment later: conflicts (class 40), a lock not free (55P03), a server
    /// that restarts (57P01–03), a connection lost (class 08 or no SQLSTATE), a pool without a free connection.
    public var isRetriable: Bool {
        if kind == .connection || kind == .timeout || isConflict { return true }
        guard let sqlState else { return false }
        return sqlState.hasPrefix("08") || ["57P01", "57P02", "57P03", "55P03"].contains(sqlState)
    }

    /// Class 40: the server gave the transaction up for another one's sake. Nothing of it is stored; run it again.
    public var isConflict: Bool { sqlState?.hasPrefix("40") ?? false }

    /// 23505: the value is there already; `constraint` says which.
    public var isUniqueViolation: Bool { sqlState == "23505" }

    /// Class 22, 23, 54, P0: a value that is refused, a constraint, a limit, a trigger's refusal. The same statement may succeed without
    /// the row at fault; every other failure concerns the statement, the schema or the server.
    public var isOneRowsFault: Bool { sqlState.map { ["22", "23", "54", "P0"].contains(String($0.prefix(2))) } ?? false }

    /// The server no longer knows our prepared statement, or its columns changed under it: it must be prepared again.
    var isStalePlan: Bool { sqlState == "0A000" || sqlState == "26000" }

    /// A transaction that failed so is rolled back and may succeed from the start.
    var wantsAnotherRun: Bool { isConflict || isStalePlan || notSent }

    func adding(statement: String, location: PostgresCallSite) -> PostgresError {
        var copy = self
        copy.statement = copy.statement ?? statement
        copy.location = copy.location ?? location
        return copy
    }
}

extension PostgresError: CustomStringConvertible {
    /// One line without values: no `detail`, placeholders instead of parameters.
    public var description: String {
        var text = "postgres \(kind)"
        if let sqlState { text += " \(sqlState)" }
        text += ": \(message)"
        if let constraint { text += " [\(constraint)]" }
        if let location { text += " at \(location)" }
        if let statement { text += " in \(statement.prefix(300))" }
        return text
    }
}

/// The line that sent a statement.
public struct PostgresCallSite: Sendable, CustomStringConvertible {
    private let file: StaticString
    public let line: UInt

    init(_ file: StaticString, _ line: UInt) {
        self.file = file
        self.line = line
    }

    public var fileID: String { "\(file)" }
    public var description: String { "\(file):\(line)" }
}
