import Postgres

extension PostgresModel {
    /// A transaction on the server.
    final class Transaction: @unchecked Sendable {
        let life: Int
        var xid: UInt64?
        var changes: [Rows.Change] = []
        var held: [String] = []
        var hasEnded = false
        init(life: Int) { self.life = life }
    }

    func begin() -> Transaction { Transaction(life: life) }

    func isAlive(_ transaction: Transaction) -> Bool { isUp && transaction.life == life && !transaction.hasEnded }

    /// Its id, drawn by the first write.
    @discardableResult
    func xid(of transaction: Transaction) -> UInt64 {
        if let xid = transaction.xid { return xid }
        let xid = nextXid
        nextXid += 1
        transaction.xid = xid
        running.append(xid)
        return xid
    }

    /// Takes row locks, waiting for their holders in the order of arrival; give the keys in ascending order, across calls too, or
    /// two transactions may wait for each other for ever. `granted(false)` when the server went away meanwhile.
    func lock(_ keys: [String], for transaction: Transaction, granted: @escaping (Bool) -> Void) {
        guard isAlive(transaction) else { return granted(false) }
        guard let key = keys.first else { return granted(true) }
        let rest = Array(keys.dropFirst())
        let goOn: (Bool) -> Void = { [self] won in
            guard won, isAlive(transaction) else { return granted(false) }
            lock(rest, for: transaction, granted: granted)
        }
        if transaction.held.contains(key) { return goOn(true) }
        if locks[key] != nil {
            locks[key]?.waiting.append((transaction, goOn))
        } else {
            locks[key] = RowLock(holder: ObjectIdentifier(transaction))
            transaction.held.append(key)
            goOn(true)
        }
    }

    /// Writes the commit record; then, at once or after the flush, the transaction becomes visible and lets its locks go.
    /// Others may become visible in another order than their records have in the log.
    func commit(_ transaction: Transaction, synchronously: Bool, visible: @escaping (Bool) -> Void) {
        guard isAlive(transaction) else { return visible(false) }
        guard !transaction.changes.isEmpty || transaction.xid != nil else {
            finish(transaction)
            return visible(true)
        }
        let xid = xid(of: transaction)
        let place = append(Record(xid: xid, changes: transaction.changes))
        let show: () -> Void = { [self] in
            guard isAlive(transaction) else { return visible(false) }
            if synchronously { flush(upTo: place) }
            for change in transaction.changes { rows.apply(change) }
            end(xid)
            finish(transaction)
            visible(true)
        }
        if synchronously { scheduler.after(random.delay(upTo: habits.sync), show) } else { show() }
    }

    func abort(_ transaction: Transaction) {
        guard isAlive(transaction) else { return }
        if let xid = transaction.xid { end(xid) }
        finish(transaction)
    }

    private func end(_ xid: UInt64) {
        running.removeAll { $0 == xid }
        latestCompleted = max(latestCompleted, xid)
    }

    private func finish(_ transaction: Transaction) {
        transaction.hasEnded = true
        for key in transaction.held {
            guard var lock = locks[key] else { continue }
            if lock.waiting.isEmpty {
                locks[key] = nil
                continue
            }
            let next = lock.waiting.removeFirst()
            lock.holder = ObjectIdentifier(next.transaction)
            locks[key] = lock
            next.transaction.held.append(key)
            scheduler.after(0) { next.granted(true) }
        }
        transaction.held = []
    }
}

extension PostgresModel {
    /// A connection: it holds advisory locks until it ends, however it ends.
    final class Session: @unchecked Sendable {
        let machine: SimulatedMachine
        var isOpen = true
        var advisory: Set<Int64> = []
        var lastUsed = 0
        var lastArrival = 0
        /// Statements that have come and wait for the one that runs.
        private var waiting: [(@escaping () -> Void) -> Void] = []
        private(set) var isBusy = false
        init(machine: SimulatedMachine) { self.machine = machine }

        /// One statement after another: `work` says when it is done.
        func run(_ work: @escaping (_ done: @escaping () -> Void) -> Void) {
            if isBusy { return waiting.append(work) }
            isBusy = true
            work { [self] in
                isBusy = false
                if !waiting.isEmpty { run(waiting.removeFirst()) }
            }
        }
    }

    /// Server settings cut a session that says nothing for so long: a stopped process must not hold its locks for ever.
    private static var idleLimit: Int { 5_000_000 }

    func open(for machine: SimulatedMachine) async throws -> Session {
        try await read(from: machine) { [self] _ in
            let session = Session(machine: machine)
            session.lastUsed = scheduler.now
            sessions.append(session)
            machine.whenDead { [weak self, weak session] in
                guard let self else { return }
                scheduler.after(random.delay(upTo: 3_000_000)) { [weak self, weak session] in
                    if let session { self?.close(session) }
                }
            }
            watch(session)
            return session
        }
    }

    private func watch(_ session: Session) {
        scheduler.after(session.lastUsed + Self.idleLimit - scheduler.now) { [weak self, weak session] in
            guard let self, let session, session.isOpen else { return }
            if session.isBusy { session.lastUsed = scheduler.now }
            if scheduler.now - session.lastUsed < Self.idleLimit { return watch(session) }
            tally.sessionsCut += 1
            close(session)
        }
    }

    /// What runs in it still ends, and its locks with that.
    func close(_ session: Session) {
        session.isOpen = false
        session.run { [weak self] done in
            self?.sessions.removeAll { $0 === session }
            done()
        }
    }

    /// `pg_try_advisory_lock`: true when this session has it now.
    func tryLock(_ key: Int64, for session: Session) -> Bool {
        if sessions.contains(where: { $0 !== session && $0.advisory.contains(key) }) { return false }
        session.advisory.insert(key)
        return true
    }
}
