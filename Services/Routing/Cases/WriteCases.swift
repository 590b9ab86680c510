import Contracts
import EventLog
import Postgres
import Telemetry

/// Writes what was decided, in the transaction that locked the cases: rows, clocks, dispatches, and every event with it.
struct WriteCases: Sendable {
    let city: City
    let outbox: Outbox
    let news: CaseNews
    let dispatchNews: DispatchNews
    let clock: any Timekeeper
    let called: Counter
    /// Called after a commit that started a clock which fires before the due scan would look again.
    let wake: @Sendable () -> Void

    /// No round trip: everything travels with the transaction's next await, at the latest with COMMIT.
    func write(
        _ outcomes: [CaseOutcome], traces: [CaseID: TraceContext] = [:], in transaction: inout PostgresTransaction
    ) {
        let changed = outcomes.filter { !$0.decisions.isEmpty }
        guard !changed.isEmpty else { return }
        let opened = changed.filter { $0.before == nil }
        let updated = changed.filter { $0.before != nil }
        if !opened.isEmpty { transaction.enqueue(CaseQueries.insert(CaseRows(opened))) }
        if !updated.isEmpty { transaction.enqueue(CaseQueries.update(CaseRows(updated))) }
        writeClocks(changed, &transaction)
        let dispatches = changed.flatMap { outcome in outcome.newDispatches.map { (outcome.after.id, $0) } }
        if !dispatches.isEmpty {
            transaction.enqueue(CaseQueries.addDispatches(dispatches))
            transaction.afterCommit { called.add(dispatches.count) }
        }
        let words = changed.flatMap { CaseWord.all($0, in: city) }
        if !words.isEmpty { transaction.enqueue(WordQueries.add(words)) }
        outbox.emit(changed.flatMap { events($0, trace: traces[$0.after.id] ?? TraceContext.current) }, in: &transaction)
    }

    private func writeClocks(_ outcomes: [CaseOutcome], _ transaction: inout PostgresTransaction) {
        var started = ClockRows()
        var stopped: [(CaseID, CaseClock)] = []
        for outcome in outcomes {
            for clock in outcome.startedClocks { started.add(clock, of: outcome.after, in: city.context.calendar) }
            stopped += outcome.stoppedClocks.map { (outcome.after.id, $0) }
        }
        if !stopped.isEmpty { transaction.enqueue(ClockQueries.remove(stopped)) }
        guard !started.isEmpty else { return }
        transaction.enqueue(ClockQueries.put(started))
        let soon = clock.now().adding(milliseconds: FireClocks.horizon)
        if started.firesAt.contains(where: { $0.map { $0 <= soon } ?? false }) { transaction.afterCommit(wake) }
    }

    private func events(_ outcome: CaseOutcome, trace: TraceContext?) -> [CommittedEvent] {
        var prepared: [CommittedEvent] = []
        var before = outcome.before
        for decision in outcome.decisions {
            for (event, version) in news.events(of: decision, outcome.report, sentOut: !outcome.newDispatches.isEmpty) {
                prepared.append(outbox.prepare(event, version: Int32(clamping: version), cause: outcome.cause, trace: trace))
            }
            for message in dispatchNews.messages(from: before, by: decision, outcome.report) {
                prepared.append(
                    outbox.prepare(
                        message.event, topic: Topics.dispatch(message.department),
                        version: Int32(clamping: decision.after.version), cause: outcome.cause, trace: trace))
            }
            before = decision.after
        }
        return prepared
    }
}
