/// The languages people read here. Simplified Chinese comes first, everywhere.
public enum Language: String, Sendable, Hashable, CaseIterable {
    case zhHans = "zh-Hans"
    case english = "en"
}

/// One name in both languages.
public struct Titles: Sendable, Hashable {
    public let zhHans: String
    public let english: String

    public init(_ zhHans: String, _ english: String) {
        self.zhHans = zhHans
        self.english = english
    }

    public subscript(language: Language) -> String {
        switch language {
        case .zhHans: zhHans
        case .english: english
        }
    }
}
