import Contracts
import EventLoop
import FoundationEssentials
import Postgres
import TestKit
import Testing

@testable import Analytics
@testable import EventLog

private func fact(_ life: Life) throws -> CaseFact {
    let events = life.streams.sorted { $0.key < $1.key }.flatMap(\.value)
    return try #require(FoldEvents.fold(events).first)
}

@Suite struct `What events say of a ticket` {
    @Test func `a reported ticket has no place yet`() throws {
        var life = try Life(1)
        life.submit()
        let fact = try fact(life)
        #expect(fact.report?.submittedAt == life.submittedAt && fact.work == nil && fact.firstAnsweredAt == nil)
    }

    @Test func `the newest snapshot is the state, and the first answer's clock outlives the answer`() throws {
        var life = try Life(1)
        life.open()
        try life.answer(after: 3)
        life.close(after: 5)
        let fact = try fact(life)
        #expect(fact.work?.snapshot.state == .closed && fact.work?.snapshot.closedAt == life.moment(5))
        #expect(fact.firstAnswerDue == life.moment(15) && fact.firstAnsweredAt == life.moment(3))
    }

    @Test func `the resident's own windows make nobody late`() throws {
        var life = try Life(1)
        life.open()
        life.close(after: 5)
        #expect(try fact(life).work?.nextDue == nil)
    }

    @Test func `the first word stays the first after reopening`() throws {
        var life = try Life(1)
        life.open()
        try life.answer(after: 3)
        life.close(after: 5)
        life.reopen(after: 6)
        try life.answer(after: 9)
        let fact = try fact(life)
        #expect(fact.firstAnsweredAt == life.moment(3) && fact.work?.snapshot.reopenCount == 1)
        #expect(fact.work?.snapshot.closedAt == nil)
    }

    @Test func `a refusal with its reason is a first word`() throws {
        var life = try Life(1)
        life.open()
        try life.decline(after: 2)
        #expect(try fact(life).firstAnsweredAt == life.moment(2))
    }

    @Test func `every clock that runs out is counted`() throws {
        var life = try Life(1)
        life.open()
        life.runOut(after: 16)
        life.runOut(after: 49)
        #expect(try fact(life).overdueCount == 2)
    }

    @Test func `a reminder counts nothing but the case's version`() throws {
        var life = try Life(1)
        life.open()
        try life.dispatch(to: "greening", after: 1)
        let before = try fact(life)
        try life.remind("greening", after: 9)
        var after = try fact(life)
        #expect(after.work?.snapshot.version == 3)
        after.work = before.work
        #expect(after == before)
    }

    @Test func `only the resident's evaluation counts, the last one`() throws {
        var life = try Life(1)
        life.evaluate(.no, .no, after: 5)
        life.evaluate(.yes, .fair, after: 9)
        life.evaluate(.no, .no, after: 10, party: .staff)
        let answers = try #require(try fact(life).evaluation)
        #expect(answers.solved == .yes && answers.satisfied == .fair && answers.at == life.moment(9))
    }

    @Test func `messages are counted as sent or not`() throws {
        var life = try Life(1)
        life.tell(.sent, after: 1)
        life.tell(.failed, after: 2)
        life.tell(.unknown, after: 3)
        let fact = try fact(life)
        #expect(fact.messagesSent == 1 && fact.messagesUnsent == 2)
    }

    @Test func `any weaving of the streams, cut anywhere, folds to the same facts`() throws {
        var random = Seeded(seed: 7)
        let lives = try (0..<40).map { try Life.random($0, &random) }
        let whole = Dictionary(
            uniqueKeysWithValues: FoldEvents.fold(Interleaving.batches(lives, &random).flatMap { $0 }).map { ($0.ticket, $0) })
        for _ in 0..<20 {
            var facts: [TicketID: CaseFact] = [:]
            for batch in Interleaving.batches(lives, &random) {
                for fact in FoldEvents.fold(batch) { facts[fact.ticket] = facts[fact.ticket]?.merging(fact) ?? fact }
            }
            #expect(facts == whole)
        }
    }

