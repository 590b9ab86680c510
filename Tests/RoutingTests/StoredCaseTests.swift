import Contracts
import Postgres
import TestKit
import Testing

@testable import Routing

/// A case is read back from its rows as it was decided, after every command.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct StoredCaseTests {
    @Test(arguments: [3, 11, 20, 41]) func `after every command the case read from the rows is the case that was decided`(seed: UInt64)
        async throws
    {
        let world = try CaseWorld()
        try await TestDesk.with { desk in
            var random = Seeded(seed: seed)
            let id = try await desk.put([], 1)
            var kinds: Set<String> = []
            for _ in 0..<900 where kinds.count < 22 {
                let serviceCase = try await desk.file(id).serviceCase
                if serviceCase.isWindowOver || serviceCase.version > 90 { break }
                let commands = try world.commands(for: serviceCase, at: serviceCase.changedAt)
                guard let command = commands.randomElement(using: &random),
                    let actor = try world.actors(for: command, on: serviceCase).randomElement(using: &random)
                else { continue }
                // What ends a case ends the walk: not before much has happened.
                if serviceCase.version < 60, Self.ends(command, serviceCase) { continue }
                let due = desk.instant(of: command, on: serviceCase)
                let now = max(desk.clock.now(), due)
                guard (try? serviceCase.decide(command, by: actor, at: now, in: desk.city.context)) != nil else { continue }
                desk.clock.advance(.milliseconds(now.milliseconds(since: desk.clock.now())))
                let after = try await desk.execute(command, by: actor, on: id)
                kinds.insert("\(type(of: command).name) \((command as? Expire)?.clock.rawValue ?? "")")
                let stored = try await desk.file(id).serviceCase
                try #require(stored == after, "after \(command): \(Self.difference(stored, after))")
                let differences = try await desk.differences(id)
                try #require(differences.isEmpty, "after \(command): \(differences)")
            }
            #expect(kinds.count >= 12, "\(kinds)")
        }
    }

    private static func ends(_ command: any CaseAction, _ serviceCase: ServiceCase) -> Bool {
        if command is Expire { return serviceCase.state.isFinal }
        return command is Decline || command is Merge || command is Withdraw
    }

    private static func difference(_ stored: ServiceCase, _ decided: ServiceCase) -> [String] {
        zip(Mirror(reflecting: stored).children, Mirror(reflecting: decided).children).compactMap { a, b in
            "\(a.value)" == "\(b.value)" ? nil : "\(a.label ?? ""): \(a.value), not \(b.value)"
        }
    }

    @Test func `a co-handler's clocks stay when the lead goes on`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
            try await desk.hear([ticket])
            let calls = try await desk.payloads(DispatchCalled.self, of: ticket.ticket)
            let lead = try #require(calls.first)
            let co = try #require(calls.last)
            for word in [
                FeedbackSigned(dispatch: lead.dispatch, ticket: lead.ticket) as any Event,
                FeedbackArrived(dispatch: lead.dispatch, ticket: lead.ticket),
                FeedbackCompleted(dispatch: lead.dispatch, ticket: lead.ticket, text: "好了"),
            ] {
                try await desk.feedback(word, from: lead.department.description)
                #expect(try await desk.differences(ticket.ticket) == [])
            }
            let clocks = try await desk.file(ticket.ticket).serviceCase.clocks.filter { $0.department == co.department }
            #expect(clocks.map(\.kind.rawValue).sorted() == ["handle", "sign"])
        }
    }

    @Test func `two commands at once on one case see each other's rows`() async throws {
        try await TestDesk.with { desk in
            let ticket = try desk.ticket(1, plate: desk.plate(), category: "P01003")
            try await desk.hear([ticket])
            let calls = try await desk.payloads(DispatchCalled.self, of: ticket.ticket)
            let (lead, co) = (try #require(calls.first), try #require(calls.last))
            let second = try await desk.pool.transaction { transaction in
                let file = try #require(try await transaction.lockCases(.ticket(ticket.ticket)).first).file
                let second = Task {
                    try await desk.feedback(FeedbackSigned(dispatch: co.dispatch, ticket: co.ticket), from: co.department.description)
                }
                await eventually("the second stands in line") {
                    try await desk.pool.query(
                        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
                        as: Int.self
                    ) == [1]
                }
                let actor = Actor(.department(lead.department))
                _ = try desk.use.command.execute.perform(SignFor(order: lead.dispatch), by: actor, on: file, in: &transaction)
                return second
            }
            try await second.value
            let serviceCase = try await desk.file(ticket.ticket).serviceCase
            #expect(serviceCase.dispatches.allSatisfy { $0.signedAt != nil })
            #expect(serviceCase.clocks.filter { $0.kind == .sign }.isEmpty)
            #expect(serviceCase.version == 4)
        }
    }

    @Test func `a case that another transaction changed without the lock is not overwritten`() async throws {
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let serviceCase = try await desk.file(id).serviceCase
            let actor = try #require(Actor(unit: serviceCase.owner))
            await #expect(throws: PostgresError.self) {
                try await desk.pool.transaction { transaction in
                    let file = try #require(try await transaction.lockCases(.ticket(id)).first).file
                    _ = try await transaction.execute("UPDATE service_case SET version = version + 1 WHERE ticket = \(id)")
                    _ = try desk.use.command.execute.perform(Accept(), by: actor, on: file, in: &transaction)
                }
            }
            #expect(try await desk.file(id).serviceCase == serviceCase)
        }
    }

    @Test func `who joined a case and left it again stays on record`() async throws {
        let world = try CaseWorld()
        try await TestDesk.with { desk in
            let id = try await desk.put([], 1)
            let (other, number) = (try known(CaseID(bytes: CaseWorld.bytes(2))), try known(TicketNumber(day: world.start.day, sequence: 2)))
            let actor = try world.actor(world.streetUnit)
            try await desk.execute(JoinTicket(ticket: other, number: number), by: actor, on: id)
            try await desk.execute(SeparateTicket(ticket: other, number: number), by: actor, on: id)
            try await desk.execute(JoinTicket(ticket: other, number: number), by: actor, on: id)
            let rows = try await desk.pool.query(
                "SELECT version || CASE WHEN left_at IS NULL THEN '' ELSE ' left' END FROM case_party WHERE party = \(other) ORDER BY version",
                as: String.self)
            #expect(rows == ["2 left", "4"])
            #expect(try await desk.file(id).serviceCase.joined.map(\.number) == [number])
        }
    }
}

