import Contracts
import EventLog
import Postgres
import Telemetry

/// What the resident says afterwards: takes the ticket back, asks for a review of a refusal, or evaluates the work on it.
///
/// A withdrawal that comes too late changes nothing but is kept on the case's course and answered (`case.kept`). An evaluation
/// that comes too late changes nothing and is counted; it stays on record with the service that took it.
struct ApplyResidentEvents: Sendable {
    let execute: ExecuteCaseCommand
    let damaged: DamagedCases
    let tooLate: Counter

    init(execute: ExecuteCaseCommand, damaged: DamagedCases, metrics: MetricsRegistry) {
        self.execute = execute
        self.damaged = damaged
        tooLate = metrics.counter("shao_resident_too_late_total", "Evaluations and requests for review that no longer fit the case.")
    }

    /// Every state has an answer to it. Throws when there is no case: the ticket's events come in their order, so something
    /// before it is missing, and the word waits for that.
    func withdraw(_ events: [Envelope<TicketWithdrawn>], _ transaction: inout PostgresTransaction) async throws {
        let words = events.map { event in
            Word(
                ticket: event.body.ticket, action: Withdraw(reason: PublicText(scrubbing: event.body.reason)), cause: event.id,
                trace: event.trace)
        }
        for refused in try await apply(words, &transaction) { throw refused }
    }

    /// A refusal is reviewed by the street while its window is open. What comes later is counted.
    func review(_ events: [Envelope<TicketReviewRequested>], _ transaction: inout PostgresTransaction) async throws {
        let targets = try await mergedInto(events.map(\.body.ticket), &transaction)
        let words = events.map { event in
            let said = PublicText(scrubbing: event.body.reason)
            let target = targets[event.body.ticket]
            // All who wait for a shared case are told of it; what one of them wrote is for the staff.
            let action = target == nil ? Reopen(reason: said) : Reopen(reason: "反映同一问题的另一位居民申请复核", said: said)
            return Word(ticket: target ?? event.body.ticket, action: action, cause: event.id, trace: event.trace)
        }
        tooLate.add(try await apply(words, &transaction).count)
    }

    /// Only the resident's evaluation moves the case; the staff's is a matter of statistics.
    func evaluate(_ events: [Envelope<EvaluationGiven>], _ transaction: inout PostgresTransaction) async throws {
        let words = events.filter { $0.body.party == .resident }.compactMap { event in
            Self.action(of: event.body).map { Word(ticket: event.body.work, action: $0, cause: event.id, trace: event.trace) }
        }
        tooLate.add(try await apply(words, &transaction).count)
    }

    /// Whose ticket was merged into another evaluates the work on that one. "Not solved" reopens it; all else is on record with the
    /// service that took it, and moves nobody.
    private static func action(of evaluation: EvaluationGiven) -> (any CaseAction)? {
        if evaluation.work == evaluation.ticket { return Evaluate(evaluation.contacted, evaluation.solved, evaluation.satisfied) }
        return evaluation.solved == .no ? Reopen(reason: "反映同一问题的另一位居民评价为未解决") : nil
    }

    /// The cases that some of these were merged into.
    private func mergedInto(
        _ tickets: [CaseID], _ transaction: inout PostgresTransaction
    ) async throws -> [CaseID: CaseID] {
        guard !tickets.isEmpty else { return [:] }
        let pairs = try await transaction.query(CaseQueries.mergedInto(tickets)) { row in
            (try row["ticket"] as CaseID, try row["merged_into"] as CaseID)
        }
        return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    private struct Word {
        let ticket: CaseID, action: any CaseAction, cause: EventID, trace: TraceContext?
    }

    /// Writes what the cases allow and answers with what they refuse. Throws `CaseDamaged` for a case that cannot be read: the word
    /// about it waits, parked, until somebody has mended the case.
    private func apply(_ words: [Word], _ transaction: inout PostgresTransaction) async throws -> [CaseRefusal] {
        guard !words.isEmpty else { return [] }
        let files = try await transaction.lockCases(.tickets(words.map(\.ticket))).map { stored throws(CaseDamaged) in
            do throws(CaseDamaged) { return try stored.file } catch {
                damaged.report(error)
                throw error
            }
        }
        let byID = Dictionary(files.map { ($0.serviceCase.id, $0) }, uniquingKeysWith: { first, _ in first })
        let (now, city) = (execute.clock.now(), execute.city.now)
        var traces: [CaseID: TraceContext] = [:]
        var outcomes: [CaseID: CaseOutcome] = [:]
        var refused: [CaseRefusal] = []
        for word in words {
            do throws(CaseRefusal) {
                guard let file = byID[word.ticket] else { throw .unknownCase }
                let serviceCase = outcomes[word.ticket]?.after ?? file.serviceCase
                let decision = try serviceCase.decide(word.action, by: .resident, at: now, in: city.context(of: serviceCase))
                traces[word.ticket] = word.trace
                if outcomes[word.ticket] == nil {
                    outcomes[word.ticket] = CaseOutcome(
                        before: file.serviceCase, report: file.report, decision: decision, cause: word.cause)
                } else {
                    outcomes[word.ticket]?.add(decision)
                }
            } catch { refused.append(error) }
        }
        execute.write.write(outcomes.values.sorted { $0.after.id < $1.after.id }, traces: traces, in: &transaction)
        return refused
    }
}
