public import Contracts
public import Crypto
import FoundationEssentials

/// The address by which a resident alone comes back to a ticket: unguessable, no sign-in, nothing stored.
///
/// `base64url(ticket id ‖ first 16 bytes of HMAC-SHA256(link key, kind ‖ ticket id))`.
public struct PrivateLinks: Sendable {
    /// What a link opens; a token of one kind opens nothing of the other.
    public enum Kind: String, Sendable {
        /// The status page, `/s/<token>`.
        case status = "s"
        /// The evaluation, `/e/<token>`.
        case evaluation = "e"
    }

    private let key: HMACKey

    public init(key: HMACKey) { self.key = key }

    /// The link's path, `/s/…` or `/e/…`.
    public func path(_ kind: Kind, _ ticket: TicketID) -> String { "/\(kind.rawValue)/\(token(kind, ticket))" }

    public func token(_ kind: Kind, _ ticket: TicketID) -> String {
        let id = Self.bytes(ticket)
        return Base64URL.encode(id + proof(kind, id))
    }

    /// The ticket that a token opens; nil for anything else.
    public func ticket(_ kind: Kind, token: String) -> TicketID? {
        guard let bytes = Base64URL.decode(token), bytes.count == 32 else { return nil }
        let id = Array(bytes.prefix(16))
        guard constantTimeEqual(Array(bytes.suffix(16)), proof(kind, id)) else { return nil }
        return TicketID(
            UUID(
                uuid: (
                    id[0], id[1], id[2], id[3], id[4], id[5], id[6], id[7], id[8], id[9], id[10], id[11], id[12], id[13],
                    id[14], id[15]
                )))
    }

    private func proof(_ kind: Kind, _ id: [UInt8]) -> [UInt8] {
        Array(key.authenticate([Array(kind.rawValue.utf8), id]).prefix(16))
    }

    private static func bytes(_ ticket: TicketID) -> [UInt8] {
        withUnsafeBytes(of: ticket.uuid.uuid) { Array($0) }
    }
}
