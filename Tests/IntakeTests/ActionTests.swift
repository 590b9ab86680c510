import Actions
import Contracts
import Foundation
import HTTP
import PageForms
import Postgres
import ServiceKit
import TestKit
import Testing

@testable import Intake

extension IntakeService {
    /// What residents can do, as it is declared: every field of every form arrives in an event or in a record.
    @Suite struct `What a resident can do` {
        /// What a report says in a field, and what of it must be found in the event or the row.
        private static let reports: [String: (value: String, found: String)] = [
            "plate": (World.plate, World.plate), "lat": ("31.2304", "31.23"), "lng": ("121.4737", "121.47"),
            "crs": ("bd09", "31.22"), "category": (World.category, World.category), "text": ("灯不亮甲", "灯不亮甲"),
            "elsewhere": ("往东第二根乙", "位置：往东第二根乙"), "phone": ("13800138000", "13800138000"), "channel": ("wechat", "wechat"),
            "key": ("a-key-of-the-page", "a-key-of-the-page"),
        ]

        /// What was said and what is kept of the report that was filed last.
        private func kept(_ world: World) async throws -> String {
            let row = try await world.pool.query(
                """
                SELECT concat_ws('|', channel, plate, lat, lng, category, words, phone) FROM ticket
                LEFT JOIN contact ON contact.ticket = ticket.id ORDER BY id DESC LIMIT 1
                """, as: String.self)
            return (row + (try await world.events().suffix(1).map(\.payload))).joined(separator: "\n")
        }

        @Test func `every field of a report is kept or said, as a form and as JSON`() async throws {
            #expect(Set(Submit.fields.map(\.key)) == Set(Self.reports.keys).union([Submit.alsoField.key]))
            try await World.with { world in
                for (name, report) in Self.reports {
                    var fields = ["lat", "lng", "crs"].contains(name) ? ["lat": "31.2304", "lng": "121.4737"] : ["plate": World.plate]
                    fields["text"] = "灯不亮"
                    fields[name] = report.value
                    var form = Form()
                    for (name, value) in fields { form.add(name, Array(value.utf8)) }
                    let sent = try await world.send(.form(form))
                    #expect(sent.status == 201, "\(name): \(sent.text)")
                    if name == Submit.keyField.key {
                        // It is kept as a fingerprint; what it is good for is that the same report is filed once.
                        #expect(try await world.send(.form(form)).header("idempotency-replayed") == "true")
                    } else {
                        #expect(try await kept(world).contains(report.found), "\(name)")
                        let answer = try await world.send(.json(Self.json(fields)))
                        #expect(answer.status == 201, "\(name): \(answer.text)")
                        #expect(try await kept(world).contains(report.found), "\(name) as JSON")
                    }
                }
            }
        }

