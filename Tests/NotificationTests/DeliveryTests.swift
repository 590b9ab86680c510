import Channels
import Contracts
import EventLog
import EventLoop
import HTTP
import Postgres
import Telemetry
import TestKit
import Testing

@testable import Notification

@Suite(.enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"), .serialized)
struct `Deliveries` {
    private static let desk = #"{"310106019001": [{"channel": "email", "address": "desk@hq.example"}]}"#

    @Test func `a repeated event makes one delivery for each recipient`() async throws {
        try await World.with(recipients: Self.desk) { world in
            let id = try await world.hear(Samples.opened())
            try await world.hear(Samples.opened(), id: id)
            #expect(try await world.deliveries() == ["sms queued 0", "email queued 0"])
            try await world.sending {
                await eventually { try await world.deliveries() == ["sms sent 1", "email sent 1"] }
            }
            try await world.hear(Samples.opened(), id: id)
            #expect(try await world.deliveries() == ["sms sent 1", "email sent 1"])
            #expect(
                world.sms.messages.map(\.recipient) == ["+8613800138000"] && world.email.messages.map(\.recipient) == ["desk@hq.example"])
            let settled = try await world.settled()
            #expect(Set(settled.map(\.channel)) == [.sms, .email])
            #expect(settled.allSatisfy { $0.outcome == .sent && $0.attempts == 1 && $0.event == id && $0.ticket == Samples.ticket })
        }
    }

    @Test func `intake is asked for the contact when it is sent, and not before`() async throws {
        try await World.with(recipients: Self.desk) { world in
            try await world.hear(Samples.opened(), quiet: QuietHours("11:00-13:00"))
            try await world.sending {
                // The desk's letter is not held back, so its arrival shows that the sender has looked.
                await eventually { try await world.deliveries() == ["sms queued 0", "email sent 1"] }
                #expect(world.contacts.askings.isEmpty)
                world.clock.advance(.seconds(3_600))
                await eventually { try await world.deliveries() == ["sms sent 1", "email sent 1"] }
            }
            #expect(world.contacts.askings == ["received"])
            #expect(world.sms.messages.first?.text.contains("https://shao.example/s/\(Samples.ticket)") == true)
        }
    }

    @Test func `who left no number is not told, and no outcome is claimed`() async throws {
        try await World.with { world in
            let stranger = Samples.snapshot(ticket: Samples.id(TicketID.self, "0198c0de-0000-7000-8000-0000000000ff"))
            try await world.hear(CaseFiled(snapshot: stranger.taken(by: Samples.staff)))
            try await world.sending { await eventually { try await world.deliveries() == ["sms skipped 1 no-contact"] } }
            #expect(try await world.settled().isEmpty)
            #expect(world.sms.messages.isEmpty)
        }
    }

    @Test func `no telephone number and no address stays in the database or in the log`() async throws {
        try await World.with(recipients: Self.desk) { world in
            try await world.hear(Samples.opened())
            world.sms.answer(.retryLater(after: nil))
            try await world.sending {
                await eventually { try await world.deliveries() == ["sms queued 1 later", "email sent 1"] }
                world.clock.advance(.seconds(11))
                await eventually { try await world.deliveries() == ["sms sent 2", "email sent 1"] }
            }
            let everything = try await world.everything()
            #expect(everything.contains(Samples.ticket.description) && everything.contains("resident"))
            for trace in [World.phone, "8613800138000", "desk@hq.example", "hq.example"] {
                #expect(!everything.contains(trace))
                #expect(!world.lines.all.contains(trace))
            }
        }
    }

    @Test func `a failing channel is tried again by the schedule, later messages wait, and then it fails`() async throws {
        try await World.with { world in
            let wake = Signal()
            world.sms.answer(
                .retryLater(after: nil), .retryLater(after: nil), .retryLater(after: nil), .retryLater(after: nil), .retryLater(after: nil))
            try await world.hear(CaseFiled(snapshot: Samples.plain.taken(by: Samples.staff)))
            try await world.hear(Samples.closed())
            try await world.sending(wake: wake) {
                for (attempt, pause) in [Duration.seconds(10), .seconds(60), .seconds(600), .seconds(3_600)].enumerated() {
                    await eventually { try await world.deliveries() == ["sms queued \(attempt + 1) later", "sms queued 0"] }
                    world.clock.advance(pause - .milliseconds(1))
                    wake.raise()
                    #expect(world.sms.messages.count == attempt + 1)
                    world.clock.advance(.milliseconds(1))
                }
                await eventually { try await world.deliveries() == ["sms failed 5 later", "sms sent 1"] }
            }
            #expect(try await world.settled().map(\.outcome) == [.failed, .sent])
            #expect(Set(world.sms.messages.prefix(5).map(\.id)).count == 1)
        }
    }

    @Test func `a claim whose process died is unknown for an SMS and is not sent again`() async throws {
        try await World.with(recipients: Self.desk) { world in
            try await world.hear(Samples.opened())
            try await world.claimAndDie()
            try await world.sending {
                // While the lease runs, the claim may be another replica's.
                let before = try await world.deliveries()
                #expect(before == ["sms sending 1", "email sending 1"])
                world.clock.advance(Retrying.lease)
                await eventually { try await world.deliveries() == ["sms unknown 1 abandoned", "email unknown 1 abandoned"] }
            }
            #expect(world.sms.messages.isEmpty && world.email.messages.isEmpty && world.contacts.askings.isEmpty)
            #expect(try await world.settled().map(\.outcome) == [.unknown, .unknown])
        }
    }

    @Test func `an outcome that comes after the lease has ended changes nothing`() async throws {
        try await World.with { world in
            try await world.hear(Samples.closed())
            let claims = try await world.claimAndDie()
            world.clock.advance(Retrying.lease)
            try await world.settle.abandoned(now: world.clock.now())
            for claim in claims { await world.settle.record(claim, .sent) }
            #expect(try await world.deliveries() == ["sms unknown 1 abandoned"])
            #expect(try await world.settled().map(\.outcome) == [.unknown])
        }
    }

    @Test func `replicas share the work and nobody is told twice`() async throws {
        try await World.with(recipients: Self.desk) { world in
            for number in 0..<40 {
                let ticket = Samples.id(TicketID.self, "0198c0de-0000-7000-8000-0000000001\(number < 10 ? "0" : "")\(number)")
                try await world.hear(CaseRefused(snapshot: Samples.snapshot(ticket: ticket).taken(by: Samples.staff), reason: "\(number)"))
            }
            try await world.sending(replicas: 3) {
                await eventually { try await world.deliveries().allSatisfy { $0 == "email sent 1" } }
            }
            // One desk: in the order in which they were heard, each once.
            #expect(
                world.email.messages.map(\.text).compactMap { $0.split(separator: "原因：").last?.split(separator: "\n").first }
                    == (0..<40).map { Substring("\($0)") })
            #expect(try await world.settled().count == 40)
        }
    }

    @Test func `old news is not told`() async throws {
        try await World.with(recipients: Self.desk) { world in
            try await world.hear(Samples.opened(), age: .seconds(4 * 86_400))
            #expect(try await world.deliveries() == ["sms skipped 0 stale", "email skipped 0 stale"])
        }
    }

    @Test func `intake's silence is no outcome: the message waits`() async throws {
        try await World.with { world in
            try await world.hear(Samples.closed())
            world.contacts.isSilent = true
            try await world.sending {
                await eventually { try await world.deliveries() == ["sms queued 1 contact-unavailable"] }
                world.contacts.isSilent = false
                world.clock.advance(.seconds(10))
                await eventually { try await world.deliveries() == ["sms sent 2"] }
            }
            #expect(world.sms.messages.count == 1)
        }
    }
}

extension World {
    /// Claims what is due and forgets it, as a killed process does.
    @discardableResult
    func claimAndDie() async throws -> [Claim] {
        let now = clock.now()
        return try await pool.transaction { transaction in
            try await transaction.query(DeliveryQueries.claim(10, now: now, lease: now + Retrying.lease), as: Claim.self)
        }
    }
}
