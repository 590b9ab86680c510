import Contracts
import EventLog
import HTTP
import JSON
import ServiceKit

/// `GET /v1/rates?by=community|category|department&from=&to=` and `GET /v1/rates/overview?from=&to=`, JSON for staff.
struct ShowRates: Sendable {
    let reader: RateReader
    let access: ReadAccess
    let clock: any Timekeeper

    func lines(_ request: HTTPRequest) async throws -> HTTPResponse {
        let (table, by) = try await table(request)
        return .json(RatesBody(table: table, by: by)).with("cache-control", "no-store")
    }

    func overview(_ request: HTTPRequest) async throws -> HTTPResponse {
        let scope = try access.scope(request)
        try request.allowOnly(["from", "to"])
        let now = clock.now()
        let overview = try await reader.overview([], DayRange(request, at: now), scope, now: now)
        return .json(OverviewBody(overview: overview)).with("cache-control", "no-store")
    }

    /// What was asked for, and by what it is broken down.
    func table(_ request: HTTPRequest) async throws -> (RateTable, Breakdown) {
        let scope = try access.scope(request)
        try request.allowOnly(["by", "from", "to"])
        let by = try request.query("by", { Breakdown(rawValue: $0) }) ?? .community
        let now = clock.now()
        return (try await reader.table(by, DayRange(request, at: now), scope, now: now), by)
    }
}

struct RatesBody: JSONObjectEncodable {
    let table: RateTable
    let by: Breakdown

    func write(members o: inout JSONObjectWriter) {
        table.writeHead(to: &o)
        o.member("by", by.rawValue)
        o.member("total", table.total)
        o.member("lines", table.lines[by] ?? [])
    }
}

struct OverviewBody: JSONObjectEncodable {
    let overview: RateOverview

    func write(members o: inout JSONObjectWriter) {
        overview.table.writeHead(to: &o)
        o.object("definitions") { o in
            for (name, words) in RateFormula.definitions { o.member(named: name, words) }
        }
        o.member("total", overview.table.total)
        o.object("states") { o in
            for (state, tickets) in overview.states { o.member(named: state.rawValue, tickets) }
        }
        o.object("now") { o in
            o.member("open", overview.openNow)
            o.member("overdue", overview.overdueNow)
        }
    }
}

extension RateTable {
    func writeHead(to o: inout JSONObjectWriter) {
        o.member("formula", RateFormula.id)
        o.member("from", days.first)
        o.member("to", days.last)
        o.member("data_until", Nullable(dataUntil))
    }
}

/// Writes `null` where there is nothing, so that a reader tells "no figure" from "not part of this answer".
struct Nullable<Value: JSONEncodable>: JSONEncodable {
    let value: Value?
    init(_ value: Value?) { self.value = value }
    var isAbsent: Bool { false }
    func write(to json: inout JSONWriter) {
        if let value { value.write(to: &json) } else { json.null() }
    }
}

extension Proportion: JSONObjectEncodable {
    func write(members o: inout JSONObjectWriter) {
        o.member("rate", Nullable(rate))
        o.member("count", count)
        o.member("n", n)
    }
}

extension NamedFigures: JSONObjectEncodable {
    func write(members o: inout JSONObjectWriter) {
        o.member("code", Nullable(code))
        o.member("name", Nullable(name))
        figures.write(members: &o)
    }
}

extension Figures: JSONObjectEncodable {
    func write(members o: inout JSONObjectWriter) {
        o.member("tickets", tickets)
        o.member("response", response)
        o.object("resolution") { o in
            resolution.write(members: &o)
            o.member("partly", partlySolved)
            o.member("no", evaluated - solved - partlySolved)
        }
        o.object("satisfaction") { o in
            satisfaction.write(members: &o)
            o.member("very", very)
            o.member("yes", satisfied)
            o.member("fair", fair)
            o.member("no", evaluated - satisfaction.count)
        }
        o.object("first_answer") { o in
            o.member("n", answered)
            o.member("median_minutes", Nullable(median))
            o.member("p90_minutes", Nullable(ninetieth))
            o.member("within_15h", answeredInTime)
        }
        o.object("solved_in_community") { o in
            solvedInCommunity.write(members: &o)
            o.member("goal", RateFormula.communityGoal)
        }
        o.member("open", open)
        o.member("overdue", overdue)
        o.member("clocks_run_out", clocksRunOut)
        o.member("reopened", reopened)
    }
}
