internal import CCrypto

/// What went wrong in this module. Details never hold key bytes or plain text.
public struct CryptoError: Error, Sendable, Equatable, CustomStringConvertible {
    /// An open set: new codes may come, so a `switch` over them needs a default.
    public struct Code: Sendable, Hashable, CustomStringConvertible {
        public let description: String
        init(_ description: String) { self.description = description }

        /// A key has the wrong length or is not a valid key at all.
        public static let badKey = Code("bad-key")
        /// Text is not what its format demands (base64, `whsec_…`, a stored password hash).
        public static let badFormat = Code("bad-format")
        /// A signature, tag or MAC does not belong to this message and key.
        public static let notAuthentic = Code("not-authentic")
        /// A token that is malformed or asks for what is never done (`crit`, `jku`, another algorithm than its key's).
        public static let badToken = Code("bad-token")
        public static let unknownKey = Code("unknown-key")
        public static let expired = Code("expired")
        /// A token of another issuer, for another audience, from the future, or without a claim that is demanded.
        public static let wrongClaim = Code("wrong-claim")
        /// A length or cost outside what the function can do.
        public static let outOfRange = Code("out-of-range")
        /// More work is waiting than the bounded queue takes; try later.
        public static let overloaded = Code("overloaded")
        /// libcrypto refused for a reason of its own, for example no memory.
        public static let library = Code("library")
    }
    public let code: Code
    public let detail: String

    init(_ code: Code, _ detail: String) {
        self.code = code
        self.detail = detail
    }
    public var description: String { "\(code): \(detail)" }

    /// Takes the newest libcrypto error and clears the queue: it belongs to the thread, and tasks move between threads.
    static func library(_ call: String, code: Code = .library) -> CryptoError {
        let number = ERR_peek_last_error()
        ERR_clear_error()
        guard number != 0, let reason = ERR_reason_error_string(number) else { return CryptoError(code, call) }
        return CryptoError(code, "\(call): \(String(cString: reason))")
    }
}
