internal import Glibc

/// Which addresses a client may connect to, asked with the resolved address before the first packet leaves.
///
/// Departments name webhook addresses, so a host name must not lead into our own network. Names are not judged, addresses are.
public struct AddressPolicy: Sendable {
    enum Kind: Sendable {
        case guarded(allowed: [Network], loopback: Bool)
        case unrestricted
    }
    let kind: Kind

    /// Globally routed addresses only.
    public static let publicOnly = AddressPolicy(kind: .guarded(allowed: [], loopback: false))

    /// Public addresses and these networks (a city's 10/8, say). Loopback, link-local and multicast stay refused whatever is listed.
    public static func allowing(_ networks: [Network]) -> AddressPolicy {
        AddressPolicy(kind: .guarded(allowed: networks, loopback: false))
    }

    /// As `publicOnly`, and the machine itself.
    public static let loopbackAllowedForTests = AddressPolicy(kind: .guarded(allowed: [], loopback: true))

    /// For addresses that the operator wrote into the configuration (identity provider, mail server, our own services), never for
    /// addresses that came from outside.
    public static let unrestricted = AddressPolicy(kind: .unrestricted)

    /// A network in CIDR notation, `10.0.0.0/8` or `fd00::/8`.
    public struct Network: Sendable, Hashable {
        let prefix: IPAddress
        let bits: Int

        /// `nil` when the text is no network, or when bits after the prefix are set.
        public init?(_ text: String) {
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let address = IPAddress(String(parts[0])), let bits = Int(parts[1]), String(bits) == parts[1],
                (0...address.bytes.count * 8).contains(bits), address.masked(bits) == address
            else { return nil }
            (prefix, self.bits) = (address, bits)
        }

        init(_ prefix: IPAddress, _ bits: Int) { (self.prefix, self.bits) = (prefix, bits) }

        func contains(_ address: IPAddress) -> Bool { address.bytes.count == prefix.bytes.count && address.masked(bits) == prefix }
    }

    func allows(_ address: IPAddress) -> Bool {
        guard case .guarded(let allowed, let loopback) = kind else { return true }
        let address = address.unmapped
        if loopback, Self.loopback.contains(where: { $0.contains(address) }) { return true }
        if Self.never.contains(where: { $0.contains(address) }) { return false }
        if allowed.contains(where: { $0.contains(address) }) { return true }
        if address.bytes.count == 4 { return !Self.special.contains { $0.contains(address) } }
        return Self.global.contains { $0.contains(address) } && !Self.special.contains { $0.contains(address) }
    }

    private static func networks(_ texts: [String]) -> [Network] { texts.compactMap(Network.init) }
    private static let loopback = networks(["127.0.0.0/8", "::1/128"])
    private static let never = networks([
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::/128", "::1/128", "fe80::/10", "ff00::/8",
    ])
    private static let global = networks(["2000::/3"])
    /// IANA's special-purpose registries: private, shared, documentation, benchmarking, transition.
    private static let special = networks([
        "10.0.0.0/8", "100.64.0.0/10", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16",
        "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4", "2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20",
    ])
}

/// An IPv4 (4 bytes) or IPv6 (16 bytes) address.
struct IPAddress: Sendable, Hashable, CustomStringConvertible {
    let bytes: [UInt8]

    init(bytes: [UInt8]) { self.bytes = bytes }

    init?(_ text: String) {
        var buffer = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &buffer) == 1 {
            bytes = Array(buffer.prefix(4))
        } else if inet_pton(AF_INET6, text, &buffer) == 1 {
            bytes = buffer
        } else {
            return nil
        }
    }

    /// From a `sockaddr` of `length` bytes; `nil` for other families than the two.
    init?(sockaddr raw: UnsafeRawPointer, length: Int) {
        switch CInt(raw.loadUnaligned(as: sa_family_t.self)) {
        case AF_INET where length >= MemoryLayout<sockaddr_in>.size: bytes = Self.copy(raw, at: 4, 4)
        case AF_INET6 where length >= MemoryLayout<sockaddr_in6>.size: bytes = Self.copy(raw, at: 8, 16)
        default: return nil
        }
    }

    private static func copy(_ raw: UnsafeRawPointer, at offset: Int, _ count: Int) -> [UInt8] {
        Array(UnsafeRawBufferPointer(start: raw + offset, count: count))
    }

    /// `::ffff:a.b.c.d` is `a.b.c.d` to the kernel, so it is judged as that.
    var unmapped: IPAddress {
        guard bytes.count == 16, bytes.prefix(10).allSatisfy({ $0 == 0 }), bytes[10] == 0xff, bytes[11] == 0xff else { return self }
        return IPAddress(bytes: Array(bytes.suffix(4)))
    }

    func masked(_ bits: Int) -> IPAddress {
        IPAddress(
            bytes: bytes.enumerated().map { index, byte in
                let kept = min(max(bits - index * 8, 0), 8)
                return byte & UInt8(truncatingIfNeeded: 0xff00 >> kept)
            })
    }

    var description: String {
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        inet_ntop(bytes.count == 4 ? AF_INET : AF_INET6, bytes, &text, socklen_t(text.count))
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
