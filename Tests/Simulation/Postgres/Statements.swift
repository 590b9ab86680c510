import Postgres

extension PostgresModel {
    /// One statement that only reads: it sees what is visible at the moment it reaches the server.
    func read<T: Sendable>(
        from machine: SimulatedMachine, in session: Session? = nil, _ body: @escaping (Rows) throws -> T
    ) async throws -> T {
        try await statement(from: machine, in: session) { reply in
            do { reply(.success(try body(self.rows))) } catch { reply(.failure(error)) }
        }
    }

    /// One transaction that writes: it takes the row locks, looks again at what is then visible, and commits what `body` adds to
    /// its changes; an error rolls it back.
    func write<T: Sendable>(
        from machine: SimulatedMachine, in session: Session? = nil, locking keys: [String], synchronously: Bool,
        _ body: @escaping (Rows, Transaction) throws -> T
    ) async throws -> T {
        try await statement(from: machine, in: session) { [self] reply in
            if random.chance(habits.conflicts) {
                tally.conflicts += 1
                return reply(.failure(Self.conflict))
            }
            let transaction = begin()
            lock(keys, for: transaction) { [self] won in
                guard won else { return reply(.failure(Self.gone)) }
                let result: T
                do {
                    result = try body(rows, transaction)
                } catch {
                    abort(transaction)
                    return reply(.failure(error))
                }
                commit(transaction, synchronously: synchronously) { stored in
                    reply(stored ? .success(result) : .failure(Self.gone))
                }
            }
        }
    }

    /// The way there, the work, the way back; each takes its time, and each may be where the connection breaks.
    private func statement<T: Sendable>(
        from machine: SimulatedMachine, in session: Session?, _ work: @escaping (@escaping (Result<T, any Error>) -> Void) -> Void
    ) async throws -> T {
        try await machine.ask { (answer: Reply<T>) in
            let way = random.delay(upTo: habits.latency)
            guard let session else { return scheduler.after(way) { [self] in serve(answer, work) {} } }
            // What is sent on one connection comes in that order.
            session.lastArrival = max(session.lastArrival, scheduler.now + way)
            scheduler.after(session.lastArrival - scheduler.now) { [self] in
                session.run { [self] done in
                    guard session.isOpen || !isUp else {
                        answer.settle(.failure(Self.gone))
                        return done()
                    }
                    session.lastUsed = scheduler.now
                    serve(answer, work, done)
                }
            }
        }
    }

    private func serve<T: Sendable>(
        _ answer: Reply<T>, _ work: @escaping (@escaping (Result<T, any Error>) -> Void) -> Void, _ done: @escaping () -> Void
    ) {
        if !isUp {
            answer.settle(.failure(Self.starting))
            return done()
        }
        if random.chance(habits.refusals) {
            tally.refused += 1
            answer.settle(.failure(Self.gone))
            return done()
        }
        work { [self] result in
            done()
            if random.chance(habits.lostAnswers) {
                tally.answersLost += 1
                return answer.settle(.failure(Self.gone))
            }
            scheduler.after(random.delay(upTo: habits.latency)) { answer.settle(result) }
        }
    }

    static var gone: PostgresError { PostgresError(.connection, "the connection was lost") }
    static var starting: PostgresError { PostgresError(.server, "the database system is starting up", sqlState: "57P03") }
    static var conflict: PostgresError { PostgresError(.server, "could not serialize access", sqlState: "40001") }
}
