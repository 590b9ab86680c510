import Contracts
import EventLoop
import JSON
import Postgres
import TestKit
import Testing

@testable import Analytics
@testable import EventLog

/// Seven tickets whose figures were worked out by hand.
enum Street {
    static let now = Life.start.adding(milliseconds: 100 * Life.hour)
    static let days = DayRange.standard(at: now)
    static let first = "310106019001", second = "310106019002", third = "310106019003"

    static func lives() throws -> [Life] {
        var inTime = try Life(1)
        var late = try Life(2)
        var never = try Life(3)
        var takenBack = try Life(4)
        inTime.open()
        try inTime.answer(after: 3)
        inTime.close(after: 5)
        inTime.evaluate(.yes, .very, after: 6)
        late.open()
        try late.answer(after: 20)
        late.close(after: 22)
        late.evaluate(.partly, .fair, after: 23)
        never.open()
        never.runOut(after: 15)
        takenBack.submit()
        takenBack.takeBack(after: 0.2)
        var called = try Life(5, community: second)
        var fresh = try Life(6, community: second, category: "P01001", at: now.adding(milliseconds: -2 * Life.hour))
        called.open()
        try called.dispatch(to: "water", after: 1)
        try called.answer(after: 10, selfHandled: false)
        called.close(after: 12)
        called.evaluate(.no, .no, after: 13)
        fresh.open()
        var merged = try Life(7, community: second)
        merged.open()
        merged.merge(after: 2)
        return [inTime, late, never, takenBack, called, fresh, merged]
    }

    static func fill(_ pool: PostgresPool, names: [(code: String, name: String)] = [(first, "彩虹一社区"), (second, "彩虹二社区"), (third, "星光社区")])
        async throws
    {
        var random = Seeded(seed: 5)
        for batch in Interleaving.batches(try lives(), &random) { try await Facts.apply(batch, to: pool) }
        for (code, name) in names {
            let area = try #require(AreaCode(code))
            let event = AreaRegistered(area: area, level: area.level, name: name)
            try await pool.execute(FactQueries.learn(areas: [(1, event)]))
        }
        let water = DepartmentRegistered(department: try #require(DepartmentCode("water") as DepartmentCode?), name: "供水公司")
        try await pool.execute(FactQueries.learn(departments: [(1, water)]))
    }
}

@Suite struct `A share` {
    @Test func `of nothing is none, not zero`() {
        #expect(Proportion(count: 0, n: 0).rate == nil && Proportion(count: 0, n: 4).rate == 0)
        let json = String(decoding: Proportion(count: 0, n: 0).json, as: UTF8.self)
        #expect(json == #"{"rate":null,"count":0,"n":0}"#)
    }

