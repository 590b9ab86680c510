import Contracts
import EventLog
import Postgres
import Telemetry

/// What the resident says afterwards: takes the ticket back, or evaluates the work on it.
///
/// A word that comes too late (the case has moved on, the window is over) changes nothing and is counted; it stays on record
/// with the service that took it.
struct HearResident: Sendable {
    let carryOut: CarryOut
    let tooLate: Counter

    init(carryOut: CarryOut, metrics: MetricsRegistry) {
        self.carryOut = carryOut
        tooLate = metrics.counter("shao_resident_too_late_total", "Withdrawals and evaluations that no longer fit the case.")
    }

    func withdraw(_ events: [Envelope<TicketWithdrawn>], _ transaction: inout PostgresTransaction) async throws {
        try await apply(
            events.map { Word(ticket: $0.body.ticket, command: .withdraw(reason: $0.body.reason), cause: $0.id, trace: $0.trace) },
            &transaction)
    }

    /// Only the resident's evaluation moves the case; the staff's is a matter of statistics.
    func evaluate(_ events: [Envelope<EvaluationGiven>], _ transaction: inout PostgresTransaction) async throws {
        let words = events.filter { $0.body.party == .resident }.map { event in
            Word(
                ticket: event.body.ticket,
                command: .evaluate(event.body.contacted, event.body.solved, event.body.satisfied), cause: event.id,
                trace: event.trace)
        }
        try await apply(words, &transaction)
    }

    private struct Word {
        let ticket: CaseID, command: CaseCommand, cause: EventID, trace: TraceContext?
    }

    private func apply(_ words: [Word], _ transaction: inout PostgresTransaction) async throws {
        guard !words.isEmpty else { return }
        let files = try await transaction.query(CaseQueries.lock(words.map(\.ticket)), as: CaseFile.self)
        let byID = Dictionary(files.map { ($0.one.id, $0) }, uniquingKeysWith: { first, _ in first })
        let (now, city) = (carryOut.clock.now(), carryOut.city)
        var traces: [CaseID: TraceContext] = [:]
        var outcomes: [CaseOutcome] = []
        for word in words {
            guard let file = byID[word.ticket],
                let decision = try? CaseTable.decide(file.one, word.command, by: city.actors.resident, at: now, in: city.context)
            else {
                tooLate.add()
                continue
            }
            traces[word.ticket] = word.trace
            outcomes.append(CaseOutcome(before: file.one, report: file.report, decision: decision, cause: word.cause))
        }
        carryOut.write.write(outcomes, traces: traces, in: &transaction)
    }
}
