public import JSON

/// A closed list of words with a code for machines and a name for people.
///
/// The raw value is what travels and what is stored: it never changes. Adding a case is compatible only where readers
/// park what they do not know; they do (`invalid_value`).
public protocol WireCode: RawRepresentable<String>, CaseIterable, Hashable, Sendable, JSONDecodable, JSONEncodable {
    var titles: Titles { get }
}

extension WireCode {
    /// The name people read: `CaseState.filed.title(.zhHans)` is 立案.
    public func title(_ language: Language) -> String { titles[language] }

    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.parsed("one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))") { Self(rawValue: $0) }
    }

    public func write(to json: inout JSONWriter) { json.string(rawValue) }
    public var isAbsent: Bool { false }
}

/// Text of a fixed form: parsed strictly once, carried as a value after that.
public protocol WireText: LosslessStringConvertible, Hashable, Comparable, Sendable, JSONDecodable, JSONEncodable {
    /// What is due, in words, for errors.
    static var form: String { get }
}

extension WireText {
    public init(json reader: inout JSONReader) throws(JSONError) {
        self = try reader.parsed(Self.form) { Self($0) }
    }

    public func write(to json: inout JSONWriter) { json.string(description) }
    public var isAbsent: Bool { false }
    public static func < (a: Self, b: Self) -> Bool { a.description < b.description }
}
