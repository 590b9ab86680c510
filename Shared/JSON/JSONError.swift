/// Why a text is not the JSON we take: what, where in the document, and where in the bytes.
///
/// Neither `detail` nor `pointer` repeats a value from the document, so an error may be logged.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// An open set: new codes may come, so a `switch` needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Not JSON: a missing comma, a trailing comma, a bad escape, text after the end.
        public static let syntax = Code(rawValue: "syntax")
        /// Not strict UTF-8, or starting with a byte order mark.
        public static let utf8 = Code(rawValue: "utf8")
        /// Deeper than ``JSONReader/maxDepth``.
        public static let depth = Code(rawValue: "depth")
        /// A member name twice in one object, escaped or not.
        public static let duplicateMember = Code(rawValue: "duplicate_member")
        /// A member nobody asked for.
        public static let unknownMember = Code(rawValue: "unknown_member")
        /// A member that must be there is not.
        public static let missingMember = Code(rawValue: "missing_member")
        /// A string where a number is due, and so on.
        public static let wrongType = Code(rawValue: "wrong_type")
        /// A number its type cannot hold, or a number text longer than ``JSONReader/maxNumberBytes``.
        public static let outOfRange = Code(rawValue: "out_of_range")
        /// A string or array above the reader's stated limit.
        public static let tooLong = Code(rawValue: "too_long")
        /// Well-formed, but not a value of the type (a code nobody knows, a malformed identifier).
        public static let invalidValue = Code(rawValue: "invalid_value")
    }

    public let code: Code
    /// RFC 6901 pointer as a fragment: `#`, `#/photos/0`.
    public private(set) var pointer: String
    /// Bytes from the start of the document.
    public let offset: Int
    public let detail: String

    public init(code: Code, pointer: String = "#", offset: Int = 0, detail: String) {
        self.code = code
        self.pointer = pointer
        self.offset = offset
        self.detail = detail
    }

    public var description: String { "\(code.rawValue) at \(pointer) (byte \(offset)): \(detail)" }

    /// The same error seen from one level further out.
    func inside(_ token: String) -> JSONError {
        var copy = self
        var escaped = ""
        for character in token.unicodeScalars.prefix(64) {
            switch character {
            case "~": escaped += "~0"
            case "/": escaped += "~1"
            default: escaped.unicodeScalars.append(character)
            }
        }
        copy.pointer = "#/" + escaped + pointer.dropFirst()
        return copy
    }
}
