import Contracts
import EventLog
import Postgres
import TestKit
import Testing

@testable import Routing

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct DoorTests {
    /// What each unit may do in each state; everything else is refused.
    private static let allowed: [String: [CaseState: Set<String>]] = [
        "community": [
            .reported: ["accept", "decline", "merge"], .filed: ["answer", "inform", "whistle"], .answered: ["verify", "close"],
        ],
        "street": above.merging(asking) { $0.union($1) }, "district": above,
    ]
    /// What the street asks of its district.
    private static let asking: [CaseState: Set<String>] = [
        .filed: ["escalate"], .whistled: ["escalate"], .dispatched: ["escalate"], .handling: ["escalate"],
    ]
    private static let above: [CaseState: Set<String>] = [
        .reported: ["accept", "decline", "merge", "dispatch"], .filed: ["answer", "inform", "whistle", "dispatch", "suspend"],
        .whistled: ["answer", "dispatch", "refuse"], .dispatched: ["remind"], .disputed: ["adjudicate"], .handling: ["remind", "suspend"],
        .suspended: ["resume"],
        .answered: ["verify", "close"], .closed: ["reopen"], .evaluated: ["reopen"], .merged: ["reopen"], .declined: ["reopen"],
        .withdrawn: ["reopen"],
    ]

    private func body(_ action: String, _ desk: TestDesk, into target: CaseID) throws -> String {
        let bodies = [
            "accept": "{}", "resume": "", "decline": #"{"reason":"说明"}"#, "refuse": #"{"reason":"说明"}"#, "reopen": #"{"reason":"说明"}"#,
            "answer": #"{"text":"已处理","ending":"solved"}"#, "inform": #"{"text":"在看了"}"#,
            "whistle": #"{"kind":"daily","reason":"需要帮助"}"#, "dispatch": #"{"lead":"ludeng","basis":"三定"}"#,
            "adjudicate": #"{"verdict":"uphold"}"#, "remind": #"{"text":"请回话"}"#, "escalate": #"{"reason":"协调不下"}"#,
            "suspend": #"{"until":"\#(desk.clock.now().adding(.seconds(86_400)))","reason":"等材料"}"#,
            "verify": #"{"accepted":true,"ending":"solved"}"#, "close": #"{"ending":"solved"}"#, "merge": #"{"into":"\#(target)"}"#,
        ]
        return try #require(bodies[action], "\(action)")
    }

    @Test func `who may do what in which state`() async throws {
        try await TestDesk.with { desk in
            let target = try await desk.put([], 9_999)
            var number = 0
            for (role, table) in Self.allowed {
                for state in CaseState.allCases {
                    for action in CaseActions.staff.map({ $0.name }) {
                        number += 1
                        let id = try await desk.put(try desk.way(to: state, target), number)
                        let answer = try await desk.post(id, action, body(action, desk, into: target), as: role)
                        let wanted = table[state]?.contains(action) == true ? 200 : 409
                        #expect(answer.status == wanted, "\(role) \(state) \(action): \(answer.text)")
                    }
                }
            }
        }
    }

    @Test func `strangers are told nothing and change nothing`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            for (role, status) in [("neighbour", 404), ("elsewhere", 404), ("ludeng", 403), ("grid", 403), ("admin", 403)] {
                #expect(try await desk.post(id, "accept", "{}", as: role).status == status, "\(role)")
            }
            #expect(try await desk.post(id, "accept", "{}", as: nil).status == 401)
            #expect(try await desk.post(id, "accept", "{}", as: "wrong").status == 401)
            for (role, status) in [
                ("neighbour", 404), ("elsewhere", 404), ("ludeng", 404), ("grid", 403), ("community", 200), ("street", 200),
            ] {
                #expect(try await desk.get("/v1/cases/\(id)", as: role).status == status, "\(role)")
            }
            #expect(try await desk.file(id).serviceCase.state == .reported)
        }
    }

    @Test func `bad bodies are refused before anything is asked of the case`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            #expect(try await desk.post(id, "decline", "{", as: "community").status == 400)
            #expect(try await desk.post(id, "decline", "{}", as: "community").status == 422)
            #expect(try await desk.post(id, "decline", #"{"reason":"x","more":1}"#, as: "community").status == 422)
            #expect(try await desk.post(id, "decline", "", as: "community").status == 422)
            let plain = ["Authorization: Bearer community", "If-Match: *", "Content-Type: text/plain"]
            #expect(try await desk.exchange("POST /v1/cases/\(id)/decline", plain, body: "{}").status == 415)
            #expect(try await desk.post(id, "fly", "{}", as: "community").status == 404)
            #expect(try await desk.exchange("POST /v1/cases/x/accept", ["Authorization: Bearer community"]).status == 404)
            let blank = try await desk.post(id, "decline", #"{"reason":" "}"#, as: "community")
            #expect(blank.status == 422 && blank.text.contains("#/reason"))
            let unknown = try await desk.post(id, "merge", #"{"into":"\#(desk.ids.next(TicketID.self))"}"#, as: "community")
            #expect(unknown.status == 422)
            #expect(try await desk.file(id).serviceCase.version == 1)
        }
    }

    @Test func `whoever does not say which version he saw is asked to, and changes nothing`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let bearer = "Authorization: Bearer community"
            let answer = try await desk.exchange("POST /v1/cases/\(id)/accept", [bearer])
            #expect(answer.status == 428 && answer.member("code") == "if-match-missing")
            #expect(try await desk.file(id).serviceCase.state == .reported)
            #expect(try await desk.exchange("POST /v1/cases/\(id)/accept", [bearer, "If-Match: *"]).status == 200)
        }
    }

    @Test func `a cookie alone reads, and changes nothing at the JSON door`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let cookie = "Cookie: shao_staff=community"
            #expect(try await desk.exchange("GET /v1/cases/\(id)", [cookie]).status == 200)
            let answer = try await desk.exchange("POST /v1/cases/\(id)/accept", [cookie, "If-Match: *"])
            #expect(answer.status == 401 && answer.member("code") == "sign-in-required")
            #expect(try await desk.file(id).serviceCase.state == .reported)
        }
    }

    @Test func `If-Match lets nobody act on what he did not see`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let seen = try #require(try await desk.get("/v1/cases/\(id)", as: "community").header("etag"))
            #expect(try await desk.post(id, "accept", "{}", as: "community", ["If-Match: \"7\", W/\(seen)"]).status == 412)
            #expect(try await desk.post(id, "accept", "{}", as: "community", ["If-Match: \"7\", \(seen)"]).status == 200)
            let stale = try await desk.post(id, "answer", body("answer", desk, into: id), as: "community", ["If-Match: \(seen)"])
            #expect(stale.status == 412 && stale.header("etag") == "\"2\"")
            #expect(try await desk.post(id, "answer", body("answer", desk, into: id), as: "community", ["If-Match: *"]).status == 200)
        }
    }

    @Test func `of commands that race on one case one wins and the versions stay dense`() async throws {
        try await TestDesk.with(poolSize: 8) { desk in
            for number in 1...10 {
                let id = try await desk.put([], number)
                let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                    for (action, json) in [
                        ("accept", "{}"), ("decline", #"{"reason":"不属实"}"#), ("accept", "{}"), ("decline", #"{"reason":"重复"}"#),
                    ] {
                        group.addTask { try await desk.post(id, action, json, as: "community").status }
                    }
                    var all: [Int] = []
                    for try await status in group { all.append(status) }
                    return all.sorted()
                }
                #expect(statuses == [200, 409, 409, 409])
                let versions = try await desk.pool.query(
                    "SELECT version FROM outbox WHERE subject = \(id.description) AND topic = 'cases.v1' ORDER BY id", as: Int32.self)
                #expect(versions == [1, 2])
            }
        }
    }

    @Test func `lists go page by page and show a community only its own`() async throws {
        try await TestDesk.with { desk in
            var ids: [CaseID] = []
            for number in 1...7 { ids.append(try await desk.put([], number)) }
            var address = "/v1/cases?limit=3&state=reported"
            var seen: [String] = []
            for _ in 0..<3 {
                let page = try await desk.get(address, as: "community")
                #expect(page.status == 200)
                seen += page.text.split(separator: "\"ticket\":\"").dropFirst().map { String($0.prefix(36)) }
                guard let link = page.header("link") else { break }
                address = String(link.dropFirst().prefix { $0 != ">" })
            }
            #expect(seen == ids.reversed().map(\.description))
            #expect(!(try await desk.get("/v1/cases", as: "neighbour").text.contains("\"ticket\"")))
            #expect(try await desk.get("/v1/cases?limit=0", as: "street").status == 400)
            #expect(try await desk.get("/v1/cases?state=lost", as: "street").status == 400)
        }
    }

    @Test func `every deadline can be explained and the catalogue asked`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let deadlines = try await desk.get("/v1/cases/\(id)/deadlines", as: "community")
            #expect(deadlines.status == 200 && deadlines.text.contains("起算"))
            let match = try await desk.get("/v1/catalogue/match?category=P01003&plate=\(desk.plate())", as: "street")
            #expect(match.status == 200 && match.text.contains("\"lead\":\"paishui\""))
            #expect(try await desk.get("/v1/catalogue/match?category=P99998", as: "street").status == 400)
            #expect(try await desk.get("/v1/departments", as: "street").text.contains("ludeng"))
            #expect(try await desk.get("/v1/departments").status == 401)
        }
    }
}

