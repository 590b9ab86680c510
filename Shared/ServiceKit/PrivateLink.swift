public import Contracts
public import Crypto

/// The address by which a resident alone comes back to a ticket, and a department sees its photos: unguessable, no sign-in, nothing stored.
///
/// `base64url(id ‖ first 16 bytes of HMAC-SHA256(link key, kind ‖ id))`.
public struct PrivateLinks: Sendable {
    /// What a link opens; a token of one kind opens nothing of the other.
    public enum Kind: String, Sendable {
        /// The status page, `/s/<token>`.
        case status = "s"
        /// The evaluation, `/e/<token>`.
        case evaluation = "e"
        /// A photo, `/p/<token>`.
        case photo = "p"
    }

    private let key: HMACKey

    public init(key: HMACKey) { self.key = key }

    /// The link's path, `/s/…`, `/e/…` or `/p/…`.
    public func path<Tag>(_ kind: Kind, _ id: Identifier<Tag>) -> String { page(kind, id).description }

    /// The page that the link opens.
    public func page<Tag>(_ kind: Kind, _ id: Identifier<Tag>) -> PagePath {
        let token = token(kind, id)
        return switch kind {
        case .status: .status(token: token)
        case .evaluation: .evaluation(token: token)
        case .photo: .photo(token: token)
        }
    }

    public func token<Tag>(_ kind: Kind, _ id: Identifier<Tag>) -> String {
        Base64.url.encode(id.bytes + proof(kind, id.bytes))
    }

    /// What a token opens; nil for anything else.
    public func open<Tag>(_ kind: Kind, token: String, as type: Identifier<Tag>.Type = Identifier<Tag>.self) -> Identifier<Tag>? {
        guard let bytes = Base64.url.decode(token), bytes.count == 32, let id = Identifier<Tag>(bytes: bytes.prefix(16)),
            constantTimeEqual(Array(bytes.suffix(16)), proof(kind, id.bytes))
        else { return nil }
        return id
    }

    private func proof(_ kind: Kind, _ id: [UInt8]) -> [UInt8] {
        Array(key.authenticate(parts: [Array(kind.rawValue.utf8), id]).prefix(16))
    }
}
