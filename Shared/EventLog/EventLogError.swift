/// What the event log refuses or cannot do.
public struct EventLogError: Error, Sendable, CustomStringConvertible {
    public struct Code: RawRepresentable, Hashable, Sendable {
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }
        /// A table of the log is not as the migrations made it.
        public static let damaged = Code(rawValue: "damaged")
        /// A record's hash does not continue the history applied here.
        public static let diverged = Code(rawValue: "diverged")
        /// A record on a topic of ours that its owner did not write.
        public static let foreign = Code(rawValue: "foreign")
        /// The owner's stream could not be read.
        public static let unreachable = Code(rawValue: "unreachable")
        /// Another consumer of this database has moved a cursor.
        public static let fenced = Code(rawValue: "fenced")
        /// A handler failed for good.
        public static let poison = Code(rawValue: "poison")
        /// Not begun, because it could not come out as it should.
        public static let refused = Code(rawValue: "refused")
    }
    public let code: Code
    public let detail: String

    public init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }

    public var description: String { "\(code.rawValue): \(detail)" }
}
