import FoundationEssentials
import HTTP
import ServiceKit

/// What makes a report the same one when it is sent again: the `Idempotency-Key` header, or a form's `key`.
///
/// A key answers with the private link of the report that it stands for. A random UUID (RFC 9562, versions 4 and 7) is known to
/// nobody else and counts wherever its sender is by now; any other text, such as `1` or a date, somebody else may choose as well, so
/// it counts for its sender's own address alone.
struct IdempotencyKey: Sendable, Hashable {
    /// As it is kept and compared.
    let stored: String

    /// - Parameter text: 1 to 128 visible ASCII characters; anything else throws 400.
    init(_ text: String, from client: ClientBlock, _ links: PrivateLinks) throws(Problem) {
        guard (1...128).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Problem(400, "idempotency-key-not-valid", detail: "1 to 128 visible ASCII characters.")
        }
        stored = Self.isRandom(text) ? text.lowercased() : links.fingerprint("idempotency", client.bytes, Array(text.utf8))
    }

    /// The request's header, a quoted structured-field string or the bare value; nil without one.
    init?(_ request: HTTPRequest, _ links: PrivateLinks) throws(Problem) {
        guard var text = request.header("idempotency-key") else { return nil }
        if text.utf8.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") { text = String(text.dropFirst().dropLast()) }
        try self.init(text, from: request.clientBlock, links)
    }

    /// For another report of the same form, after the first one is over.
    private init(stored: String) { self.stored = stored }
    func after(_ number: String) -> IdempotencyKey { IdempotencyKey(stored: "\(stored.prefix(64)).\(number)") }

    /// A UUID whose version says that most of it is random.
    private static func isRandom(_ text: String) -> Bool {
        guard text.utf8.count == 36, let id = UUID(uuidString: text)?.uuid else { return false }
        return [4, 7].contains(id.6 >> 4) && id.8 >> 6 == 2
    }
}
