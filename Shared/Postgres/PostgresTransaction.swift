/// How a transaction begins.
public struct TransactionMode: Sendable {
    let opening: [Statement]

    private init(_ opening: SQL...) { self.opening = opening.map { Statement($0, #fileID, #line) } }

    /// Read committed; COMMIT waits for the disk.
    public static let readWrite = TransactionMode("BEGIN")
    /// One snapshot for all statements, nothing written.
    public static let readOnlySnapshot = TransactionMode("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    /// COMMIT answers before the disk has it: a crash of the server may lose the last moments, never tear them apart.
    /// Only for work that is done again from another source.
    public static let asynchronousCommit = TransactionMode("BEGIN", "SET LOCAL synchronous_commit = off")
    /// One snapshot; a write to a row changed since fails with 40001.
    public static let repeatableRead = TransactionMode("BEGIN ISOLATION LEVEL REPEATABLE READ")
}

/// When a transaction is run again. Its body then starts from the beginning: side effects belong into `afterCommit`.
public struct RetryPolicy: Sendable {
    /// Runs at most, the first included.
    public var attempts: Int
    /// First pause; doubles, half of it by chance.
    public var pause: Duration

    public init(attempts: Int, pause: Duration = .milliseconds(5)) {
        self.attempts = max(1, attempts)
        self.pause = pause
    }

    /// Once only.
    public static let never = RetryPolicy(attempts: 1)
    /// Class 40 (serialization failure, deadlock): five runs.
    public static let serializationFailures = RetryPolicy(attempts: 5)
}

/// An open transaction. `inout` means: one statement at a time, and it can neither escape nor be shared.
///
/// BEGIN rides with the first statement, enqueued statements with the next one awaited, at the latest with COMMIT:
/// a transaction that only enqueues costs one round trip, one without statements none.
public struct PostgresTransaction: ~Copyable {
    private let connection: PostgresConnection
    private let mode: TransactionMode
    private var begun = false
    private var pending: [Statement] = []
    /// Kept because the body may swallow it, and COMMIT would then answer ROLLBACK.
    private var firstError: PostgresError?
    private var actions: [@Sendable () -> Void] = []

    init(_ connection: PostgresConnection, _ mode: TransactionMode) {
        self.connection = connection
        self.mode = mode
    }

    /// Sends what is enqueued and the statement; answers its rows.
    public mutating func query<Value: PostgresRowDecodable>(
        _ sql: SQL, as type: Value.Type = Value.self, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [Value] {
        let statement = Statement(sql, file, line)
        return try await send(statement).decode(statement)
    }

    /// The same, each row read by `map`.
    public mutating func query<Value: Sendable>(
        _ sql: SQL, file: StaticString = #fileID, line: UInt = #line, _ map: (borrowing PostgresRow) throws -> Value
    ) async throws -> [Value] {
        let statement = Statement(sql, file, line)
        return try await send(statement).map(statement, map)
    }

    /// Sends what is enqueued and the statement; answers the number of rows it touched.
    @discardableResult
    public mutating func execute(_ sql: SQL, file: StaticString = #fileID, line: UInt = #line) async throws -> Int {
        try await send(Statement(sql, file, line)).affected
    }

    /// No round trip: travels with the next await, at the latest with COMMIT. Its error names its own statement and line.
    public mutating func enqueue(_ sql: SQL, file: StaticString = #fileID, line: UInt = #line) {
        pending.append(Statement(sql, file, line))
    }

    /// Runs once COMMIT has answered; never after a rollback, and once however often the body ran.
    public mutating func afterCommit(_ body: @escaping @Sendable () -> Void) { actions.append(body) }

    /// Fills a table through binary COPY, the fastest way for many rows. Sends what is enqueued first.
    ///
    /// Values must have exactly the columns' types (`Int32` for `integer`): COPY casts nothing.
    /// - Returns: the number of rows stored.
    @discardableResult
    public mutating func copy<Row>(
        _ rows: some Sequence<Row>, into table: String, columns: [String], file: StaticString = #fileID, line: UInt = #line,
        _ encode: (Row, inout PostgresCopyRow) throws -> Void
    ) async throws -> Int {
        let names = columns.map { SQL("\(identifier: $0)") }
        let sql: SQL = "COPY \(identifier: table) (\(join: names)) FROM STDIN (FORMAT binary)"
        let statement = Statement(sql, file, line)
        if !begun || !pending.isEmpty { _ = try await sendPending() }
        do {
            return try await connection.copy(rows, columns.count, statement, encode)
        } catch {
            note(error)
            throw error
        }
    }

    /// Several statements as one text, without parameters: migrations. They must leave the transaction open.
    mutating func script(_ text: String, file: StaticString = #fileID, line: UInt = #line) async throws {
        if !begun || !pending.isEmpty { _ = try await sendPending() }
        do {
            try await connection.script(Statement(SQL(stringLiteral: text), file, line))
            guard connection.isInTransaction else {
                throw PostgresError(.usage, "the script ended the transaction it runs in")
            }
        } catch {
            note(error)
            throw error
        }
    }

    // MARK: the steps

    private mutating func send(_ statement: Statement) async throws(PostgresError) -> PostgresResult {
        pending.append(statement)
        guard let result = try await sendPending().last else { throw PostgresError(.protocolViolation, "no answer") }
        return result
    }

    /// One round trip; the results of these statements, in their order.
    mutating func send(all statements: [Statement]) async throws(PostgresError) -> [PostgresResult] {
        if statements.isEmpty { return [] }
        pending += statements
        return Array(try await sendPending(keepAll: true).suffix(statements.count))
    }

    private mutating func sendPending(keepAll: Bool = false) async throws(PostgresError) -> [PostgresResult] {
        let group = begun ? pending : mode.opening + pending
        begun = true
        pending.removeAll(keepingCapacity: true)
        do { return try await connection.perform(group, keepAll: keepAll) } catch {
            note(error)
            throw error
        }
    }

    private mutating func note(_ error: any Error) {
        if firstError == nil { firstError = error as? PostgresError }
    }

    /// Throws unless the server answers COMMIT: an aborted transaction answers ROLLBACK, and calls it no error.
    mutating func commit() async throws(PostgresError) {
        if !begun && pending.isEmpty { return }
        let swallowed = firstError
        let result: PostgresResult
        do { result = try await send(Self.commitStatement) } catch { throw rolledBack(swallowed) ?? error }
        guard result.tag == "COMMIT" else {
            throw rolledBack(swallowed) ?? PostgresError(.rolledBack, "COMMIT answered \(result.tag)")
        }
        begun = false
    }

    private func rolledBack(_ cause: PostgresError?) -> PostgresError? {
        guard let cause else { return nil }
        return PostgresError(
            .rolledBack, "nothing was stored, because an earlier error was passed over: \(cause.message)",
            sqlState: cause.sqlState, constraint: cause.constraint, statement: cause.statement, location: cause.location)
    }

    /// Leaves the connection without a transaction, or closed.
    mutating func rollBack() async {
        guard begun, connection.isOpen else { return }
        if Task.isCancelled { return connection.rollBackUnwaited() }
        do {
            _ = try await connection.perform(Self.rollbackStatement)
        } catch {
            // Whoever gets the connection next must not inherit our transaction.
            if error.kind == .cancelled { connection.rollBackUnwaited() } else { connection.close() }
        }
    }

    mutating func runActions() {
        for action in actions { action() }
        actions = []
    }

    static let commitStatement = Statement("COMMIT", #fileID, #line)
    private static let rollbackStatement = Statement("ROLLBACK", #fileID, #line)
}
