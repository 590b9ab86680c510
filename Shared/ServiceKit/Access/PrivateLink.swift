public import Contracts
public import Crypto

/// The address by which a resident alone comes back to a ticket, and a department sees its photos: unguessable, no sign-in, nothing stored.
///
/// `base64url(id ‖ first 16 bytes of HMAC-SHA256(link key, kind ‖ id))`; of a photo `photo ‖ ticket ‖ end` stands for the id.
public struct PrivateLinks: Sendable {
    /// What a link opens; a token of one kind opens nothing of the other.
    public enum Kind: String, Sendable {
        /// The status page, `/s/<token>`.
        case status = "s"
        /// The evaluation, `/e/<token>`.
        case evaluation = "e"
    }

    /// What the address of a photo opens.
    public struct PhotoLink: Sendable, Equatable {
        public let photo: PhotoID
        /// The photo must be this ticket's: an id that came from elsewhere, signed, opens nothing.
        public let ticket: TicketID
        /// Nil for an address that is as private and as lasting as the page that shows it.
        public let end: Timestamp?
    }
    private static let photoKind = "p"

    private let key: HMACKey

    public init(key: HMACKey) { self.key = key }

    /// The link's path, `/s/…` or `/e/…`.
    public func path<Tag>(_ kind: Kind, _ id: Identifier<Tag>) -> String { page(kind, id).description }

    /// The page that the link opens.
    public func page<Tag>(_ kind: Kind, _ id: Identifier<Tag>) -> PagePath {
        switch kind {
        case .status: .status(token: token(kind, id))
        case .evaluation: .evaluation(token: token(kind, id))
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

    /// The ticket's own page, for an address `/s/<token>…` or `/e/<token>…`; nil unless we made the token.
    func ticket(atPage kind: String, _ token: String) -> PagePath? {
        Kind(rawValue: kind).flatMap { open($0, token: token, as: TicketID.self) }.map { page(.status, $0) }
    }

    /// The path of a photo of a ticket, `/p/…`.
    /// - Parameter end: when it ceases to open, in whole seconds.
    public func photo(_ photo: PhotoID, of ticket: TicketID, until end: Timestamp? = nil) -> String {
        let seconds = UInt64(clamping: (end?.milliseconds ?? 0) / 1_000)
        let content = photo.bytes + ticket.bytes + withUnsafeBytes(of: seconds.bigEndian) { Array($0) }
        return PagePath.photo(token: Base64.url.encode(content + proof(Self.photoKind, content))).description
    }

    /// What a photo's token opens at `now`; nil for anything else, and after its end.
    public func openPhoto(_ token: String, at now: Timestamp) -> PhotoLink? {
        guard let bytes = Base64.url.decode(token), bytes.count == 56, let photo = PhotoID(bytes: bytes.prefix(16)),
            let ticket = TicketID(bytes: bytes[16..<32]),
            constantTimeEqual(Array(bytes.suffix(16)), proof(Self.photoKind, Array(bytes.prefix(40))))
        else { return nil }
        let seconds = bytes[32..<40].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let end = seconds == 0 ? nil : Timestamp(milliseconds: Int64(clamping: seconds) * 1_000)
        guard end.map({ now < $0 }) ?? true else { return nil }
        return PhotoLink(photo: photo, ticket: ticket, end: end)
    }

    /// The end of an address that a page of the staff shows: the end of tomorrow, so that it stays the same for a browser's store.
    public static func endOfPage(_ now: Timestamp) -> Timestamp {
        let day: Int64 = 86_400_000
        return Timestamp(milliseconds: (now.milliseconds / day + 2) * day)
    }

    /// For comparing what must not be kept itself, such as an address: nobody without the key can go back from it.
    public func fingerprint(_ purpose: String, _ parts: [UInt8]...) -> String {
        let sized = parts.flatMap { [Array(String($0.count).utf8), $0] }
        return Base64.url.encode(key.authenticate(parts: [Array("fingerprint \(purpose)".utf8)] + sized))
    }

    private func proof(_ kind: String, _ content: [UInt8]) -> [UInt8] {
        Array(key.authenticate(parts: [Array(kind.utf8), content]).prefix(16))
    }

    private func proof(_ kind: Kind, _ id: [UInt8]) -> [UInt8] {
        Array(key.authenticate(parts: [Array(kind.rawValue.utf8), id]).prefix(16))
    }
}