extension TestDesk {
    /// Stores a case of the first community that has gone this way, and answers its id.
    func put(_ way: [(any CaseAction, Actor)], _ number: Int) async throws -> CaseID {
        let ticket = try ticket(number, plate: plate(), category: "E99999", text: "有事")
        var outcome = use.open.open(ticket, at: clock.now(), cause: nil)
        for (action, actor) in way {
            let serviceCase = outcome.after
            let action = try Self.bound(action, to: serviceCase)
            let other = try ServiceCase.open(opening(like: serviceCase), by: .catalogue, at: clock.now(), in: city.context).after
            outcome.add(try serviceCase.decide(action, by: actor, at: clock.now(), in: city.context, other: other))
        }
        let done = outcome
        try await pool.transaction { use.command.execute.write.write([done], in: &$0) }
        return ticket.ticket
    }

    /// Of another case of the same place.
    private func opening(like serviceCase: ServiceCase) throws -> CaseOpening {
        CaseOpening(
            id: ids.next(), number: try #require(TicketNumber(day: clock.now().day, sequence: 9_998)), place: serviceCase.place,
            category: serviceCase.category, urgency: serviceCase.urgency, channel: serviceCase.channel, routing: serviceCase.routing,
            submittedAt: clock.now())
    }

    /// Actions of a way name the first order by any id.
    private static func bound(_ action: any CaseAction, to serviceCase: ServiceCase) throws -> any CaseAction {
        switch action {
        case is SignFor: SignFor(order: try #require(serviceCase.dispatches.first).id)
        case let dispute as RaiseDispute:
            RaiseDispute(order: try #require(serviceCase.dispatches.first).id, ground: dispute.ground, text: dispute.text)
        default: action
        }
    }

    func way(to state: CaseState, _ target: CaseID) throws -> [(any CaseAction, Actor)] {
        func actor(_ unit: CaseUnit) throws -> Actor { try known(Actor(unit: unit)) }
        let community = try actor(.community(try #require(AreaCode("310106019001"))))
        let street = try actor(.street(city.street))
        let ludeng = try #require(DepartmentCode("ludeng"))
        let unit = try actor(.department(ludeng))
        typealias Way = [(any CaseAction, Actor)]
        let filed: Way = [(Accept(), community)]
        let whistled: Way = filed + [(BlowWhistle(.daily, reason: "需要帮助"), community)]
        let dispatched: Way = whistled + [(DispatchUnits(lead: ludeng, coHandlers: [], basis: "三定"), street)]
        let answered: Way = filed + [(Answer(text: "已处理", ending: .solved), community)]
        let closed: Way = answered + [(Close(.solved), community)]
        return switch state {
        case .reported: []
        case .filed: filed
        case .whistled: whistled
        case .dispatched: dispatched
        case .disputed: dispatched + [(RaiseDispute(order: ids.next(), ground: .notOurDuty, text: nil), unit)]
        case .handling: dispatched + [(SignFor(order: ids.next()), unit)]
        case .suspended: filed + [(Suspend(until: clock.now().adding(.seconds(86_400)), reason: "等材料"), street)]
        case .answered: answered
        case .closed: closed
        case .evaluated: closed + [(Evaluate(.yes, .yes, .very), .resident)]
        case .merged: [(Merge(into: .id(target)), community)]
        case .declined: [(Decline(reason: "不属实"), community)]
        case .withdrawn: [(Withdraw(reason: nil), .resident)]
        }
    }
}
