import Contracts
import Crypto
import FoundationEssentials
import Testing

@testable import ServiceKit

@Suite struct AccessTests {
    private let links = PrivateLinks(key: HMACKey(Array("link key".utf8)))
    private let ticket = TicketID(UUID())

    @Test func `a private link opens its own ticket, and nothing of another kind`() {
        let token = links.token(.status, ticket)
        #expect(token.utf8.count == 43)
        #expect(links.open(.status, token: token, as: TicketID.self) == ticket)
        #expect(links.open(.evaluation, token: token, as: TicketID.self) == nil)
        #expect(links.path(.evaluation, ticket).hasPrefix("/e/"))
    }

    @Test func `a token with any character changed opens nothing`() {
        let token = Array(links.token(.status, ticket))
        for place in token.indices {
            var forged = token
            forged[place] = forged[place] == "A" ? "B" : "A"
            let opened = links.open(.status, token: String(forged), as: TicketID.self)
            #expect(opened == nil || opened == ticket && String(forged) == String(token))
        }
        for odd in ["", "A", String(token) + "A", String(token.dropLast()), "../../etc", String(token) + "="] {
            #expect(links.open(.status, token: odd, as: TicketID.self) == nil)
        }
        let other = PrivateLinks(key: HMACKey(Array("other key".utf8)))
        #expect(other.open(.status, token: String(token), as: TicketID.self) == nil)
    }

    @Test func `staff are found by their token's digest only`() throws {
        let digest = Hex.encode(SHA256.hash("secret token"))
        let staff = try StaffDirectory(
            json: Array(#"[{"name":"虹桥社区值班","role":"community","org":"310106019001","tokenSHA256":"\#(digest)"}]"#.utf8))
        #expect(staff.member(token: "secret token")?.role == .community)
        #expect(staff.member(token: digest) == nil)
        #expect(staff.member(token: "") == nil)
        #expect(throws: (any Error).self) {
            try StaffDirectory(json: Array(#"[{"name":"x","role":"king","org":"1","tokenSHA256":"a"}]"#.utf8))
        }
    }
}
