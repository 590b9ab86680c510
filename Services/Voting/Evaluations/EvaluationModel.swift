import Contracts
import HTTP

/// What somebody says of how a case went.
struct Opinion: Sendable, Equatable {
    var contacted: Contacted
    var solved: Solved
    var satisfied: Satisfied
    var reasons: [ReasonCode] = []
    /// nil when nothing is said.
    var words: PublicText?
}

/// Why an evaluation is not taken.
enum EvaluationRefusal: Sendable, Equatable {
    /// No such ticket for who asks.
    case unknown
    /// Not closed yet, or reopened.
    case notClosed
    case alreadyGiven(at: Timestamp)
    case expired(at: Timestamp)
    /// The Idempotency-Key came with another request before.
    case keyReused

    var problem: Problem {
        switch self {
        case .unknown: .notFound("There is no such ticket, or it is not yours.")
        case .notClosed: .conflict("not-closed-yet", "The matter can be evaluated once it is closed.")
        case .alreadyGiven(let at): .conflict("already-evaluated", "It was evaluated at \(at); once per matter.")
        case .expired(let at): .conflict("evaluation-expired", "It could be evaluated until \(at).")
        case .keyReused: Problem(422, "idempotency-key-reused", detail: "This Idempotency-Key was used before, with another request.")
        }
    }
}
