import Contracts

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
