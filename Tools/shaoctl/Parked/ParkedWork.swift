import EventLog
import FoundationEssentials
import HTTP
import JSON

/// `shaoctl parked …`: tickets whose events failed for good, in every service.
enum ParkedWork {
    static let commands = [list, show, replay, drop]

    private static let which: [Option] = [
        .value("subject", "ID", "the parked subject: a ticket, a dispatch"),
        .value("topic", "TOPIC", "its topic, where the same subject is parked on several"),
        .value("service", "NAME", "the service that parked it (default: whichever has)"),
    ]

    private static let list = Command(
        words: ["parked", "list"], summary: "tickets whose events failed for good, in all services",
        options: AdminDoors.options + [.flag("json", "one JSON object a line, for programs")],
        story: """
            One line per parked subject: the service that could not apply its event, since when, how many of its events wait, and
            what the first one failed with. All other tickets go on meanwhile.
            """,
        run: { arguments in
            let doors = try open(arguments)
            let terminal = Terminal(environment: ProcessInfo.processInfo.environment)
            let parked = try await all(doors)
            if arguments.has("json") {
                for one in parked { terminal.say(String(decoding: one.json, as: UTF8.self)) }
                return
            }
            if parked.isEmpty { return terminal.remark("nothing is parked") }
            for one in parked { terminal.say(one.line) }
        })

    private static let show = Command(
        words: ["parked", "show"], summary: "the waiting events of one parked ticket",
        options: which + AdminDoors.options,
        story: "Its events in the order in which a replay applies them; the one that failed with its reason, all with their content.",
        run: { arguments in
            let doors = try open(arguments)
            let terminal = Terminal(environment: ProcessInfo.processInfo.environment)
            let found = try await one(arguments, doors)
            let page = try await doors.fetch(ParkedEventsPage.self, .get("\(found.door.url)/internal/parked/show?\(found.query)"))
            terminal.say(found.line)
            for event in page.events {
                terminal.say("  \(event.seq)  \(event.type)  version \(event.version)  \(event.time)")
                if let reason = event.reason { terminal.say("     failed: \(reason)") }
                terminal.say("     \(event.payload)")
            }
        })

    private static let replay = Command(
        words: ["parked", "replay"], summary: "apply a parked ticket's events after the cause is repaired",
        options: which + [.flag("all", "every parked subject, oldest first")] + AdminDoors.options,
        story: """
            All events of the subject, in order, in one transaction; then it goes on like any other. When one fails again nothing
            has changed, and the reason is printed.
            """,
        run: { arguments in
            let doors = try open(arguments)
            let terminal = Terminal(environment: ProcessInfo.processInfo.environment)
            let chosen = arguments.has("all") ? try await all(doors) : [try await one(arguments, doors)]
            var failed = 0
            for parked in chosen {
                let answer = try await doors.send(.post("\(parked.door.url)/internal/parked/replay?\(parked.query)", []))
                if answer.status != 200 { failed += 1 }
                let outcome = answer.status == 200 ? "replayed \(try events(answer)) events" : "still parked: \(Gateway.reason(answer))"
                terminal.say("\(parked.door.service)  \(parked.subject.topic)  \(parked.subject.subject)  \(outcome)")
            }
            if failed > 0 { throw Stop.failed("\(failed) of \(chosen.count) failed again") }
        })

    private static let drop = Command(
        words: ["parked", "drop"], summary: "give a parked ticket's events up, with a reason that is kept",
        options: which + [.required("why", "TEXT", "why they are given up; kept beside them")] + AdminDoors.options,
        story: "The service will never apply these events; they stay in its table parked_dropped. Later events of the subject are applied.",
        run: { arguments in
            let doors = try open(arguments)
            let terminal = Terminal(environment: ProcessInfo.processInfo.environment)
            let why = try arguments.require("why")
            let parked = try await one(arguments, doors)
            let answer = try await doors.send(
                .post("\(parked.door.url)/internal/parked/drop?\(parked.query)&why=\(AdminDoors.escape(why))", []))
            guard answer.status == 200 else { throw Stop.failed(Gateway.reason(answer)) }
            terminal.say("\(parked.door.service)  \(parked.subject.topic)  \(parked.subject.subject)  dropped \(try events(answer)) events")
        })

    // MARK: steps

    private static func open(_ arguments: Arguments) throws -> AdminDoors {
        try AdminDoors(arguments, environment: ProcessInfo.processInfo.environment)
    }

    /// What every service has parked, oldest first.
    private static func all(_ doors: AdminDoors) async throws -> [Parked] {
        var parked: [Parked] = []
        for door in doors.doors {
            let page = try await doors.fetch(ParkedSubjectsPage.self, .get("\(door.url)/internal/parked"))
            parked += page.subjects.map { Parked(door: door, subject: $0) }
        }
        return parked.sorted { $0.subject.since < $1.subject.since }
    }

    /// The one that is meant.
    private static func one(_ arguments: Arguments, _ doors: AdminDoors) async throws -> Parked {
        let subject = try arguments.require("subject")
        if let service = arguments["service"] { _ = try doors.door(service) }
        let found = try await all(doors).filter { parked in
            parked.subject.subject == subject && (arguments["topic"] ?? parked.subject.topic) == parked.subject.topic
                && (arguments["service"] ?? parked.door.service) == parked.door.service
        }
        guard let first = found.first else { throw Stop.failed("\(subject) is not parked") }
        guard found.count == 1 else {
            throw Stop.usage(
                "\(subject) is parked \(found.count) times; say --service or --topic:\n" + found.map(\.line).joined(separator: "\n"))
        }
        return first
    }

    private static func events(_ answer: HTTPClient.Response) throws -> Int64 {
        guard case .int(let count)? = try JSONReader.decode(JSONValue.self, from: answer.body)["events"] else { return 0 }
        return count
    }
}

/// A parked subject and where.
private struct Parked: Sendable, JSONObjectEncodable {
    let door: AdminDoors.Door
    let subject: ParkedSubject

    var query: String { "topic=\(AdminDoors.escape(subject.topic))&subject=\(AdminDoors.escape(subject.subject))" }

    var line: String {
        Columns.pad(door.service, to: 14) + Columns.pad(subject.topic, to: 16) + "\(subject.subject)  since \(subject.since)  "
            + "\(subject.events) events  \(subject.reason)"
    }

    func write(members o: inout JSONObjectWriter) {
        o.member("service", door.service)
        o.member("parked", subject)
    }
}