extension TestDesk {
    func instant(of command: any CaseAction, on serviceCase: ServiceCase) -> Timestamp {
        switch command {
        case let end as Expire: serviceCase.clock(end.clock, end.department)?.dueAt ?? serviceCase.changedAt
        case let warning as Warn:
            serviceCase.clock(warning.clock, warning.department).map { city.context.calendar.instant(at: warning.percent, of: $0) }
                ?? serviceCase.changedAt
        default: serviceCase.changedAt
        }
    }

    @discardableResult
    func execute(_ command: any CaseAction, by actor: Actor, on id: CaseID) async throws -> ServiceCase {
        try await pool.transaction { transaction in
            let file = try #require(try await transaction.lockCases(.ticket(id)).first).file
            return try use.command.execute.perform(command, by: actor, on: file, in: &transaction)
        }
    }

    /// What is worked out of a case for those who look for it, and stands otherwise in its rows.
    func differences(_ id: CaseID) async throws -> [String] {
        let serviceCase = try await file(id).serviceCase
        var found: [String] = []
        func compare(_ what: String, _ rows: [String], _ wanted: [String]) {
            if rows != wanted { found.append("\(what): \(rows), not \(wanted)") }
        }
        func text(_ time: Timestamp?) -> String { time.map { "\($0.milliseconds)" } ?? "-" }
        let rows = try await pool.query(
            """
            SELECT concat_ws(' ', c.owner_kind, c.owner, coalesce(c.next_due::text, '-'), coalesce(k.fires_at::text, '-'))
            FROM service_case c JOIN case_clock k USING (ticket) WHERE ticket = \(id)
            """, as: String.self)
        let firesAt = serviceCase.clocks.compactMap { serviceCase.fires($0, in: city.context.calendar) }.min()
        compare(
            "queue", rows,
            [
                [serviceCase.owner.kind.rawValue, serviceCase.owner.code, text(serviceCase.nextDue?.dueAt), text(firesAt)].joined(
                    separator: " ")
            ])
        let versions = try await pool.query(
            "SELECT version FROM outbox WHERE subject = \(id.description) AND topic = 'cases.v1' ORDER BY id", as: Int32.self)
        compare("versions", versions.map { "\($0)" }, (1...serviceCase.version).map { "\($0)" })
        return found
    }
}
