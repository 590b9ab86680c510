/// Who the client is behind proxies of ours. Each proxy appends the address it was called from, so only entries counted from the
/// end are ours; those before them are the client's own words.
enum ForwardedFor {
    /// - Parameters:
    ///   - lines: every `X-Forwarded-For` of the request, in order.
    ///   - peer: whom the connection comes from.
    ///   - hops: proxies of ours that the request passed.
    static func client(_ lines: [ArraySlice<UInt8>], peer: String, hops: Int) -> String {
        guard hops > 0, !lines.isEmpty, isOurs(peer) else { return peer }
        // A gateway appends to the list or begins one; it never leaves a shorter one.
        let entries = lines.flatMap { $0.split(separator: 0x2C, omittingEmptySubsequences: false) }
        guard entries.count >= hops else { return peer }
        let entry = entries[entries.count - hops].trimmed.repairedText
        return IPAddress(entry) == nil ? peer : entry
    }

    /// A gateway stands on this machine or in a private network; whoever calls from anywhere else is a client.
    static func isOurs(_ peer: String) -> Bool {
        guard let address = IPAddress(peer)?.unmapped else { return false }
        return networks.contains { $0.contains(address) }
    }

    private static let networks = [
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7", "fe80::/10",
    ].compactMap(AddressPolicy.Network.init)
}
