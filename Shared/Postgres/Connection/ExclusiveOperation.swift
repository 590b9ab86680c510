import CLibpq
import EventLoop
import Synchronization

/// COPY or a script of several statements: libpq allows neither in pipeline mode, so the connection leaves it meanwhile.
///
/// Unchecked because everything but the flag is touched on the loop's thread only.
final class ExclusiveOperation: @unchecked Sendable {
    let statement: Statement
    let cancelled = Atomic<Bool>(false)
    /// Between COPY's beginning and its end nothing may be read.
    var isCopying = false
    var affected = 0
    var error: PostgresError?
    private var continuation: CheckedContinuation<Result<Int, PostgresError>, Never>?

    init(_ statement: Statement) { self.statement = statement }

    var isWaiting: Bool { continuation != nil }

    func arm(_ continuation: CheckedContinuation<Result<Int, PostgresError>, Never>) { self.continuation = continuation }

    func finish(_ result: Result<Int, PostgresError>) {
        let waiting = continuation
        continuation = nil
        waiting?.resume(returning: result.mapError { $0.adding(statement: statement.sql.text, location: statement.location) })
    }
}

extension PostgresConnection {
    /// Runs several statements given as one text, without parameters; as one transaction unless one is open.
    nonisolated func script(_ statement: Statement) async throws(PostgresError) {
        _ = try await step(ExclusiveOperation(statement)) { $0.begin($1) }
    }

    /// Sends COPY … FROM STDIN and waits until the server is ready for the rows.
    nonisolated func beginCopy(_ statement: Statement) async throws(PostgresError) -> ExclusiveOperation {
        let work = ExclusiveOperation(statement)
        _ = try await step(work) { $0.begin($1) }
        guard work.isCopying else {
            throw PostgresError(.usage, "the statement is no COPY FROM STDIN")
                .adding(statement: statement.sql.text, location: statement.location)
        }
        return work
    }

    /// Sends a piece of COPY's data and waits until the socket has taken it.
    nonisolated func writeCopy(_ work: ExclusiveOperation, _ bytes: [UInt8]) async throws(PostgresError) {
        _ = try await step(work) { $0.put(bytes, $1) }
    }

    /// Ends COPY, well or with a reason to give up. Answers the number of rows stored.
    nonisolated func endCopy(_ work: ExclusiveOperation, abortingBecause reason: String? = nil) async throws(PostgresError) -> Int {
        try await step(work) { $0.end(reason, $1) }
    }

    private nonisolated func step(
        _ work: ExclusiveOperation, _ body: @escaping @Sendable (isolated PostgresConnection, ExclusiveOperation) -> Void
    ) async throws(PostgresError) -> Int {
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                work.arm(continuation)
                onLoop { connection in
                    if work.cancelled.load(ordering: .acquiring) {
                        connection.abandon(work)
                    } else {
                        body(connection, work)
                    }
                }
            }
        } onCancel: {
            work.cancelled.store(true, ordering: .releasing)
            loop.execute { self.assumeIsolated { $0.abandon(work) } }
        }
        return try answer.get()
    }

    private func abandon(_ work: ExclusiveOperation) {
        if alone === work {
            work.finish(.failure(.cancelled))
            stop(because: PostgresError(.connection, "closed: the task of a COPY or script was cancelled"))
        } else {
            work.finish(.failure(.cancelled))
        }
    }

    private func begin(_ work: ExclusiveOperation) {
        guard let pointer = handle?.pointer else { return work.finish(.failure(.closed)) }
        guard alone == nil, slots.isEmpty, PQexitPipelineMode(pointer) == 1 else {
            return work.finish(.failure(PostgresError(.usage, "statements are still running on this connection")))
        }
        alone = work
        lastProgress = .now
        guard PQsendQuery(pointer, work.statement.sql.text) == 1 else { return fail(connectionError(pointer)) }
        flush(pointer)
    }

    private func put(_ bytes: [UInt8], _ work: ExclusiveOperation) {
        guard let pointer = handle?.pointer, alone === work else { return work.finish(.failure(.closed)) }
        let sent = bytes.withUnsafeBytes { raw in
            PQputCopyData(pointer, raw.baseAddress?.assumingMemoryBound(to: CChar.self), CInt(clamping: raw.count))
        }
        guard sent == 1 else { return fail(connectionError(pointer)) }
        flush(pointer)
        if !flushPending { work.finish(.success(0)) }
    }

    private func end(_ reason: String?, _ work: ExclusiveOperation) {
        guard let pointer = handle?.pointer, alone === work else { return work.finish(.failure(.closed)) }
        work.isCopying = false
        guard PQputCopyEnd(pointer, reason) == 1 else { return fail(connectionError(pointer)) }
        flush(pointer)
    }

    func receiveAlone(_ pointer: OpaquePointer) {
        guard let work = alone else { return }
        if work.isCopying {
            if !flushPending { work.finish(.success(0)) }
            return
        }
        while PQisBusy(pointer) == 0 {
            guard let raw = PQgetResult(pointer) else { return endAlone(work, pointer) }
            let status = PQresultStatus(raw)
            switch status {
            case PGRES_COPY_IN: work.isCopying = true
            case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
                work.error = work.error ?? PostgresError(result: raw).located(in: work.statement.sql.text, raw)
            case PGRES_COPY_OUT, PGRES_COPY_BOTH:
                PQclear(raw)
                return fail(PostgresError(.usage, "COPY TO is not supported"))
            default: work.affected = PQcmdTuples(raw).flatMap { Int(String(cString: $0)) } ?? 0
            }
            PQclear(raw)
            if work.isCopying { return work.finish(.success(0)) }
        }
    }

    private func endAlone(_ work: ExclusiveOperation, _ pointer: OpaquePointer) {
        // A FATAL answer leaves no connection to go on with; its own error is the better story.
        guard PQstatus(pointer) == CONNECTION_OK, PQenterPipelineMode(pointer) == 1 else {
            return fail(work.error ?? connectionError(pointer))
        }
        alone = nil
        noteTransaction(pointer)
        work.finish(work.error.map { .failure($0) } ?? .success(work.affected))
    }
}

extension PostgresError {
    /// The line of a script at which the server stumbled, put into the message.
    fileprivate func located(in text: String, _ result: OpaquePointer) -> PostgresError {
        guard let field = cpq_position(result), let position = Int(String(cString: field)) else { return self }
        let line = text.unicodeScalars.prefix(max(0, position - 1)).count { $0 == "\n" } + 1
        return PostgresError(
            kind, "\(message) (line \(line))", sqlState: sqlState, detail: detail, hint: hint, constraint: constraint)
    }
}