        /// The same report as a program says it.
        private static func json(_ fields: [String: String]) -> String {
            var fields = fields
            var members: [String] = []
            if let lat = fields.removeValue(forKey: "lat"), let lng = fields.removeValue(forKey: "lng") {
                let datum = fields.removeValue(forKey: "crs").map { #","crs":"\#($0)""# } ?? ""
                members.append(#""point":{"lat":\#(lat),"lng":\#(lng)\#(datum)}"#)
            }
            if let phone = fields.removeValue(forKey: "phone") { members.append(#""contact":{"phone":"\#(phone)"}"#) }
            return "{" + (members + fields.map { #""\#($0.key)":"\#($0.value)""# }).joined(separator: ",") + "}"
        }

        @Test func `the plate's page asks for nothing that is not declared, and what is filled in arrives`() async throws {
            try await World.with { world in
                let earlier = try await world.file()
                try await world.hear(CaseEventSamples(earlier).events(["case.opened"]))
                let page = try await world.get("/q/\(World.plate)").text
                var form = try #require(PageForm.all(in: page).first { $0.isMultipart })
                let names = Set(form.controls.map(\.name))
                #expect(names == Set(["photo", "key", "category", "text", "elsewhere", "phone"]))
                #expect(names.subtracting(["photo"]).isSubset(of: Submit.fields.map(\.key)))
                let asked = names.subtracting(["photo", "key"])
                try form.fill(Self.reports.filter { asked.contains($0.key) }.mapValues { [$0.value] })
                var sent = Form()
                for (name, value) in form.pairs { sent.add(name, Array(value.utf8)) }
                sent.add(Submit.alsoField.key, Array(earlier.number.utf8))
                let answer = try await world.send(.form(sent.with(photos: SmallPNG.plain(8, 8)), path: form.action))
                #expect(answer.status == 303, "\(answer.text)")
                let found = try await kept(world)
                for name in asked { #expect(found.contains(try #require(Self.reports[name]?.found)), "\(name)") }
                #expect(found.contains("同 \(earlier.number)"), "also")
                #expect(try await world.rows()[2] == 1, "photo")
            }
        }

        @Test func `the reason of a withdrawal arrives in the event, and is as long as all that people say to people`() async throws {
            try await World.with { world in
                #expect(Withdraw.fields.map(\.key) == ["reason"])
                for (count, status) in [(WordLimit.usual.characters, 200), (WordLimit.usual.characters + 1, 422)] {
                    let filed = try await world.file()
                    var request = Request.json(
                        #"{"reason":"\#(String(repeating: "好", count: count))"}"#, path: "/v1/tickets/\(filed.id)/withdraw")
                    request.headers.append(("Authorization", "Bearer \(filed.token)"))
                    let answer = try await world.send(request)
                    #expect(answer.status == status, "\(answer.text)")
                    if status == 422 { #expect(answer.member("code") == "invalid" && answer.text.contains("too-long")) }
                }
                let said = try await world.events().filter { $0.type == "ticket.withdrawn.v1" }.map(\.payload)
                #expect(said.count == 1 && said.allSatisfy { $0.contains("好好好") })
            }
        }

        @Test func `every field of the form that asks for a review arrives in the event`() async throws {
            let answers = ["reason": ["牌子就在路口"]]
            try await World.with { world in
                let filed = try await world.file()
                var samples = CaseEventSamples(filed)
                samples.clocks = [ClockDue(kind: .appeal, dueAt: world.clock.now().adding(.seconds(86_400)))]
                try await world.hear(samples.events(["case.opened", "case.declined"]))
                let page = try await world.get(filed.link).text
                var form = try #require(PageForm.all(in: page).first { $0.action == "\(filed.link)/review" })
                #expect(form.controls.map(\.name) == RequestReview.fields.map(\.key) && Set(answers.keys) == Set(form.controls.map(\.name)))
                try form.fill(answers)
                let request = Request(
                    "POST", form.action, headers: [("Content-Type", "application/x-www-form-urlencoded")], body: Array(form.encoded.utf8))
                #expect(try await world.send(request).status == 303)
                let said = try await world.events().filter { $0.type == "ticket.review_requested.v1" }
                #expect(said.count == 1 && said[0].payload.contains("牌子就在路口"))
            }
        }

        @Test func `each is done in its states and in no other`() throws {
            let ticket = TicketID(UUID())
            for state in CaseState.allCases {
                var snapshot = try CaseEventSamples.snapshot(ticket, number: "GD-20261121-000123-7")
                snapshot.state = state
                let row = Withdrawal(withdrawnAt: nil, withdrawals: 0, reviews: 0, isWithdrawing: false, snapshot: snapshot)
                if Withdraw.from.contains(state) {
                    #expect(try Withdraw().perform(on: row, ticket) == .withdraw(TicketWithdrawn(ticket: ticket, reason: nil)))
                } else {
                    let problem = #expect(throws: Problem.self, "\(state)") { try Withdraw().perform(on: row, ticket) }
                    #expect(problem?.code == (state.isOver ? "ticket-closed" : "case-under-way"), "\(state)")
                }
            }
        }
    }
}
