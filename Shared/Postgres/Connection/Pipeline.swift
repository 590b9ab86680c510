import CLibpq
import EventLoop
import Synchronization
import Telemetry

/// The arrays libpq wants beside a statement, reused from one to the next.
struct ParameterBuffers {
    var values: [UnsafePointer<CChar>?] = []
    var lengths: [CInt] = []
    /// Always 1: binary. Grows with the longest statement.
    var formats: [CInt] = []

    mutating func fill(_ binds: [SQL.Bind], from bytes: UnsafeRawBufferPointer) {
        values.removeAll(keepingCapacity: true)
        lengths.removeAll(keepingCapacity: true)
        while formats.count < binds.count { formats.append(1) }
        for bind in binds {
            let start = bind.length < 0 ? nil : bytes.baseAddress?.advanced(by: bind.offset)
            values.append(start?.assumingMemoryBound(to: CChar.self))
            lengths.append(CInt(truncatingIfNeeded: max(0, bind.length)))
        }
    }
}

extension PostgresConnection {
    /// What the connection waits for; nil once it is closed.
    var interest: (socket: CInt, readiness: Readiness)? {
        handle == nil ? nil : (socket, flushPending ? [.readable, .writable] : .readable)
    }

    /// Serves the socket until the connection is closed; on the loop's thread. Cancelling it closes the connection.
    nonisolated func serve() async {
        while let interest = currentInterest() {
            do {
                _ = try await loop.wait(interest.socket, for: interest.readiness)
                onLoop { $0.becameReady() }
            } catch {
                onLoop { $0.stop(because: .closed) }
            }
        }
    }

    private nonisolated func currentInterest() -> (socket: CInt, readiness: Readiness)? {
        assumeIsolated { $0.interest }
    }

    private func becameReady() {
        guard let pointer = handle?.pointer else { return }
        lastProgress = .now
        let alive = PQconsumeInput(pointer) == 1
        let notifications = takeNotifications(pointer)
        if alive { flush(pointer) }
        // Each step may end the connection, and the pointer with it.
        if handle != nil { if alone != nil { receiveAlone(pointer) } else { receivePipeline(pointer) } }
        // What arrived before the end says more than the end: hence after receiving.
        if handle != nil, !alive || PQstatus(pointer) == CONNECTION_BAD { lost(pointer) }
        for notification in notifications { onNotification?(notification) }
    }

    private func lost(_ pointer: OpaquePointer) {
        guard handle != nil else { return }
        fail(connectionError(pointer))
    }

    func connectionError(_ pointer: OpaquePointer) -> PostgresError {
        let message = PQerrorMessage(pointer).map { String(cString: $0) } ?? ""
        let line = message.split(separator: "\n").first.map(String.init) ?? "connection lost"
        return PostgresError(.connection, line)
    }

    // MARK: sending

    func submit(_ group: StatementGroup) {
        guard let pointer = handle?.pointer else { return refuse(group, .goneBefore) }
        if group.cancelled.load(ordering: .acquiring) { return refuse(group, .cancelled) }
        if alone != nil { return refuse(group, PostgresError(.usage, "COPY or a script is running on this connection")) }
        for statement in group.statements {
            if let problem = statement.sql.checked() {
                return refuse(group, problem.adding(statement: statement.sql.text, location: statement.location))
            }
        }
        if slots.isEmpty { lastProgress = .now }
        let tidied = slots.isEmpty && !isInTransaction ? deallocateEvicted(pointer) : true
        groups.append(group)
        group.isSent = true
        guard tidied else { return lost(pointer) }
        for statement in group.statements where !send(statement.sql, group.id, pointer) { return lost(pointer) }
        // libpq 15 writes to the socket here; hence one sync per group and not one per statement.
        guard PQpipelineSync(pointer) == 1 else { return lost(pointer) }
        slots.append(.sync)
        flush(pointer)
    }

    private func refuse(_ group: StatementGroup, _ error: PostgresError) {
        group.failed(error)
        meter.failed(group)
        ended(group)
    }

    /// Writes what it can. What is left waits for the socket, either side of it: else both ends could wait for ever.
    func flush(_ pointer: OpaquePointer) {
        switch PQflush(pointer) {
        case 0: flushPending = false
        case 1:
            // The server of the socket sleeps on reading alone: wake it, it will ask `interest` again.
            if !flushPending { loop.forget(socket) }
            flushPending = true
        default: lost(pointer)
        }
    }

    /// With a sync of its own, so that it is no part of anybody's transaction, and only outside one.
    private func deallocateEvicted(_ pointer: OpaquePointer) -> Bool {
        let names = cache.takeEvicted()
        if names.isEmpty { return true }
        for name in names {
            guard PQsendQueryParams(pointer, "DEALLOCATE s\(name)", 0, nil, nil, nil, nil, 1) == 1 else { return false }
            slots.append(.deallocate)
        }
        slots.append(.tidied)
        return PQpipelineSync(pointer) == 1
    }

    private func send(_ sql: SQL, _ group: UInt64, _ pointer: OpaquePointer) -> Bool {
        let plan = cache.plan(for: sql, group: group)
        let count = CInt(truncatingIfNeeded: sql.binds.count)
        if case .prepare(let name) = plan {
            let oids = sql.binds.map(\.oid)
            guard PQsendPrepare(pointer, "s\(name)", sql.text, count, oids) == 1 else { return false }
            slots.append(.prepare(name))
        }
        slots.append(.statement)
        return sql.withBytes { bytes in
            parameters.fill(sql.binds, from: bytes)
            switch plan {
            case .prepared(let name), .prepare(let name):
                return PQsendQueryPrepared(
                    pointer, "s\(name)", count, parameters.values, parameters.lengths, parameters.formats, 1) == 1
            case .unnamed:
                return PQsendQueryParams(
                    pointer, sql.text, count, sql.binds.map(\.oid), parameters.values, parameters.lengths,
                    parameters.formats, 1) == 1
            }
        }
    }

