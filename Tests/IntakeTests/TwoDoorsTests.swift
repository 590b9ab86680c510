import Contracts
import JSON
import Postgres
import TestKit
import Testing

@testable import Intake

extension IntakeService {
    /// The same report as JSON and as a form becomes the same ticket, or is refused for the same reason.
    @Suite struct `Two doors, one rule` {
        private struct Report {
            let name: String
            let json: String
            let form: KeyValuePairs<String, String>
            /// Of the refusal; nil when it is taken.
            var status: Int?
        }

        private let reports: [Report] = [
            Report(
                name: "a plain point", json: #"{"point":{"lat":31.2304,"lng":121.4737},"text":"灯不亮"}"#,
                form: ["lat": "31.2304", "lng": "121.4737", "text": "灯不亮"]),
            Report(
                name: "CGCS2000", json: #"{"point":{"lat":31.2304,"lng":121.4737,"crs":"cgcs2000"},"text":"灯不亮"}"#,
                form: ["lat": "31.2304", "lng": "121.4737", "crs": "cgcs2000", "text": "灯不亮"]),
            Report(
                name: "GCJ-02", json: #"{"point":{"lat":31.2304,"lng":121.4737,"crs":"GCJ-02"},"text":"灯不亮"}"#,
                form: ["lat": "31.2304", "lng": "121.4737", "crs": "GCJ-02", "text": "灯不亮"]),
            Report(
                name: "BD-09", json: #"{"point":{"lat":31.2304,"lng":121.4737,"crs":"bd09"},"text":"灯不亮"}"#,
                form: ["lat": "31.2304", "lng": "121.4737", "crs": "bd09", "text": "灯不亮"]),
            Report(
                name: "an unknown datum", json: #"{"point":{"lat":31.2304,"lng":121.4737,"crs":"xian80"},"text":"a"}"#,
                form: ["lat": "31.2304", "lng": "121.4737", "crs": "xian80", "text": "a"], status: 422),
            Report(
                name: "elsewhere", json: #"{"plate":"ANWVVR1E","text":"灯不亮","elsewhere":"往东第二根"}"#,
                form: ["plate": "ANWVVR1E", "text": "灯不亮", "elsewhere": "往东第二根"]),
            Report(
                name: "elsewhere alone", json: #"{"plate":"ANWVVR1E","text":" ","elsewhere":"往东第二根"}"#,
                form: ["plate": "ANWVVR1E", "text": " ", "elsewhere": "往东第二根"]),
            Report(
                name: "a blank number", json: #"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"  "}}"#,
                form: ["plate": "ANWVVR1E", "text": "a", "phone": "  "]),
            Report(
                name: "a full-width number", json: #"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"１３８００１３８０００"}}"#,
                form: ["plate": "ANWVVR1E", "text": "a", "phone": "１３８００１３８０００"]),
            Report(
                name: "a number between direction marks",
                json: #"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"\u202d13800138000\u202c"}}"#,
                form: ["plate": "ANWVVR1E", "text": "a", "phone": "\u{202D}13800138000\u{202C}"]),
            Report(
                name: "a landline", json: #"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"(021)62345678转801"}}"#,
                form: ["plate": "ANWVVR1E", "text": "a", "phone": "(021)62345678转801"]),
            Report(
                name: "twelve digits", json: #"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"138001380001"}}"#,
                form: ["plate": "ANWVVR1E", "text": "a", "phone": "138001380001"], status: 422),
            Report(
                name: "only zeros", json: #"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"0000000000"}}"#,
                form: ["plate": "ANWVVR1E", "text": "a", "phone": "0000000000"], status: 422),
            Report(
                name: "somebody else's report", json: #"{"plate":"ANWVVR1E","also":"GD-20261121-000123-7"}"#,
                form: ["plate": "ANWVVR1E", "also": "GD-20261121-000123-7"], status: 422),
        ]

        @Test func `the same report means the same at both doors`() async throws {
            try await World.with { world in
                for report in reports {
                    let answers = [
                        try await world.send(.json(report.json)), try await world.send(.form(Form(report.form))),
                    ]
                    #expect(answers.map(\.status) == [report.status ?? 201, report.status ?? 201], "\(report.name)")
                    guard report.status == nil else { continue }
                    let kept = try await kept(world).suffix(2)
                    #expect(kept.first == kept.last, "\(report.name)")
                }
                let points = try await world.events().filter { $0.payload.contains("灯不亮") && $0.payload.contains("\"point\"") }.map(
                    \.payload)
                #expect(
                    points.count == 8 && points[0].contains("31.2304") && points[4].contains("31.23232") && points[6].contains("31.22625"))
            }
        }

        /// Everything about the tickets but their names, oldest first.
        private func kept(_ world: World) async throws -> [String] {
            try await world.pool.query(
                """
                SELECT concat_ws('|', channel, plate, lat, lng, category, words, has_contact, phone) FROM ticket
                LEFT JOIN contact ON contact.ticket = ticket.id ORDER BY id
                """, as: String.self)
        }

        @Test func `who leaves a number that gets no text messages is told so at once`() async throws {
            try await World.with { world in
                for (phone, kind, sms, words) in [
                    ("13800138000", "mobile", true, ""), ("021-62345678", "landline", false, "您留的是座机，收不到短信"),
                    ("4008208820", "hotline", false, "您留的号码收不到短信"), ("+852 9123 4567", "abroad", false, "目前不发短信"),
                ] {
                    let answer = try await world.send(.json(#"{"plate":"ANWVVR1E","text":"a","contact":{"phone":"\#(phone)"}}"#))
                    #expect(answer.status == 201 && answer.text.contains(#""contact":{"kind":"\#(kind)","sms":\#(sms)"#), "\(answer.text)")
                    #expect(answer.text.contains("notice") == !sms && answer.text.contains(words))
                    let page = try await world.send(.form(Form(["text": "a", "phone": phone]), path: "/q/\(World.plate)"))
                    let location = try #require(page.header("location"))
                    #expect(try await world.get(location).text.contains(sms ? "15 小时内会有人回复" : words))
                    #expect(location.hasSuffix(sms ? "?new=1" : "&phone=\(kind)"))
                }
                let numbers = try await world.pool.query("SELECT DISTINCT phone FROM contact ORDER BY phone", as: String.self)
                #expect(numbers == ["+85291234567", "021-62345678", "13800138000", "4008208820"])
                // Without a number nothing is said of one.
                #expect(try await !world.send(.json(#"{"plate":"ANWVVR1E","text":"a"}"#)).text.contains("contact"))
            }
        }

        @Test func `the page does not cut a number while it is typed`() async throws {
            try await World.with { world in
                let page = try await world.get("/q/\(World.plate)").text
                let field = try #require(page.split(separator: "<input id=\"phone\"").last?.prefix { $0 != ">" })
                #expect(field.contains("maxlength=\"128\""))
                // The longest way of writing one that is taken, at the page as at the other doors.
                let long = "\u{202D}(＋８６) - １ - ３ - ８ - ０ - ０ - １ - ３ - ８ - ０ - ０ - ０\u{202C}".replacing("(＋８６)", with: "＋８６")
                #expect(long.unicodeScalars.count <= 128)
                #expect(try await world.send(.form(Form(["text": "a", "phone": long]), path: "/q/\(World.plate)")).status == 303)
            }
        }
    }
}
