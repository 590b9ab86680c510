/// Why a record from outside is not an event of ours. Neither text repeats the record's data, so both may be logged.
public struct ContractError: Error, Sendable, Hashable, CustomStringConvertible {
    /// An open set: new codes may come, so a `switch` needs a default.
    public struct Code: RawRepresentable, Sendable, Hashable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// An event always has data; a record without is a tombstone, which we do not use.
        public static let noData = Code(rawValue: "no-data")
        /// `specversion` is missing or not `1.0`.
        public static let specVersion = Code(rawValue: "spec-version")
        /// A required attribute is missing or empty.
        public static let missingAttribute = Code(rawValue: "missing-attribute")
        /// An attribute has a value that its rules forbid, or is there twice.
        public static let badAttribute = Code(rawValue: "bad-attribute")
        /// The data is not `application/json`, or the envelope is of a format that we do not read.
        public static let contentType = Code(rawValue: "content-type")
        /// The structured envelope is not strict JSON of the right form.
        public static let envelope = Code(rawValue: "envelope")
    }

    public let code: Code
    public let detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
