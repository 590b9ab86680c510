import Contracts
import EventLog
import Postgres
import Telemetry

/// Writes what was decided, in the transaction that locked the cases: their rows, and every event with them.
struct WriteCases: Sendable {
    let city: CurrentCity
    let outbox: Outbox
    let eventMapper: CaseEventMapper
    let dispatchNews: DispatchEventMapper
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
        let rows = SaveCases(changed, in: city.now)
        rows.enqueue(in: &transaction)
        let calls = changed.reduce(0) { $0 + $1.newDispatches.count }
        if calls > 0 { transaction.afterCommit { called.add(calls) } }
        let soon = clock.now().adding(milliseconds: FireClocks.horizon)
        if rows.firesAt.contains(where: { $0 <= soon }) { transaction.afterCommit(wake) }
        let notes = changed.flatMap { CaseNote.all($0) }
        if !notes.isEmpty { transaction.enqueue(NoteQueries.add(notes)) }
        outbox.emit(changed.flatMap { events($0, trace: traces[$0.after.id] ?? TraceContext.current) }, in: &transaction)
    }

    private func events(_ outcome: CaseOutcome, trace: TraceContext?) -> [CommittedEvent] {
        var prepared: [CommittedEvent] = []
        let isSentOut = outcome.before == nil && !outcome.newDispatches.isEmpty
        var before = outcome.before
        for decision in outcome.decisions {
            for (event, version) in eventMapper.events(of: decision, isSentOut: isSentOut) {
                prepared.append(outbox.prepare(event, version: Int32(clamping: version), cause: outcome.cause, trace: trace))
            }
            for message in dispatchNews.messages(from: before, by: decision, outcome.report) {
                let topics = city.now.directory.topics(of: message.department)
                prepared.append(
                    outbox.prepare(
                        message.event, topic: topics.dispatch, key: topics.key(outcome.after.id),
                        version: Int32(clamping: decision.after.version), cause: outcome.cause, trace: trace))
            }
            before = decision.after
        }
        return prepared
    }
}
