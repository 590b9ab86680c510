import Contracts
import HTTP

/// What somebody says of how a case went.
struct Opinion: Sendable, Equatable {
    var contacted: Contacted
    var solved: Solved
    var satisfied: Satisfied
    var reasons: [ReasonCode] = []
    var words: String?

    /// Unicode scalars, a line break as one: never fewer than the page lets pass, which counts UTF-16 code units.
    static let maxWords = 1000
    static let reasonCodes = Set(EvaluationPage.reasonChoices.map(\.code))

    /// Throws 422 for reasons that no form offers or that come twice, and for a text too long.
    func check() throws(Problem) {
        for (place, reason) in reasons.enumerated() {
            guard Self.reasonCodes.contains(reason.description) else {
                throw Self.refusal("#/reasons/\(place)", "reason-unknown", "There is no reason \(reason).")
            }
            guard !reasons.prefix(place).contains(reason) else {
                throw Self.refusal("#/reasons/\(place)", "reason-twice", "Each reason counts once.")
            }
        }
        if let words, words.unicodeScalars.count > Self.maxWords {
            throw Self.refusal("#/text", "text-too-long", "At most \(Self.maxWords) characters.")
        }
    }

    /// As it may be kept and may travel: words without personal numbers, nil when nothing is said.
    var scrubbed: Opinion {
        var copy = self
        copy.words = words.flatMap { $0.allSatisfy(\.isWhitespace) ? nil : PersonalData.scrub($0) }
        return copy
    }

    static func refusal(_ pointer: String, _ code: String, _ detail: String) -> Problem {
        Problem(422, code, detail: detail, errors: [Problem.Violation(pointer: pointer, code: code, detail: detail)])
    }
}

/// An evaluation as it is handed in.
struct Filing: Sendable {
    /// How a repetition is known from a second opinion.
    enum Repetition: Sendable, Equatable {
        /// It is not: one evaluation, and then no more.
        case none
        /// By an Idempotency-Key.
        case key(String)
        /// A form sent twice (a double tap, a reload) says the same words of the same closing.
        case sameForm
    }

    var ticket: TicketID
    var party: Party
    var opinion: Opinion
    var repetition: Repetition
    /// SHA-256 of the request.
    var bodyHash: [UInt8]
    /// For party staff: who asked, and the area they act for.
    var askedBy: (name: String, area: AreaCode, actor: Actor)?
    var by: Actor { askedBy?.actor ?? .resident }

    var key: String? { if case .key(let key) = repetition { key } else { nil } }
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

/// The rules of 一事一评; pure.
enum EvaluationRule {
    enum Decision: Sendable, Equatable {
        case file
        case repeated(GivenEvaluation)
        case refuse(EvaluationRefusal)
    }

    /// Used where a closing names no end of its own.
    static let window = Duration.seconds(7 * 86_400)

    /// Until when (exclusive) a closing may be evaluated.
    static func openUntil(_ snapshot: CaseSnapshot, closedAt: Timestamp) -> Timestamp {
        snapshot.clocks.first { $0.kind == .evaluate }?.dueAt ?? closedAt.adding(window)
    }

    /// Why this party cannot evaluate now; nil when it can. `given` is what the party gave, of any closing.
    static func refusal(_ matter: Evaluable?, given: [GivenEvaluation], at now: Timestamp) -> EvaluationRefusal? {
        guard let matter, let openUntil = matter.openUntil else { return .notClosed }
        if let earlier = given.first(where: { $0.closing == matter.closing }) { return .alreadyGiven(at: earlier.givenAt) }
        return now < openUntil ? nil : .expired(at: openUntil)
    }

    /// A repetition gets its answer whatever has happened since; everything else is judged as things stand now.
    static func decide(
        _ filing: Filing, on matter: Evaluable?, given: [GivenEvaluation], at now: Timestamp
    ) -> Decision {
        if let area = filing.askedBy?.area {
            guard let matter, area.contains(matter.area) else { return .refuse(.unknown) }
        }
        switch filing.repetition {
        case .key(let key):
            if let earlier = given.first(where: { $0.key == key }) {
                return earlier.bodyHash == filing.bodyHash ? .repeated(earlier) : .refuse(.keyReused)
            }
        case .sameForm:
            if let earlier = given.first(where: { $0.closing == matter?.closing && $0.bodyHash == filing.bodyHash }) {
                return .repeated(earlier)
            }
        case .none: break
        }
        return refusal(matter, given: given, at: now).map { .refuse($0) } ?? .file
    }
}
