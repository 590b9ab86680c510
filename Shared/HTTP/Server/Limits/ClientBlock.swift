/// Whom a limit counts as one client: an IPv4 address, or the /64 that one customer gets of IPv6.
///
/// A household, a school or a hotspot may well share one: limits by it are generous, and never on who has signed in.
public struct ClientBlock: Sendable, Hashable {
    /// Four bytes or eight; none for what is no address.
    public let bytes: [UInt8]

    /// - Parameter address: numeric, as `HTTPRequest.remoteAddress`. Whatever is none is one block of its own.
    public init(_ address: String) {
        bytes = IPAddress(address).map { Array($0.unmapped.bytes.prefix(8)) } ?? []
    }
}

extension HTTPRequest {
    /// Whom limits count as the client.
    public var clientBlock: ClientBlock { ClientBlock(remoteAddress) }
}
