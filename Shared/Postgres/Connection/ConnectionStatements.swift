extension PostgresConnection {
    /// Runs one statement, by itself one transaction; answers its rows.
    public nonisolated func query<Value: PostgresRowDecodable>(
        _ sql: SQL, as type: Value.Type = Value.self, file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [Value] {
        let statement = Statement(sql, file, line)
        return try await perform(statement).decode(statement)
    }

    /// The same, each row read by `map`.
    public nonisolated func query<Value: Sendable>(
        _ sql: SQL, file: StaticString = #fileID, line: UInt = #line, _ map: (borrowing PostgresRow) throws -> Value
    ) async throws -> [Value] {
        let statement = Statement(sql, file, line)
        return try await perform(statement).map(statement, map)
    }

    /// Runs one statement; answers the number of rows it touched.
    @discardableResult
    public nonisolated func execute(_ sql: SQL, file: StaticString = #fileID, line: UInt = #line) async throws -> Int {
        try await perform(Statement(sql, file, line)).affected
    }

    /// Several statements in one round trip and one transaction: all or nothing.
    /// - Returns: for each the number of rows it touched.
    @discardableResult
    public nonisolated func executeAll(
        _ statements: [SQL], file: StaticString = #fileID, line: UInt = #line
    ) async throws -> [Int] {
        if statements.isEmpty { return [] }
        return try await perform(statements.map { Statement($0, file, line) }, keepAll: true).map(\.affected)
    }

    /// BEGIN … COMMIT on this connection, run once. See `PostgresPool.transaction`.
    public nonisolated func transaction<Value: Sendable>(
        _ mode: TransactionMode = .readWrite, _ body: (inout PostgresTransaction) async throws -> Value
    ) async throws -> Value {
        var transaction = PostgresTransaction(self, mode)
        let value: Value
        do {
            value = try await body(&transaction)
            try await transaction.commit()
        } catch {
            await transaction.rollBack()
            throw error
        }
        transaction.runActions()
        return value
    }

    /// No deadline for what follows on this lease (long migrations, waiting for an advisory lock); the pool restores it.
    public nonisolated func liftDeadlines() async throws {
        try await executeAll(["SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0"])
        onLoop { $0.patience = nil }
    }

    /// Undoes what a lease may have left behind: transaction, locks, settings, LISTENs. Closes the connection if it cannot.
    nonisolated func tidy() async {
        guard isOpen else { return }
        // What a cancelled lease left under way may be long, and would hold up whoever comes next.
        if isSettling || Task.isCancelled { return close() }
        do {
            if isInTransaction { try await execute("ROLLBACK") }
            try await executeAll(["SELECT pg_advisory_unlock_all()", "RESET ALL", "UNLISTEN *"])
            onLoop {
                $0.onNotification = nil
                $0.patience = $0.configuration.statementTimeout + .seconds(10)
            }
        } catch {
            close()
        }
    }
}

extension PostgresResult {
    func map<Value>(_ statement: Statement, _ transform: (borrowing PostgresRow) throws -> Value) throws -> [Value] {
        do { return try map(transform) } catch let error as PostgresError {
            throw error.adding(statement: statement.sql.text, location: statement.location)
        }
    }
}
