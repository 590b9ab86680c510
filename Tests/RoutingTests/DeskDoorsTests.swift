import Contracts
import ServiceKit
import TestKit
import Testing

@testable import Routing

/// The desk's forms and its JSON door take the same words.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DeskDoorsTests {
    private let form = "Content-Type: application/x-www-form-urlencoded"
    private static let number = "139/8765/4324"
    private static let typed = "%E8%AF%B7%E6%89%93139%2F8765%2F4324"

    private func send(_ desk: TestDesk, _ id: CaseID, _ action: String, _ fields: String, as staff: String = "community") async throws
        -> Int
    {
        let version = try await desk.file(id).serviceCase.version
        return try await desk.exchange(
            "POST /\(staff)/\(id)/\(action)", [form, "Cookie: shao_staff=\(staff)"],
            body: "csrf=\(StaffDirectory.formProof(of: staff))&version=\(version)&\(fields)"
        ).status
    }

    private func accepted(_ desk: TestDesk, _ number: Int) async throws -> CaseID {
        let id = try await desk.put([], number)
        try #require(try await desk.post(id, "accept", as: "community").status == 200)
        return id
    }

    @Test func `words of blanks alone are refused at both doors`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            for blank in ["", " ", "\\n\\t", "　"] {
                let answer = try await desk.post(id, "decline", #"{"reason":"\#(blank)"}"#, as: "community")
                #expect(answer.status == 422 && answer.text.contains("#/reason"), "\(blank.debugDescription)")
            }
            for blank in ["", "+", "%0D%0A", "%E3%80%80"] {
                #expect(try await send(desk, id, "decline", "reason=\(blank)") == 422)
            }
            #expect(try await desk.file(id).serviceCase.state == .reported)
            let taken = try await accepted(desk, 2)
            #expect(try await desk.post(taken, "answer", #"{"text":" ","ending":"solved"}"#, as: "community").status == 422)
            #expect(try await send(desk, taken, "answer", "ending=solved&text=+") == 422)
        }
    }

    @Test func `work that is not accepted needs a reason, and nobody ends work as merged, at any door`() async throws {
        try await TestDesk.with { desk in
            let id = try await accepted(desk, 1)
            #expect(try await desk.post(id, "answer", #"{"text":"修好了","ending":"merged"}"#, as: "community").status == 422)
            #expect(try await send(desk, id, "answer", "text=x&ending=merged") == 422)
            #expect(try await desk.post(id, "answer", #"{"text":"修好了","ending":"solved"}"#, as: "community").status == 200)
            for text in ["", #","text":"""#, #","text":" ""#] {
                let answer = try await desk.post(id, "verify", #"{"accepted":false\#(text)}"#, as: "community")
                #expect(answer.status == 422 && answer.text.contains("#/text"), "\(text): \(answer.text)")
            }
            #expect(try await send(desk, id, "verify", "accepted=no&text=+") == 422)
            for (action, body) in [("verify", #"{"accepted":true,"ending":"merged"}"#), ("close", #"{"ending":"merged"}"#)] {
                #expect(try await desk.post(id, action, body, as: "community").status == 422, "\(action)")
            }
            #expect(try await desk.file(id).serviceCase.state == .answered)
            #expect(try await send(desk, id, "verify", "accepted=no&text=%E8%BF%98%E5%9D%8F") == 303)
        }
    }

    @Test func `words too long are refused at both doors, in the field that need not be filled in too`() async throws {
        try await TestDesk.with { desk in
            let id = try await accepted(desk, 1)
            #expect(try await desk.post(id, "answer", #"{"text":"修好了","ending":"solved"}"#, as: "community").status == 200)
            let long = String(repeating: "a", count: 8_001)
            #expect(try await desk.post(id, "verify", #"{"accepted":false,"text":"\#(long)"}"#, as: "community").status == 422)
            #expect(try await send(desk, id, "verify", "accepted=no&text=\(long)") == 422)
            #expect(try await desk.file(id).serviceCase.state == .answered)
        }
    }

    @Test func `a telephone number typed into a desk's form reaches neither Kafka nor the next desk`() async throws {
        try await TestDesk.with { desk in
            let id = try await accepted(desk, 1)
            #expect(try await send(desk, id, "whistle", "kind=daily&reason=\(Self.typed)") == 303)
            #expect(try await send(desk, id, "dispatch", "lead=ludeng&basis=\(Self.typed)", as: "street") == 303)
            let whistled = try #require(try await desk.payloads(CaseWhistled.self, of: id).first)
            #expect(whistled.reason == "请打▇▇▇")
            let called = try #require(try await desk.payloads(DispatchCalled.self, of: id).first)
            #expect(called.basis == "请打▇▇▇")
            #expect(try await desk.payloads(CaseDispatched.self, of: id).first?.basis == "请打▇▇▇")
            let page = try await desk.exchange("GET /street/\(id)?queue=all", ["Cookie: shao_staff=street"])
            #expect(!page.text.contains(Self.number) && page.text.contains("▇▇▇"))
        }
    }

    @Test func `a case is joined by its id or its number at the JSON door`() async throws {
        try await TestDesk.with { desk in
            let target = try await accepted(desk, 1)
            let number = try await desk.file(target).serviceCase.number
            for (sequence, into) in [(2, target.description), (3, number.description)] {
                let id = try await desk.put([], sequence)
                #expect(try await desk.post(id, "merge", #"{"into":"\#(into)"}"#, as: "community").status == 200, "\(into)")
                #expect(try await desk.file(id).serviceCase.mergedInto == target)
            }
            let id = try await desk.put([], 4)
            #expect(try await desk.post(id, "merge", #"{"into":"GD-1"}"#, as: "community").status == 422)
        }
    }

    @Test func `what accompanies an accepted verification is kept at the desk and leaves no trace on Kafka`() async throws {
        try await TestDesk.with { desk in
            let id = try await accepted(desk, 1)
            #expect(try await desk.post(id, "answer", #"{"text":"修好了","ending":"solved"}"#, as: "community").status == 200)
            #expect(try await desk.post(id, "verify", #"{"accepted":true,"ending":"solved","text":"看过了"}"#, as: "community").status == 200)
            #expect(try await desk.payloads(CaseVerified.self, of: id).map(\.text) == [nil])
        }
    }
}
