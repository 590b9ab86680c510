import Actions
import Contracts
import EventLog
import Postgres
import TestKit
import Testing

@testable import Routing

/// What staff type into the desks' forms: how much of it, what of it leaves, and what becomes of a date.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DeskFormTests {
    /// Each form with a text: who sends it, in which state, and what else it needs.
    private static let texts: [(staff: String, state: CaseState, action: String, field: String, more: String)] = [
        ("community", .reported, "decline", "reason", ""), ("community", .filed, "answer", "text", "ending=solved"),
        ("community", .filed, "whistle", "reason", "kind=daily"), ("street", .whistled, "refuse", "reason", ""),
        ("street", .whistled, "dispatch", "basis", "lead=ludeng&coHandlers=paishui"),
        ("street", .handling, "suspend", "reason", "until=2026-12-01"),
        ("street", .handling, "remind", "text", ""), ("street", .handling, "escalate", "reason", ""),
        ("community", .answered, "verify", "text", "accepted=no"),
    ]

    @Test func `a telephone number typed into any text of any form reaches neither Kafka nor the course of the case`() async throws {
        try await TestDesk.with { desk in
            for (number, form) in Self.texts.enumerated() {
                let id = try await desk.put(try desk.way(to: form.state, desk.ids.next()), number + 1)
                let sent = try await desk.sendForm(
                    id, form.action, "\(form.field)=\(typed("请打 13812345678 找老张"))&\(form.more)", as: form.staff)
                #expect(sent.status == 303, "\(form.action): \(sent.text.prefix(200))")
                let events = try await desk.pool.query("SELECT payload FROM outbox WHERE subject = \(id.description)") { row in
                    String(decoding: try row["payload"] as [UInt8], as: UTF8.self)
                }.joined()
                let words = try await desk.pool.query(
                    "SELECT coalesce(text, '') FROM case_note WHERE ticket = \(id)", as: String.self
                ).joined()
                #expect(!events.contains("13812345678") && !words.contains("13812345678"), "\(form.action)")
                #expect(events.contains("请打 \(PersonalData.mark) 找老张"), "\(form.action)")
            }
        }
    }

    @Test func `two thousand Chinese characters are taken at both doors, one more is not`() async throws {
        try await TestDesk.with { desk in
            let most = String(repeating: "灯", count: WordLimit.usual.characters)
            for (number, form) in Self.texts.enumerated() {
                let id = try await desk.put(try desk.way(to: form.state, desk.ids.next()), number + 1)
                let version = try await desk.file(id).serviceCase.version
                let long = try await desk.sendForm(id, form.action, "\(form.field)=\(typed(most + "灯"))&\(form.more)", as: form.staff)
                #expect(long.status == 422, "\(form.action)")
                #expect(try await desk.file(id).serviceCase.version == version)
                let sent = try await desk.sendForm(id, form.action, "\(form.field)=\(typed(most))&\(form.more)", as: form.staff)
                #expect(sent.status == 303, "\(form.action)")
            }
            let id = try await desk.put([], 99)
            #expect(try await desk.post(id, "decline", #"{"reason":"\#(most)灯"}"#, as: "community").status == 422)
            #expect(try await desk.post(id, "decline", #"{"reason":"\#(most)"}"#, as: "community").status == 200)
        }
    }

    @Test func `a line break counts once, as the page counts it`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let lines = String(repeating: "灯\r\n", count: WordLimit.usual.characters / 2)
            #expect(try await desk.sendForm(id, "decline", "reason=\(typed(lines))", as: "community").status == 303)
        }
    }

    @Test func `a pause lasts to the end of the day that was chosen, and is told so`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put(try desk.way(to: .handling, desk.ids.next()), 1)
            #expect(try await desk.sendForm(id, "suspend", "until=2026-11-30&reason=x", as: "street").status == 303)
            let end = "2026-12-01T00:00:00.000+08:00"
            #expect(try await desk.file(id).serviceCase.suspension?.until.description == end)
            #expect(try await desk.payloads(CaseSuspended.self, of: id).map(\.until.description) == [end])
            let gone = try await desk.put(try desk.way(to: .handling, desk.ids.next()), 2)
            #expect(try await desk.sendForm(gone, "suspend", "until=2026-11-22&reason=x", as: "street").status == 409)
        }
    }

    @Test func `a case is merged into no merged one and into none that has ended`() async throws {
        try await TestDesk.with { desk in
            let target = try await desk.put([], 1)
            let merged = try await desk.put(try desk.way(to: .merged, target), 2)
            let declined = try await desk.put(try desk.way(to: .declined, target), 3)
            let withdrawn = try await desk.put(try desk.way(to: .withdrawn, target), 4)
            let id = try await desk.put([], 5)
            for other in [merged, declined, withdrawn, id] {
                let number = try await desk.file(other).serviceCase.number.description
                let byForm = try await desk.sendForm(id, "merge", "into=\(number)", as: "community")
                #expect([409, 422].contains(byForm.status), "\(byForm.status)")
                let byID = try await desk.post(id, "merge", #"{"into":"\#(other)"}"#, as: "community")
                #expect([409, 422].contains(byID.status), "\(byID.status)")
                #expect(try await desk.file(id).serviceCase.state == .reported)
            }
            let number = try await desk.file(target).serviceCase.number.description
            #expect(try await desk.sendForm(id, "merge", "into=\(number.lowercased())", as: "community").status == 303)
            #expect(try await desk.file(id).serviceCase.mergedInto == target)
        }
    }
}

/// Percent-encoded as a form's value.
private func typed(_ text: String) -> String {
    text.utf8.map { "%" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
}

extension TestDesk {
    /// Sends a form of a case's page with what the page hid in it, and nothing that its page does not offer.
    func sendForm(_ id: CaseID, _ action: String, _ fields: String, as staff: String) async throws -> RawResponse {
        let base = staff == "community" ? "/community" : "/street"
        let cookie = "Cookie: shao_staff=\(staff)"
        let page = try await exchange("GET \(base)/\(id)", [cookie]).text
        let start = try #require(page.ranges(of: "action=\"\(base)/\(id)/\(action)\"").last, "the desk offers \(action)")
        let end = try #require(page[start.upperBound...].firstRange(of: "</form>"))
        let form = page[start.upperBound..<end.lowerBound]
        let hidden = form.split(separator: "<input type=\"hidden\" name=\"").dropFirst().compactMap { piece -> String? in
            let parts = piece.split(separator: "\"", maxSplits: 3, omittingEmptySubsequences: false)
            return parts.count == 4 ? "\(parts[0])=\(typed(String(parts[2])))" : nil
        }
        for field in fields.split(separator: "&") {
            let name = field.prefix { $0 != "=" }
            try #require(form.contains("name=\"\(name)\""), "the form asks for \(name)")
        }
        let body = (hidden + [fields]).joined(separator: "&")
        return try await exchange("POST \(base)/\(id)/\(action)", ["Content-Type: application/x-www-form-urlencoded", cookie], body: body)
    }
}