    @Test func `a batch gives one fact per ticket, in the order of tickets`() throws {
        var random = Seeded(seed: 3)
        let lives = try (0..<20).map { try Life.random($0, &random) }
        let tickets = FoldEvents.fold(Interleaving.batches(lives, &random).flatMap { $0 }).map(\.ticket)
        #expect(tickets == lives.map(\.ticket).sorted())
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct `Facts in the database` {
    @Test func `hold what the fold in memory holds, however the streams are woven and cut, and after a rebuild`() async throws {
        var random = Seeded(seed: 11)
        let lives = try (0..<60).map { try Life.random($0, &random) }
        try await Facts.database { pool in
            var seen: Set<[String]> = []
            for _ in 0..<6 {
                try await pool.execute("TRUNCATE case_fact, heard")
                for batch in Interleaving.batches(lives, &random) { try await Facts.apply(batch, to: pool) }
                seen.insert(try await Facts.dump(pool))
            }
            #expect(seen.count == 1)
            // The rules in SQL and those in Swift are the same rules.
            try await pool.execute("TRUNCATE case_fact")
            let facts = FoldEvents.fold(Interleaving.batches(lives, &random).flatMap { $0 })
            try await pool.execute(FactQueries.merge(FactRows(facts)))
            let atOnce = try await Facts.dump(pool)
            #expect(seen == [atOnce])
        }
    }

    @Test func `an evaluation may come before anything else of its ticket`() async throws {
        var life = try Life(1)
        life.evaluate(.partly, .yes, after: 4)
        let evaluation = life.streams.values.flatMap { $0 }
        life.open()
        life.close(after: 3)
        let events = life.streams.filter { $0.key.hasPrefix("cases") }.values.flatMap { $0 }
        try await Facts.database { pool in
            try await Facts.apply(evaluation, to: pool)
            #expect(try await pool.query("SELECT count(*) FROM case_fact WHERE submitted_at IS NULL", as: Int.self) == [1])
            try await Facts.apply(events, to: pool)
            let rows = try await pool.query("SELECT solved, state FROM case_fact") {
                (try $0["solved"] as String, try $0["state"] as String)
            }
            #expect(rows.first?.0 == "partly" && rows.first?.1 == "closed")
        }
    }

    @Test func `the directory gives the names, the newest of each`() async throws {
        let code = try #require(AreaCode(Life.community))
        func named(_ name: String, _ version: Int32) -> AnyEnvelope {
            let event = AreaRegistered(area: code, level: .community, name: name)
            return AnyEnvelope(
                id: EventID(.init()), subject: event.subject, version: version, time: Life.start, trace: nil,
                type: "area.registered.v1", body: event, payload: [])
        }
        try await Facts.database { pool in
            try await Facts.apply([named("旧名", 1), named("彩虹一社区", 2)], to: pool)
            try await Facts.apply([named("旧名", 1)], to: pool)
            #expect(try await pool.query("SELECT name FROM area", as: String.self) == ["彩虹一社区"])
        }
    }

    @Test func `what is retired has no line of its own and keeps its name, until it is registered again`() async throws {
        let (code, unit) = (try #require(AreaCode(Life.community)), try #require(DepartmentCode("water")))
        func said(_ event: some DirectoryEvent, _ version: Int32) -> AnyEnvelope {
            AnyEnvelope(
                id: EventID(.init()), subject: event.subject, version: version, time: Life.start, trace: nil,
                type: "\(type(of: event).type).v1", body: event, payload: [])
        }
        let area = AreaRegistered(area: code, level: .community, name: "彩虹一社区")
        let department = DepartmentRegistered(department: unit, name: "供水公司")
        try await Facts.database { pool in
            func listed() async throws -> [String] {
                var lines: [String] = []
                for sql in [RateQueries.areaNames, RateQueries.departmentNames] {
                    lines += try await pool.query(sql) { row in "\(try row["name"] as String) \(try row["is_listed"] as Bool)" }
                }
                return lines
            }
            try await Facts.apply([said(area, 1), said(department, 1)], to: pool)
            #expect(try await listed() == ["彩虹一社区 true", "供水公司 true"])
            try await Facts.apply([said(AreaRetired(area: code), 2), said(DepartmentRetired(department: unit), 2)], to: pool)
            #expect(try await listed() == ["彩虹一社区 false", "供水公司 false"])
            try await Facts.apply([said(area, 3), said(AreaRetired(area: code), 4), said(department, 3)], to: pool)
            #expect(try await listed() == ["彩虹一社区 false", "供水公司 true"], "in one batch the last counts")
            try await Facts.apply([said(area, 5), said(DepartmentRetired(department: unit), 2)], to: pool)
            #expect(try await listed() == ["彩虹一社区 true", "供水公司 true"])
        }
    }

    @Test func `what was heard last tells the age of the figures`() async throws {
        var life = try Life(1)
        life.open()
        life.close(after: 5)
        let events = life.streams.values.flatMap { $0 }
        try await Facts.database { pool in
            try await Facts.apply(events.reversed(), to: pool)
            #expect(try await pool.query(RateQueries.heard, as: Timestamp.self) == [life.moment(5)])
        }
    }
}

/// A database with analytics' tables.
enum Facts {
    static func database(_ body: (PostgresPool) async throws -> Void) async throws {
        try await TemporaryDatabase.with(migrations: EventLogMigrations.all + (try Analytics.migrations), body)
    }

    /// As the consumer does it: a batch, a transaction.
    static func apply(_ events: [AnyEnvelope], to pool: PostgresPool) async throws {
        try await pool.transaction { try await FoldEvents.apply(events, &$0) }
    }

    static func dump(_ pool: PostgresPool) async throws -> [String] {
        try await pool.query("SELECT f::text FROM case_fact f ORDER BY ticket", as: String.self)
    }
}
