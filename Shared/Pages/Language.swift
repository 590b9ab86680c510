/// The languages that every page speaks.
public enum Language: String, Sendable, Hashable, CaseIterable {
    case chinese = "zh-Hans"
    case english = "en"

    /// The best of ours for an `Accept-Language` header (RFC 9110, 12.5.4); Chinese when it names none of ours.
    public init(acceptLanguage: String?) {
        var best: (language: Language, quality: Double)?
        for part in (acceptLanguage ?? "").split(separator: ",").prefix(32) {
            let pieces = part.split(separator: ";")
            guard let tag = pieces.first.map({ $0.filter { $0 != " " }.lowercased() }), let language = Language(tag: tag) else { continue }
            let weight = pieces.dropFirst().lazy.map { $0.filter { $0 != " " } }.first { $0.hasPrefix("q=") }
            let quality = weight.map { Double($0.dropFirst(2)) ?? 0 } ?? 1
            if quality > 0, quality > best?.quality ?? 0 { best = (language, quality) }
        }
        self = best?.language ?? .chinese
    }

    /// By a language tag such as `zh-CN` or `en-GB`; nil for other languages.
    public init?(tag: String) {
        switch tag.lowercased().split(separator: "-").first {
        case "zh": self = .chinese
        case "en": self = .english
        default: return nil
        }
    }
}

/// One text in both languages. The catalogue is the static members of this type, in `Texts.swift` files beside what uses them:
/// a text that lacks a language does not compile.
public struct Text: Sendable, Hashable {
    public let chinese: String
    public let english: String

    public init(_ chinese: String, _ english: String) {
        self.chinese = chinese
        self.english = english
    }

    /// A name that is the same in both languages, such as a unit's or a place's.
    public init(verbatim: String) { self.init(verbatim, verbatim) }

    public func callAsFunction(_ language: Language) -> String {
        switch language {
        case .chinese: chinese
        case .english: english
        }
    }
}
