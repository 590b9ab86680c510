import Channels
import Contracts
import EventLog
import EventLoop
import HTTP
import JSON
import Telemetry
import TestKit
import Testing

@testable import Notification

/// A fault of a server or of its configuration is nobody's who is to be told: their messages wait, one tries, all go when it is mended.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"), .serialized)
struct `Ways out that are shut` {
    private static let units = (0..<6).map { "unit\($0)" }
    private static let recipients =
        "{" + units.map { #""\#($0)": [{"channel": "email", "address": "\#($0)@hq.example"}]"# }.joined(separator: ",") + "}"

    /// One event that every unit is told of in a letter, and the resident by SMS.
    private static func dispatched() -> CaseDispatched {
        let calls = units.enumerated().map { number, unit in
            CalledUnit(
                dispatch: Samples.id(DispatchID.self, "0198c0de-0000-7000-8000-00000000003\(number)"), department: Samples.unit(unit),
                role: number == 0 ? .lead : .coHandler)
        }
        return CaseDispatched(snapshot: Samples.called.taken(by: Samples.staff), dispatches: calls, basis: "派单目录")
    }

    private func with(_ server: MailDialogueServer, user: String? = nil, _ body: (World) async throws -> Void) async throws {
        var configuration = MailSender.Configuration(url: server.url)
        configuration.user = user
        let mail = EmailChannel(try MailSender(configuration), from: try MailAddress("shao@street.example")) { 1_795_000_000 }
        try await World.with(recipients: Self.recipients, mail: mail, body)
    }

    private func letters(_ world: World) async throws -> [String] { try await world.deliveries().filter { $0.hasPrefix("email") } }

    /// Until nothing is under way and nothing may begin before the clock moves: a claim that is older than its lease counts as lost.
    private func rests(_ world: World, _ gates: OutletGates) async {
        await eventually {
            let now = world.clock.now()
            let (busy, ready) = try await world.busy()
            return busy == 0 && (gates.nextTry(after: now) != nil || ready == 0)
        }
    }

    private func pass(_ seconds: Int64, _ world: World, _ gates: OutletGates) async throws {
        await rests(world, gates)
        world.clock.advance(.seconds(seconds))
    }

    /// Moves the clock on whenever nothing is under way, until the deliveries are as they should.
    private func passing(_ world: World, _ gates: OutletGates, until isReached: ([String]) -> Bool) async throws {
        for _ in 0..<60 {
            await rests(world, gates)
            if isReached(try await world.deliveries()) { return }
            world.clock.advance(.seconds(300))
        }
        Issue.record("not within five hours: \(try await world.deliveries())")
    }

    @Test(arguments: [
        (MailDialogueServer.Step.greeting, "554 5.3.2 no service", "greeting-554"),
        (.hello, "504 5.5.2 name without a dot", "greeting-504"),
        (.login, "535 5.7.8 no", "login-535"), (.sender, "530 5.7.0 log in", "login-530"),
        (.recipient, "554 5.7.1 Relay access denied", "relay-554"),
    ])
    func `a server that refuses us keeps the letters waiting, is tried by one, and gets all of them once when it is mended`(
        step: MailDialogueServer.Step, answer: String, trouble: String
    ) async throws {
        let server = MailDialogueServer([step: answer])
        try await with(server, user: "shao") { world in
            let metrics = MetricsRegistry()
            let gates = world.gates(metrics)
            try await world.hear(Self.dispatched())
            try await world.sending(gates: gates) {
                await eventually { gates.remark?.contains("email \(trouble) since") == true }
                // Ten hours: no letter is given up, and only a few knocks.
                for _ in 0..<40 { try await pass(900, world, gates) }
                await rests(world, gates)
                let waiting = try await letters(world)
                #expect(waiting.allSatisfy { $0.hasPrefix("email queued") || $0.hasPrefix("email sending") })
                #expect(waiting.contains { $0.hasSuffix(trouble) } && server.mostAtOnce == 1 && server.letters.isEmpty)
                #expect((40...42).contains(server.connections))
                #expect(String(decoding: metrics.render(), as: UTF8.self).contains("shao_outlets_shut{channel=\"email\"} 1"))
                let told = try await world.settled().map(\.channel)
                #expect(told == [.sms], "the resident was told all the same")
                server.answer(step, nil)
                #expect(gates.remark != nil)
                world.clock.advance(.seconds(900))
                await eventually { try await letters(world).allSatisfy { $0.hasPrefix("email sent") } }
                #expect(gates.remark == nil)
            }
            #expect(server.letters.map(\.recipient).sorted() == Self.units.map { "\($0)@hq.example" })
            #expect(String(decoding: metrics.render(), as: UTF8.self).contains("shao_outlets_shut{channel=\"email\"} 0"))
            #expect(world.lines.all.contains("a way out is shut") && world.lines.all.contains(trouble))
            #expect(world.lines.all.contains("a way out is open again") && !world.lines.all.contains("hq.example"))
        }
    }

    @Test func `a recipient whom the server refuses as if it were everybody holds up nobody else for long`() async throws {
        try await World.with(recipients: Self.recipients) { world in
            world.email.answer(.outage(Outage(.relay, status: 550, mayConcernMessage: true)))
            let gates = world.gates()
            try await world.hear(Self.dispatched())
            try await world.sending(gates: gates) {
                // The first is refused, the next one is tried at once and passes: the way is open.
                await eventually { try await letters(world).count { $0 == "email sent 1" } == 5 }
                let first = try await letters(world).first
                #expect(first == "email queued 1 relay-550" && gates.remark == nil)
                world.email.answer(.outage(Outage(.relay, status: 550, mayConcernMessage: true)))
                world.clock.advance(.seconds(60))
                await eventually { try await letters(world).first == "email failed 2 rejected" }
                #expect(gates.remark == nil)
            }
        }
    }

    @Test func `a fault of all is not the fault of who met it first`() async throws {
        try await World.with(recipients: Self.recipients) { world in
            let outage = Channels.DeliveryOutcome.outage(Outage(.relay, status: 550, mayConcernMessage: true))
            world.email.answer(outage, outage, outage)
            try await world.hear(Self.dispatched())
            let gates = world.gates()
            try await world.sending(gates: gates) {
                try await passing(world, gates) { $0.allSatisfy { $0.contains(" sent ") } }
            }
            #expect(world.email.messages.count == 9)
        }
    }

    @Test(arguments: [401, 403, 404])
    func `a receiver that takes no webhook for the moment loses none, and holds up no other`(status: Int) async throws {
        let server = RawServer { request, peer in
            peer.write("HTTP/1.1 \(request.hasPrefix("POST /ok") ? 200 : status) X\r\ncontent-length: 0\r\n\r\n")
            return true
        }
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
        let file = """
            {"light": [{"channel": "webhook", "address": "\(server.url)/shut", "secret": "\(secret)"}],
             "water": [{"channel": "webhook", "address": "\(server.url)/ok", "secret": "\(secret)"}]}
            """
        try await World.with(recipients: file) { world in
            try await world.hear(CaseResumed(snapshot: Samples.called.taken(by: Samples.staff)))
            let gates = world.gates()
            try await world.sending(gates: gates) {
                // More often than a message is tried before it is given up.
                try await passing(world, gates) { $0.contains { $0.hasPrefix("webhook queued 12 ") } }
                let webhooks = try await world.deliveries().filter { $0.hasPrefix("webhook") }
                #expect(webhooks.count == 2 && webhooks.contains("webhook sent 1") && gates.remark?.contains("light/webhook/") == true)
            }
        }
    }

    @Test func `residents are told when intake is back, however long it was away`() async throws {
        try await World.with { world in
            try await world.hear(Samples.closed())
            world.contacts.isSilent = true
            let gates = world.gates()
            try await world.sending(gates: gates) {
                try await passing(world, gates) { $0 == ["sms queued 8 contact-unavailable"] }
                world.contacts.isSilent = false
                try await passing(world, gates) { $0 == ["sms sent 9"] }
            }
            #expect(try await world.settled().map(\.outcome) == [.sent])
        }
    }

    @Test func `the pauses grow and stay, and a login is not tried by the second`() {
        #expect(OutletGates.pauses(.email) == [60, 120, 300, 600, 900].map { .seconds($0) })
        for channel in DeliveryChannel.allCases {
            let pauses = OutletGates.pauses(channel)
            #expect(pauses == pauses.sorted() && pauses.allSatisfy { $0 >= .seconds(5) })
        }
    }
}
