/// One of several statements that travel together, and what its rows are read as.
public struct PostgresQuery<Value: PostgresRowDecodable>: Sendable {
    let statement: Statement

    public init(_ sql: SQL, as type: Value.Type = Value.self, file: StaticString = #fileID, line: UInt = #line) {
        statement = Statement(sql, file, line)
    }

    func rows(_ results: inout ArraySlice<PostgresResult>) throws(PostgresError) -> [Value] {
        guard let result = results.popFirst() else {
            throw PostgresError(.protocolViolation, "no answer").adding(
                statement: statement.sql.text, location: statement.location)
        }
        return try result.decode(statement)
    }
}

extension PostgresTransaction {
    /// Sends what is enqueued and all the statements in one round trip; answers the rows of each.
    ///
    /// The server runs them one after the other. In read committed each sees what was committed when it began: what is to be read as
    /// it stands under a lock belongs behind the statement that locks, not into it.
    public mutating func query<each Value: PostgresRowDecodable>(
        together queries: repeat PostgresQuery<each Value>
    ) async throws -> (repeat [each Value]) {
        var statements: [Statement] = []
        for query in repeat each queries { statements.append(query.statement) }
        var results = try await send(all: statements)[...]
        return (repeat try (each queries).rows(&results))
    }
}

extension PostgresPool {
    /// Runs the statements over one snapshot and in one round trip; answers the rows of each. Nothing can be written by them.
    public func query<each Value: PostgresRowDecodable>(
        together queries: repeat PostgresQuery<each Value>
    ) async throws -> (repeat [each Value]) {
        var statements: [Statement] = []
        for query in repeat each queries { statements.append(query.statement) }
        var results = try await perform(snapshot: statements)[...]
        return (repeat try (each queries).rows(&results))
    }
}

extension PostgresConnection {
    /// The statements between BEGIN and COMMIT of a read-only snapshot, all in one round trip; the results of the statements alone.
    nonisolated func perform(snapshot statements: [Statement]) async throws(PostgresError) -> [PostgresResult] {
        let opening = TransactionMode.readOnlySnapshot.opening
        do {
            let results = try await perform(opening + statements + [PostgresTransaction.commitStatement], keepAll: true)
            return Array(results.dropFirst(opening.count).prefix(statements.count))
        } catch {
            // A statement failed before COMMIT was reached: the transaction is still open.
            if isOpen, isInTransaction { rollBackUnwaited() }
            throw error
        }
    }
}
