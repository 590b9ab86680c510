import Contracts
import EventLog
import Postgres
import Telemetry

/// Files an evaluation: one per closing and party, in the same transaction as `evaluation.given`.
struct GiveEvaluation: Sendable {
    let pool: PostgresPool
    let outbox: Outbox
    let clock: any Timekeeper
    let ids: UUIDv7Generator
    let meter: EvaluationMeter

    enum Outcome: Sendable, Equatable {
        case given(GivenEvaluation)
        /// It was given before by this very request.
        case repeated(GivenEvaluation)
        case refused(EvaluationRefusal)
    }

    func file(_ filing: Filing) async throws -> Outcome {
        do {
            let outcome = try await pool.transaction { transaction in try await file(filing, &transaction) }
            CrashPoint.pass(.votingAfterCommit)
            return outcome
        } catch let error as PostgresError where error.constraint == "evaluation_once" {
            // The row's lock keeps others out; should it ever not, the constraint does.
            return .refused(.alreadyGiven(at: clock.now()))
        }
    }

    private func file(_ filing: Filing, _ transaction: inout PostgresTransaction) async throws -> Outcome {
        let matter = try await transaction.query(EvaluationQueries.lock(filing.ticket), as: Evaluable.self).first
        // After the lock, so that it sees what those before us have committed.
        let given = try await transaction.query(EvaluationQueries.given(filing.ticket), as: GivenEvaluation.self)
        let now = clock.now()
        switch EvaluationRule.decide(filing, on: matter, given: given.filter { $0.party == filing.party }, at: now) {
        case .refuse(let refusal): return .refused(refusal)
        case .repeated(let earlier): return .repeated(earlier)
        case .file: break
        }
        guard let matter else { return .refused(.notClosed) }
        let evaluation = GivenEvaluation(
            id: ids.next(), closing: matter.closing, party: filing.party, opinion: filing.opinion.scrubbed, givenAt: now,
            key: filing.key, bodyHash: filing.bodyHash)
        // Each one given was said once.
        let version = Int32(clamping: given.count + 1)
        transaction.enqueue(EvaluationQueries.file(evaluation, on: filing.ticket, askedBy: filing.askedBy?.name))
        outbox.emit(Self.event(evaluation, matter, by: filing.by), version: version, in: &transaction)
        CrashPoint.pass(.votingMidEvaluation)
        transaction.afterCommit { [meter] in meter.count(evaluation) }
        return .given(evaluation)
    }

    private static func event(_ evaluation: GivenEvaluation, _ matter: Evaluable, by: Actor) -> EvaluationGiven {
        let opinion = evaluation.opinion
        return EvaluationGiven(
            evaluation: evaluation.id, ticket: matter.ticket, number: matter.number, work: evaluation.closing.work, by: by,
            contacted: opinion.contacted, solved: opinion.solved, satisfied: opinion.satisfied, reasons: opinion.reasons,
            area: matter.area, department: matter.department)
    }
}

/// Counts evaluations by what they say of the matter.
struct EvaluationMeter: Sendable {
    private let counters: [Solved: Counter]

    init(_ metrics: MetricsRegistry) {
        let pairs = Solved.allCases.map { solved in
            (solved, metrics.counter("shao_evaluations_total", "Evaluations given.", labels: [("solved", solved.rawValue)]))
        }
        counters = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
    }

    func count(_ evaluation: GivenEvaluation) { counters[evaluation.opinion.solved]?.add() }
}