    // MARK: receiving

    /// Answers in the order sent: a result, then NULL; a sync stands alone.
    private func receivePipeline(_ pointer: OpaquePointer) {
        var blanks = 0
        while !slots.isEmpty, PQisBusy(pointer) == 0 {
            if let raw = PQgetResult(pointer) {
                blanks = 0
                guard accept(raw, pointer) else { return }
            } else if answered {
                slots.popFirst()
                answered = false
            } else {
                // One NULL lies between two statements; more mean that nothing is there yet.
                blanks += 1
                if blanks > 2 { return }
            }
        }
    }

    private func accept(_ raw: OpaquePointer, _ pointer: OpaquePointer) -> Bool {
        guard let slot = slots.first, let group = groups.first else {
            PQclear(raw)
            return violated("an answer nobody asked for")
        }
        let status = PQresultStatus(raw)
        switch slot {
        case .sync, .tidied:
            PQclear(raw)
            guard status == PGRES_PIPELINE_SYNC else { return violated("\(status.rawValue) instead of a sync") }
            if case .tidied = slot { slots.popFirst() } else { finishGroup(group, pointer) }
            return handle != nil
        case .deallocate:
            // Whether the server still had it or not: it is gone.
            PQclear(raw)
            answered = true
            return true
        case .prepare, .statement: return take(raw, status, slot, group)
        }
    }

    private func take(_ raw: OpaquePointer, _ status: ExecStatusType, _ slot: Slot, _ group: StatementGroup) -> Bool {
        switch status {
        case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: succeeded(slot, group, raw)
        case PGRES_PIPELINE_ABORTED:
            PQclear(raw)
            skipped(slot, group)
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR:
            let error = PostgresError(result: raw)
            PQclear(raw)
            refused(slot, group, error)
        default:
            PQclear(raw)
            return violated("COPY belongs into copy(_:into:), not into a query")
        }
        answered = true
        return true
    }

    private func succeeded(_ slot: Slot, _ group: StatementGroup, _ raw: OpaquePointer) {
        switch slot {
        case .prepare(let name): cache.confirm(name)
        case .statement:
            group.next += 1
            if group.abandonedAt == nil, group.keepAll || group.next == group.statements.count {
                group.results.append(PostgresResult(taking: raw))
                return
            }
        case .deallocate, .tidied, .sync: break
        }
        PQclear(raw)
    }

    private func refused(_ slot: Slot, _ group: StatementGroup, _ error: PostgresError) {
        if case .statement = slot, error.isStalePlan, group.next < group.statements.count {
            cache.drop(group.statements[group.next].sql, knownToServer: error.sqlState != "26000")
        }
        group.failed(error)
        skipped(slot, group)
    }

    /// The statement failed, or was passed over because an earlier one did.
    private func skipped(_ slot: Slot, _ group: StatementGroup) {
        switch slot {
        case .prepare(let name): cache.forget(name)
        case .statement: group.next += 1
        case .deallocate, .tidied, .sync: break
        }
    }

    private func finishGroup(_ group: StatementGroup, _ pointer: OpaquePointer) {
        slots.popFirst()
        groups.popFirst()
        if slots.isEmpty {
            // libpq leaves the pipeline's last state only when asked once more; till then it calls itself busy.
            if let stray = PQgetResult(pointer) { PQclear(stray) }
            noteTransaction(pointer)
        }
        meter.finished(group)
        ended(group)
    }

    private func violated(_ message: String) -> Bool {
        fail(PostgresError(.protocolViolation, message))
        return false
    }

    private func takeNotifications(_ pointer: OpaquePointer) -> [PostgresNotification] {
        var taken: [PostgresNotification] = []
        while let notice = PQnotifies(pointer) {
            defer { PQfreemem(notice) }
            taken.append(
                PostgresNotification(
                    channel: String(cString: notice.pointee.relname), payload: String(cString: notice.pointee.extra),
                    processID: notice.pointee.be_pid))
        }
        return taken
    }
}

extension PostgresError {
    init(result: OpaquePointer) {
        func text(_ field: UnsafePointer<CChar>?) -> String? { field.map { String(cString: $0) } }
        let state = text(cpq_sqlstate(result))
        // What has no code was not said by the server: libpq speaks for a connection that ended.
        self.init(
            state == nil ? .connection : .server, text(cpq_message(result)) ?? text(PQresultErrorMessage(result)) ?? "unknown error",
            sqlState: state, detail: text(cpq_detail(result)), hint: text(cpq_hint(result)),
            constraint: text(cpq_constraint(result)))
    }
}

extension SQL {
    /// The values' bytes. Never without an address: libpq takes a null pointer for NULL, and an empty text is none.
    func withBytes<Answer>(_ body: (UnsafeRawBufferPointer) -> Answer) -> Answer {
        bytes.withUnsafeBytes { raw in
            if raw.baseAddress != nil { return body(raw) }
            return withUnsafeBytes(of: UInt8(0)) { body($0) }
        }
    }
}
