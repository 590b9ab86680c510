import Contracts
import Postgres
import TestKit
import Testing

@testable import Routing

/// The rows beside a case's document are copies: after every command they must say what the document says.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, "\(TemporaryDatabase.reason)"))
struct RowCopyTests {
    @Test(arguments: [3, 11, 20, 41]) func `after every command the rows say what the case says`(seed: UInt64) async throws {
        let world = try CaseWorld()
        try await TestDesk.with { desk in
            var random = Seeded(seed: seed)
            let id = try await desk.put([], 1)
            var kinds: Set<CaseCommand.Kind> = []
            for _ in 0..<900 where kinds.count < 22 {
                let one = try await desk.file(id).one
                if one.isWindowOver || one.version > 90 { break }
                let commands = try world.commands(for: one, at: one.changedAt)
                guard let command = commands.randomElement(using: &random),
                    let actor = try world.actors(for: command, on: one).randomElement(using: &random)
                else { continue }
                // What ends a case ends the walk: not before much has happened.
                if one.version < 60, Self.ends(command, one) { continue }
                let due = desk.instant(of: command, on: one)
                let now = max(desk.clock.now(), due)
                guard (try? CaseTable.decide(one, command, by: actor, at: now, in: desk.city.context)) != nil else { continue }
                desk.clock.advance(.milliseconds(now.milliseconds(since: desk.clock.now())))
                try await desk.carryOut(command, by: actor, on: id)
                kinds.insert(command.kind)
                let differences = try await desk.differences(id)
                try #require(differences.isEmpty, "after \(command): \(differences)")
            }
            #expect(kinds.count >= 12, "\(kinds)")
        }
    }

    private static func ends(_ command: CaseCommand, _ one: Case) -> Bool {
        if case .expire = command { return one.state.isFinal }
        return [.decline, .merge, .withdraw].contains(command.kind)
    }

    @Test func `a co-handler's clocks stay in the rows when the lead goes on`() async throws {
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
            let rows = try await desk.pool.query(
                "SELECT kind FROM case_clock WHERE ticket = \(ticket.ticket) AND department = \(co.department.description) ORDER BY kind",
                as: String.self)
            #expect(rows == ["handle", "sign"])
        }
    }
}

extension TestDesk {
    func instant(of command: CaseCommand, on one: Case) -> Timestamp {
        switch command {
        case .expire(let kind, let department): one.clock(kind, department)?.dueAt ?? one.changedAt
        case .warn(let kind, let department, let percent):
            one.clock(kind, department).map { city.context.calendar.instant(at: percent, of: $0) } ?? one.changedAt
        default: one.changedAt
        }
    }

    func carryOut(_ command: CaseCommand, by actor: CaseActor, on id: CaseID) async throws {
        try await pool.transaction { transaction in
            let file = try #require(try await transaction.query(CaseQueries.lock(id), as: CaseFile.self).first)
            _ = try use.command.carryOut.perform(command, by: actor, on: file, in: &transaction)
        }
    }

    /// What the rows say otherwise than the document.
    func differences(_ id: CaseID) async throws -> [String] {
        let one = try await file(id).one
        var found: [String] = []
        func compare(_ what: String, _ rows: [String], _ wanted: [String]) {
            if rows != wanted { found.append("\(what): \(rows), not \(wanted)") }
        }
        let owner = one.owner
        let own = try await pool.query(
            """
            SELECT concat_ws(' ', number, version, state, owner_kind, owner, street, community, category, coalesce(lead, '-'),
                coalesce(next_due::text, '-'), submitted_at, opened_at, changed_at, coalesce(closed_at::text, '-'))
            FROM case_file WHERE ticket = \(id)
            """, as: String.self)
        func text(_ time: Timestamp?) -> String { time.map { "\($0.milliseconds)" } ?? "-" }
        let parts: [String] = [
            one.number.description, "\(one.version)", one.state.rawValue, owner.kind.rawValue, owner.code, one.place.street.description,
            (one.place.community ?? one.place.street).description, one.category.description, one.lead?.department.description ?? "-",
            text(one.nextDue?.dueAt), text(one.submittedAt), text(one.openedAt), text(one.changedAt), text(one.closedAt),
        ]
        compare("case", own, [parts.joined(separator: " ")])
        let clocks = try await pool.query(
            """
            SELECT concat_ws(' ', kind, department, due_at, warned, is_overdue, coalesce(fires_at::text, '-')) AS clock
            FROM case_clock WHERE ticket = \(id)
            """, as: String.self)
        let running = one.clocks.map { clock in
            "\(clock.kind.rawValue) \(clock.department?.description ?? "") \(clock.dueAt.milliseconds) \(clock.warned)"
                + " \(clock.isOverdue ? "t" : "f") \(text(one.fires(clock, in: city.context.calendar)))"
        }
        compare("clocks", clocks.sorted(), running.sorted())
        let dispatches = try await pool.query(
            "SELECT concat_ws(' ', id, department) FROM dispatch WHERE ticket = \(id)", as: String.self)
        compare("dispatches", dispatches.sorted(), one.dispatches.map { "\($0.id) \($0.department)" }.sorted())
        let versions = try await pool.query(
            "SELECT version FROM outbox WHERE subject = \(id.description) AND topic = 'cases.v1' ORDER BY id", as: Int32.self)
        compare("versions", versions.map { "\($0)" }, (1...one.version).map { "\($0)" })
        return found
    }
}
