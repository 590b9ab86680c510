import Contracts
import FoundationEssentials
import Testing

/// The typed list of addresses.
struct PagePathTests {
    @Test func `an address is its template filled in, with its query`() throws {
        let id = try #require(CaseID("019a9b3c-7d20-7002-8a00-00000000a002"))
        let table: [(PagePath, String)] = [
            (.start, "/"), (.plate(code: "ANWVVR1E"), "/q/ANWVVR1E"), (.status(token: "a-_b"), "/s/a-_b"),
            (.status(token: "a", isNew: true), "/s/a?new=1"), (.withdrawal(token: "a"), "/s/a/withdraw"), (.evaluation(token: "a"), "/e/a"),
            (.photo(token: "a"), "/p/a"), (.problem(code: "busy"), "/problems/busy"), (.overview(), "/analytics"),
            (.overview(from: "2026-11-01", to: "2026-11-21"), "/analytics?from=2026-11-01&to=2026-11-21"),
            (.rateFile(by: "community", from: "2026-11-01", to: "2026-11-21"), "/v1/rates.csv?by=community&from=2026-11-01&to=2026-11-21"),
            (.signIn(), "/sign-in"), (.signIn(next: "/street?queue=due&after=5"), "/sign-in?next=/street%3Fqueue%3Ddue%26after%3D5"),
            (.signOut, "/sign-out"), (.desk(.street), "/street"), (.desk(.street, queue: "due"), "/street?queue=due"),
            (.deskCase(.community, id), "/community/\(id)"),
            (.deskCase(.street, id, queue: "due", done: "file"), "/street/\(id)?done=file&queue=due"),
            (.deskAction(.street, id, action: "dispatch"), "/street/\(id)/dispatch"),
            (.plate(code: "社区 ?#%"), "/q/%E7%A4%BE%E5%8C%BA%20%3F%23%25"),
        ]
        for (path, text) in table { #expect(path.description == text) }
    }
}
