import Testing

@testable import chaos

/// What the proxy does to brokers' answers.
@Suite struct KafkaAddressesTests {
    /// An answer with its length before it: two bytes, a host with its port, two bytes.
    private func answer(_ host: String, _ port: UInt16) -> [UInt8] {
        let body: [UInt8] = [1, 2, 0, UInt8(host.utf8.count)] + Array(host.utf8) + [0, 0, UInt8(port >> 8), UInt8(port & 0xFF), 3, 4]
        return [0, 0, 0, UInt8(body.count)] + body
    }

    @Test func `a broker's port is exchanged and nothing else`() {
        var addresses = KafkaAddresses()
        let out = addresses.take(answer("127.0.0.1", 40_000)[...]) { told in told == 40_000 ? 50_001 : nil }
        #expect(out == answer("127.0.0.1", 50_001))
        #expect(addresses.take(answer("127.0.0.2", 40_000)[...]) { _ in 1 } == answer("127.0.0.2", 40_000))
    }

    @Test func `an answer that comes byte by byte is passed on whole`() {
        var addresses = KafkaAddresses()
        var out: [UInt8] = []
        let whole = answer("127.0.0.1", 40_000) + answer("127.0.0.1", 40_001)
        for byte in whole { out += addresses.take([byte]) { $0 + 1 } }
        #expect(out == answer("127.0.0.1", 40_001) + answer("127.0.0.1", 40_002))
    }

    @Test func `the same text in a record's value stays`() {
        var addresses = KafkaAddresses()
        let value = Array("\"127.0.0.1\" at home".utf8)
        let whole: [UInt8] = [0, 0, 0, UInt8(value.count)] + value
        #expect(addresses.take(whole[...]) { _ in 1 } == whole)
    }
}
