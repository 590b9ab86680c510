import Glibc

/// Whom a limit counts as one client: an IPv4 address, or the /64 that one customer gets of IPv6.
///
/// A household, a school or a hotspot may well share one: limits by it are generous, and never on who has signed in.
public struct ClientBlock: Sendable, Hashable {
    /// The high 64 bits of an IPv6 address.
    private let high: UInt64
    /// An IPv4 address, also one that came as `::ffff:a.b.c.d`.
    private let four: UInt32?

    /// - Parameter address: numeric, as `HTTPRequest.remoteAddress`. Whatever is none is one block of its own.
    public init(_ address: String) {
        var ipv4 = in_addr()
        var ipv6 = in6_addr()
        if inet_pton(AF_INET, address, &ipv4) == 1 {
            (high, four) = (0, UInt32(bigEndian: ipv4.s_addr))
        } else if inet_pton(AF_INET6, address, &ipv6) == 1 {
            let bytes = withUnsafeBytes(of: &ipv6) { Array($0) }
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
            high = isMapped ? 0 : bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            four = isMapped ? bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) } : nil
        } else {
            (high, four) = (UInt64.max, 0)
        }
    }
}

extension HTTPRequest {
    /// Whom limits count as the client.
    public var clientBlock: ClientBlock { ClientBlock(remoteAddress) }
}
