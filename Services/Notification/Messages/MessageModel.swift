import Contracts

/// Which text is sent. The raw value is stored with a delivery: it never changes.
enum TemplateKey: String, Sendable, Hashable, CaseIterable {
    case received, accepted, declined, merged, withdrawn, whistled, dispatched, arrived, progressed, suspended, resumed
    case answered, closed, reopened, kept
    case deskNew = "desk_new"
    case deskToDispatch = "desk_to_dispatch"
    case deskWhistled = "desk_whistled"
    case deskRefused = "desk_refused"
    case deskLead = "desk_lead"
    case deskCo = "desk_co"
    case deskDispatched = "desk_dispatched"
    case deskDisputed = "desk_disputed"
    case deskUpheld = "desk_upheld"
    case deskReassigned = "desk_reassigned"
    case deskRelieved = "desk_relieved"
    case deskCompleted = "desk_completed"
    case deskRework = "desk_rework"
    case deskSuspended = "desk_suspended"
    case deskResumed = "desk_resumed"
    case deskWithdrawn = "desk_withdrawn"
    case deskKept = "desk_kept"
    case deskClosed = "desk_closed"
    case deskReopened = "desk_reopened"
    case deskEvaluated = "desk_evaluated"
    case deskWarned = "desk_warned"
    case deskOverdue = "desk_overdue"
    case deskDeemedSigned = "desk_deemed_signed"

    /// Texts for residents carry their private links; those for desks must not.
    var isForResident: Bool { !rawValue.hasPrefix("desk_") }
}

/// What a text may mention, written `{name}` in it.
enum Fact: String, Sendable, Hashable, CaseIterable {
    case number, category, place, units, unit, text, reason, ending, urgency, due, until, clock, percent, whistle, ground
    case evaluation, street, cause
    /// The resident's private status page and evaluation.
    case status, evaluate
    /// Where staff work on it.
    case desk

    var isLink: Bool { self == .status || self == .evaluate || self == .desk }
}

/// One message's words in both languages.
struct Template: Sendable {
    let key: TemplateKey
    let subject: Titles
    let body: Titles

    init(_ key: TemplateKey, _ subject: Titles, _ body: Titles) {
        self.key = key
        self.subject = subject
        self.body = body
    }

    static let all: [Template] = residentTexts + deskTexts
    private static let byKey = Dictionary(all.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })

    /// nil for a key without words, which a test rules out.
    static func of(_ key: TemplateKey) -> Template? { byKey[key] }
}

/// A message as it leaves, escaped for its channel.
struct Message: Sendable, Hashable {
    let subject: String
    let text: String
}
