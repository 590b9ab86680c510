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

    func file(_ action: Evaluate) async throws -> Outcome {
        do {
            let outcome = try await pool.transaction { transaction in try await file(action, &transaction) }
            CrashPoint.pass(.votingAfterCommit)
            return outcome
        } catch let error as PostgresError where error.constraint == "evaluation_once" {
            // The row's lock keeps others out; should it ever not, the constraint does.
            return .refused(.alreadyGiven(at: clock.now()))
        }
    }

    private func file(_ action: Evaluate, _ transaction: inout PostgresTransaction) async throws -> Outcome {
        let matter = try await transaction.query(EvaluationQueries.lock(action.ticket), as: Evaluable.self).first
        // After the lock, so that it sees what those before us have committed.
        let given = try await transaction.query(EvaluationQueries.given(action.ticket), as: GivenEvaluation.self)
        let now = clock.now()
        switch action.decide(on: matter, given: given.filter { $0.party == action.party }, at: now) {
        case .refuse(let refusal): return .refused(refusal)
        case .repeated(let earlier): return .repeated(earlier)
        case .file: break
        }
        guard let matter else { return .refused(.notClosed) }
        let (evaluation, event) = action.perform(as: ids.next(), on: matter, at: now)
        transaction.enqueue(EvaluationQueries.file(evaluation, on: action.ticket, askedBy: action.askedBy?.name))
        // Each one given was said once.
        outbox.emit(event, version: Int32(clamping: given.count + 1), in: &transaction)
        CrashPoint.pass(.votingMidEvaluation)
        transaction.afterCommit { [meter] in meter.count(evaluation) }
        return .given(evaluation)
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
