import CPosix

/// Brokers tell clients their addresses, and a client that follows them goes past every proxy. So in what a broker answers each
/// address is exchanged for that of a link: `127.0.0.1` stays, the four bytes of the port behind it change, no length does.
struct KafkaAddresses {
    private var pending: [UInt8] = []
    private static let host = Array("127.0.0.1".utf8)
    /// No answer of ours is longer; what claims to be is passed on as it is.
    private static let longest = 64 << 20

    /// The whole answers among what has come, with the ports exchanged; what is cut short waits for its rest.
    mutating func take(_ bytes: ArraySlice<UInt8>, port: (UInt16) -> UInt16?) -> [UInt8] {
        pending += bytes
        var end = 0
        while pending.count - end >= 4 {
            let length = pending[end..<(end + 4)].reduce(0) { $0 << 8 | Int($1) }
            guard length <= Self.longest else {
                defer { pending = [] }
                return pending
            }
            guard pending.count - end >= 4 + length else { break }
            end += 4 + length
        }
        guard end > 0 else { return [] }
        var whole = Array(pending[..<end])
        pending.removeFirst(end)
        Self.exchange(in: &whole, port: port)
        return whole
    }

    private static func exchange(in bytes: inout [UInt8], port: (UInt16) -> UInt16?) {
        var from = 0
        while let place = find(host, in: bytes, from: from) {
            let start = place + host.count
            from = start
            // The port is 32 bits wide; the text's length stands before it, as two bytes or as a varint plus one.
            guard start + 4 <= bytes.count, place > 0, [9, 10].contains(bytes[place - 1]), bytes[start] == 0, bytes[start + 1] == 0 else {
                continue
            }
            let told = UInt16(bytes[start + 2]) << 8 | UInt16(bytes[start + 3])
            guard let ours = port(told) else { continue }
            bytes[start + 2] = UInt8(ours >> 8)
            bytes[start + 3] = UInt8(ours & 0xFF)
        }
    }

    private static func find(_ needle: [UInt8], in bytes: [UInt8], from: Int) -> Int? {
        guard from < bytes.count else { return nil }
        return bytes.withUnsafeBytes { all in
            guard let base = all.baseAddress, let found = cpx_find(base + from, all.count - from, needle, needle.count) else { return nil }
            return base.distance(to: found)
        }
    }
}
