import FoundationEssentials
public import HTTP

/// What makes a request the same one when it is sent again: the `Idempotency-Key` header, or a form's `key`.
///
/// A random UUID (RFC 9562, versions 4 and 7) is known to nobody else and counts wherever its sender is by now; any other text, such
/// as `1` or a date, somebody else may choose as well, so it counts for its sender's own address alone. Two programs behind one
/// address share their weak keys: who needs more sends a random one.
public struct IdempotencyKey: Sendable, Hashable {
    /// As it is kept and compared; at most 128 characters, and no address can be read from it.
    public let stored: String

    /// - Parameter text: 1 to 128 visible ASCII characters; anything else throws 400 `idempotency-key-not-valid`.
    public init(_ text: String, from client: ClientBlock, _ links: PrivateLinks) throws(Problem) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(400, "idempotency-key-not-valid", detail: "1 to 128 visible ASCII characters.")
        }
        stored = Self.isRandom(text) ? text.lowercased() : links.fingerprint("idempotency", client.bytes, Array(text.utf8))
    }

    /// The request's header, a quoted structured-field string or the bare value; nil without one.
    public init?(_ request: HTTPRequest, _ links: PrivateLinks) throws(Problem) {
        guard let header = request.header("idempotency-key") else { return nil }
        try self.init(Self.unquoted(header), from: request.clientBlock, links)
    }

    /// For another request with the same key that is one of its own.
    public func after(_ what: String) -> IdempotencyKey { IdempotencyKey(stored: "\(stored.prefix(64)).\(what)") }

    private init(stored: String) { self.stored = stored }

    static func unquoted(_ header: String) -> String {
        guard header.utf8.count >= 2, header.hasPrefix("\""), header.hasSuffix("\"") else { return header }
        return String(header.dropFirst().dropLast())
    }

    /// A UUID whose version says that most of it is random.
    private static func isRandom(_ text: String) -> Bool {
        guard text.utf8.count == 36, let id = UUID(uuidString: text)?.uuid else { return false }
        return [4, 7].contains(id.6 >> 4) && id.8 >> 6 == 2
    }
}
