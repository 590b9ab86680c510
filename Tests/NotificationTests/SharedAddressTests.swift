import Channels
import Contracts
import TestKit
import Testing

@testable import Notification

/// Several units behind one mailbox, telephone or page.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "SHAO_TEST_POSTGRES names no scratch server"), .serialized)
struct `One address for several` {
    private static func mailbox(_ units: [String], _ more: String = "") -> String {
        "{" + units.map { #""\#($0)": [{"channel": "email", "address": "all@hq.example"\#(more)}]"# }.joined(separator: ",") + "}"
    }

    @Test func `different letters to one mailbox all arrive, each once`() async throws {
        try await World.with(recipients: Self.mailbox(["310106019001", "light", "water"])) { world in
            try await world.hear(
                CaseDispatched(snapshot: Samples.called.taken(by: Samples.staff), dispatches: Samples.dispatches, basis: "派单目录"))
            try await world.sending {
                await eventually { try await world.deliveries() == ["sms sent 1", "email sent 1", "email sent 1", "email sent 1"] }
            }
            #expect(Set(world.email.messages.map { $0.subject.prefix { $0 != " " && $0 != "0" } }).count == 3)
            #expect(world.email.messages.count == 3 && Set(world.email.messages.map(\.text)).count == 3)
        }
    }

    @Test func `the same words to one mailbox go once, and it is always the first that goes`() async throws {
        for _ in 0..<5 {
            try await World.with(recipients: Self.mailbox(["light", "water"])) { world in
                try await world.hear(CaseResumed(snapshot: Samples.called.taken(by: Samples.staff)))
                #expect(try await world.deliveries() == ["sms queued 0", "email queued 0", "email skipped 0 told-already"])
                try await world.sending {
                    await eventually { try await world.deliveries() == ["sms sent 1", "email sent 1", "email skipped 0 told-already"] }
                }
                #expect(world.email.messages.count == 1)
            }
        }
    }

    @Test func `desks of two levels get two letters, each with its own link`() async throws {
        try await World.with(recipients: Self.mailbox(["310106019001", "310106019000"])) { world in
            try await world.hear(CaseOverdue(snapshot: Samples.plain, clock: .handle, dueAt: Samples.noon))
            try await world.sending { await eventually { try await world.deliveries() == ["email sent 1", "email sent 1"] } }
            #expect(
                Set(world.email.messages.compactMap { $0.text.split(separator: "\n").last }) == [
                    "https://shao.example/community/\(Samples.ticket)", "https://shao.example/street/\(Samples.ticket)",
                ])
        }
    }

    @Test func `a letter in each language is two letters`() async throws {
        let file = """
            {"light": [{"channel": "email", "address": "all@hq.example"}],
             "water": [{"channel": "email", "address": "all@hq.example", "language": "en"}]}
            """
        try await World.with(recipients: file) { world in
            try await world.hear(CaseResumed(snapshot: Samples.called.taken(by: Samples.staff)))
            #expect(try await world.deliveries() == ["sms queued 0", "email queued 0", "email queued 0"])
        }
    }

    @Test func `a resident who is a unit's duty telephone as well is told both`() async throws {
        try await World.with(recipients: #"{"light": [{"channel": "sms", "address": "\#(World.phone)"}]}"#) { world in
            try await world.hear(Samples.closed())
            try await world.sending { await eventually { try await world.deliveries() == ["sms sent 1", "sms sent 1"] } }
            #expect(Set(world.sms.messages.map(\.text)).count == 2 && Set(world.sms.messages.map(\.recipient)).count == 1)
        }
    }

    @Test func `one page for two units gets the event once: receivers drop doubles by its id`() async throws {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqr"
        let entry = #"[{"channel": "webhook", "address": "http://192.0.2.1/in", "secret": "\#(secret)"}]"#
        try await World.with(recipients: "{\"light\": \(entry), \"water\": \(entry)}") { world in
            try await world.hear(
                CaseDispatched(snapshot: Samples.called.taken(by: Samples.staff), dispatches: Samples.dispatches, basis: "派单目录"))
            #expect(try await world.deliveries() == ["sms queued 0", "webhook queued 0", "webhook skipped 0 told-already"])
        }
    }
}