    @Test func `of a period covers whole days in China`() throws {
        let days = DayRange(first: try #require(ChineseDay("2026-10-01")), last: try #require(ChineseDay("2026-10-01")))
        #expect(days.start.description == "2026-10-01T00:00:00.000+08:00" && days.end.description == "2026-10-02T00:00:00.000+08:00")
        #expect(DayRange.standard(at: Street.now).days == 30)
    }
}

@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct `The rates of seven tickets` {
    @Test func `are those worked out by hand`() async throws {
        try await Facts.database { pool in
            try await Street.fill(pool)
            let table = try await RateReader(pool: pool).table(.community, Street.days, .street, now: Street.now)
            let total = table.total
            #expect(total.tickets == 7)
            #expect(total.response == Proportion(count: 2, n: 4))
            #expect(total.resolution == Proportion(count: 1, n: 3) && total.partlySolved == 1)
            #expect(total.satisfaction == Proportion(count: 2, n: 3))
            #expect(total.answered == 3)
            #expect(total.median == 600)
            #expect(total.ninetieth == 1200)
            #expect(total.answeredInTime == Proportion(count: 2, n: 4))
            #expect(total.solvedInCommunity == Proportion(count: 2, n: 3))
            #expect(total.open == 2 && total.overdue == 1 && total.clocksRunOut == 1)
            #expect(table.dataUntil != nil)
        }
    }

    @Test func `by community name each, those without tickets and those without a place too`() async throws {
        try await Facts.database { pool in
            try await Street.fill(pool)
            let table = try await RateReader(pool: pool).table(.community, Street.days, .street, now: Street.now)
            let lines = table.lines[.community] ?? []
            #expect(lines.map(\.name) == ["彩虹一社区", "彩虹二社区", nil, "星光社区"])
            #expect(lines.map(\.figures.tickets) == [3, 3, 1, 0])
            #expect(lines.map(\.figures.response) == [(1, 3), (1, 1), (0, 0), (0, 0)].map { Proportion(count: $0.0, n: $0.1) })
            #expect(lines.map(\.figures.resolution.rate) == [0.5, 0, nil, nil])
            #expect(lines.map(\.figures.satisfaction.rate) == [1, 0, nil, nil])
        }
    }

    @Test func `by category and department, and together in one reading`() async throws {
        try await Facts.database { pool in
            try await Street.fill(pool)
            let overview = try await RateReader(pool: pool).overview(Breakdown.allCases, Street.days, .street, now: Street.now)
            let categories = overview.table.lines[.category] ?? []
            let departments = overview.table.lines[.department] ?? []
            #expect(categories.map(\.code) == ["E06010", "P01001", nil] && categories.map(\.figures.tickets) == [5, 1, 1])
            let water = departments.first { $0.code == "water" }
            #expect(water?.name == "供水公司" && water?.figures.solvedInCommunity.rate == 0 && water?.figures.response.rate == 1)
            #expect(overview.table.total.median == 600 && overview.openNow == 2 && overview.overdueNow == 1)
            #expect(overview.trend.count == 30 && overview.trend.map(\.figures.tickets).reduce(0, +) == 7)
            let together = overview.trend.map(\.figures).reduce(Figures()) { $0.addingRates($1) }
            #expect(together.response == Proportion(count: 2, n: 4) && together.satisfaction == Proportion(count: 2, n: 3))
            let states = Dictionary(uniqueKeysWithValues: overview.states.map { ($0.state, $0.tickets) })
            #expect(states[.closed] == 3 && states[.reported] == 2 && states[.withdrawn] == 1 && states[.merged] == 1)
        }
    }

    @Test func `of a community are its own, and of an empty period nothing`() async throws {
        try await Facts.database { pool in
            try await Street.fill(pool)
            let reader = RateReader(pool: pool)
            let second = try #require(AreaCode(Street.second))
            let own = try await reader.table(.community, Street.days, .community(second), now: Street.now)
            #expect(own.total.tickets == 3 && (own.lines[.community] ?? []).map(\.code) == [Street.second])
            let before = DayRange(first: Street.days.first.adding(days: -60), last: Street.days.first.adding(days: -31))
            let none = try await reader.overview(Breakdown.allCases, before, .street, now: Street.now)
            #expect(none.table.total.tickets == 0 && none.table.total.response.rate == nil && none.table.total.median == nil)
            #expect(none.openNow == 2, "what is open now is open whatever the period")
        }
    }

    @Test func `are read from 200 000 facts within a page's time`() async throws {
        try await Facts.database { pool in
            try await pool.execute(Many.facts)
            try await pool.execute("ANALYZE case_fact")
            let reader = RateReader(pool: pool)
            let year = DayRange(first: Street.now.day.adding(days: -364), last: Street.now.day)
            for (name, days) in [("30 of 365 days", Street.days), ("all of them", year)] {
                _ = try await reader.overview(Breakdown.allCases, days, .street, now: Street.now)
                let start = ContinuousClock.now
                let overview = try await reader.overview(Breakdown.allCases, days, .street, now: Street.now)
                print("overview of \(overview.table.total.tickets) tickets (\(name)): \(ContinuousClock.now - start)")
                #expect(overview.table.total.tickets > 10_000)
            }
        }
    }
}

enum Many {
    /// A year's tickets of a whole district.
    static let facts: SQL = """
        INSERT INTO case_fact (ticket, number, channel, category, submitted_at, case_version, case_state, community,
            category_name, urgency, lead, self_handled, opened_at, first_answered_at, closed_at, next_due, first_answer_due,
            evaluation_version, contacted, solved, satisfied)
        SELECT gen_random_uuid(), 'GD-' || n, 'plate', 'E0' || (6000 + n % 60), t.at, 9,
            CASE WHEN n % 40 = 0 THEN 'handling' ELSE 'closed' END, '3101060190' || lpad((n % 20 + 1)::text, 2, '0'),
            '类别' || n % 60, 'normal', CASE WHEN n % 10 = 0 THEN 'dept-' || n % 12 END, n % 10 <> 0, t.at,
            t.at + (n % 1100) * 60000, t.at + 7200000, t.at + 172800000, t.at + 54000000,
            (n % 3 = 0)::integer, CASE WHEN n % 3 = 0 THEN 'yes' END, CASE WHEN n % 3 = 0 THEN 'yes' END,
            CASE WHEN n % 3 = 0 THEN 'fair' END
        FROM generate_series(1, 200000) AS n,
            LATERAL (SELECT \(Street.now)::bigint - (n::bigint * 157680) AS at) AS t
        """
}
