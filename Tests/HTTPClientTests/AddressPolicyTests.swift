import Glibc
import TestKit
import Testing

@testable import HTTP

@Suite struct `Which addresses may be reached` {
    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "169.254.169.254", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1",
        "100.127.255.255", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "203.0.113.5", "198.51.100.1",
        "192.0.2.1", "192.0.0.1", "198.18.0.1", "198.19.255.255", "192.88.99.1", "::", "::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808", "fe80::1", "fd00::1", "fc00::1", "ff02::1",
        "2002:7f00:1::", "2001::1", "2001:0:7f00:1::", "2001:db8::1", "3fff::1", "4000::1", "100::1", "fec0::1",
    ])
    func `what is not public is refused`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!AddressPolicy.publicOnly.allows(address))
        #expect(AddressPolicy.unrestricted.allows(address))
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.255.255", "100.128.0.1", "192.0.1.1", "198.17.255.255", "198.20.0.1",
        "223.255.255.255", "11.0.0.1", "::ffff:8.8.8.8", "2606:4700::1111", "2400:3200::1", "2a00::1", "2001:200::1",
    ])
    func `what is public passes`(text: String) throws {
        #expect(AddressPolicy.publicOnly.allows(try #require(IPAddress(text))))
    }

    @Test func `a listed network passes, loopback and link-local never do`() throws {
        let policy = AddressPolicy.allowing(["10.0.0.0/8", "fd00::/8", "0.0.0.0/0", "::/0"].compactMap(AddressPolicy.Network.init))
        for text in ["10.1.2.3", "::ffff:10.1.2.3", "fd12::1", "192.168.0.1", "8.8.8.8"] {
            #expect(policy.allows(try #require(IPAddress(text))))
        }
        for text in ["127.0.0.1", "169.254.169.254", "0.0.0.0", "::1", "fe80::1", "224.0.0.1", "ff02::1", "::ffff:127.0.0.1"] {
            #expect(!policy.allows(try #require(IPAddress(text))))
        }
        let narrow = AddressPolicy.allowing(["10.20.0.0/15"].compactMap(AddressPolicy.Network.init))
        #expect(narrow.allows(try #require(IPAddress("10.21.255.255"))))
        #expect(!narrow.allows(try #require(IPAddress("10.22.0.0"))))
        #expect(!narrow.allows(try #require(IPAddress("fd00::1"))))
    }

    @Test(arguments: [
        "10.0.0.0", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.1/8", "10.0.0/8", "fd00::/129", "/8", "", "10.0.0.0/8/8",
        "fe80::1%lo/64",
    ])
    func `a network in another spelling is refused`(text: String) {
        #expect(AddressPolicy.Network(text) == nil)
    }

    @Test func `tests may reach the machine itself and nothing else of what is private`() throws {
        #expect(AddressPolicy.loopbackAllowedForTests.allows(try #require(IPAddress("127.0.0.1"))))
        #expect(AddressPolicy.loopbackAllowedForTests.allows(try #require(IPAddress("::1"))))
        #expect(!AddressPolicy.loopbackAllowedForTests.allows(try #require(IPAddress("10.0.0.1"))))
        #expect(!AddressPolicy.loopbackAllowedForTests.allows(try #require(IPAddress("169.254.169.254"))))
    }

    @Test func `an address prints as one writes it`() throws {
        for text in ["127.0.0.1", "fe80::1", "2001:db8::7"] { #expect("\(try #require(IPAddress(text)))" == text) }
    }

    /// Every spelling that leads home, against a server that really listens there.
    @Test(arguments: [
        "127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "0", "[::]", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
        "127.1", "127.0.0.1.", "[64:ff9b::7f00:1]", "[fe80::1%25lo]", "[fd00::1]", "10.255.255.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1",
    ])
    func `no spelling of an inner address leaves the machine`(host: String) async throws {
        let server = RawServer { _, peer in
            peer.ok("secret")
            return false
        }
        let client = try HTTPClient(.publicOnly)
        await #expect { _ = try await client.send(.get("http://\(host):\(server.port)/")) } throws: { error in
            let code = (error as? HTTPClientError)?.code
            return code == .addressRefused || code == .unresolved || code == .badRequest
        }
        #expect(server.connectionCount == 0)
    }
}
