import Contracts
import EventLog
import JSON
import Postgres
import Telemetry

/// What the resident said and how it was understood: kept beside the case, never changed by it.
struct CaseReport: Hashable, Sendable, JSONObjectDecodable, JSONObjectEncodable {
    /// Scrubbed of telephone and identity numbers.
    let text: String?
    let photos: [PhotoID]
    let point: Contracts.GeoPoint?
    /// Why this category, this place and this unit.
    let reason: String

    init(text: String?, photos: [PhotoID], point: Contracts.GeoPoint?, reason: String) {
        self.text = text
        self.photos = photos
        self.point = point
        self.reason = reason
    }

    func write(members o: inout JSONObjectWriter) {
        o.member("text", text)
        o.member("photos", photos)
        o.member("point", point)
        o.member("reason", reason)
    }

    init(members m: inout JSONMembers) throws(JSONError) {
        try self.init(
            text: m.optional("text"), photos: m.required("photos"), point: m.optional("point"), reason: m.required("reason"))
    }
}

/// A case with its report, as read from its one row.
struct CaseFile: Sendable, PostgresRowDecodable {
    let one: Case
    let report: CaseReport

    init(one: Case, report: CaseReport) {
        self.one = one
        self.report = report
    }

    init(row: borrowing PostgresRow) throws(PostgresError) {
        let document: [UInt8] = try row["document"]
        let report: [UInt8] = try row["report"]
        do {
            one = try JSONReader.decode(Case.self, from: document)
            self.report = try JSONReader.decode(CaseReport.self, from: report)
        } catch {
            throw PostgresError.decode("case document: \(error)")
        }
    }
}

/// A case's row as it was found. One that cannot be read harms its own case alone.
struct StoredCase: Sendable, PostgresRowDecodable {
    let ticket: CaseID
    let content: Result<CaseFile, PostgresError>

    init(row: borrowing PostgresRow) throws(PostgresError) {
        ticket = try row["ticket"]
        do {
            content = .success(try CaseFile(row: row))
        } catch {
            content = .failure(error)
        }
    }
}

/// Passes over rows that cannot be read, and says so.
struct DamagedCases: Sendable {
    let log: Log
    let count: Counter

    init(log: Log, metrics: MetricsRegistry) {
        self.log = log
        count = metrics.counter("shao_cases_damaged_total", "Rows of cases that could not be read, each time that they were met.")
    }

    func sound(_ rows: some Sequence<StoredCase>) -> [CaseFile] {
        rows.compactMap { row in
            switch row.content {
            case .success(let file): return file
            case .failure(let error):
                count.add()
                log.error("a case cannot be read", ["ticket": "\(row.ticket)", "error": "\(error)"])
                return nil
            }
        }
    }
}

/// What became of one case in one transaction: one or more decisions, one after the other.
struct CaseOutcome: Sendable {
    /// Nothing for a case that was just opened.
    let before: Case?
    let report: CaseReport
    private(set) var decisions: [Decision]
    /// The event or request that led to it.
    var cause: EventID?

    init(before: Case?, report: CaseReport, decision: Decision, cause: EventID? = nil) {
        self.before = before
        self.report = report
        decisions = [decision]
        after = decision.after
        self.cause = cause
    }

    private(set) var after: Case

    mutating func add(_ decision: Decision) {
        decisions.append(decision)
        after = decision.after
    }

    var startedClocks: [CaseClock] {
        let old = before?.clocks ?? []
        return after.clocks.filter { !old.contains($0) }
    }
    var stoppedClocks: [CaseClock] {
        (before?.clocks ?? []).filter { after.clock($0.kind, $0.department) == nil }
    }
    var newDispatches: [Dispatch] {
        guard let before else { return after.dispatches }
        return after.dispatches.filter { before.dispatch($0.id) == nil }
    }
}

extension Case {
    /// The running clock that ends next; windows of a case that is over do not count.
    var nextDue: CaseClock? {
        guard !state.isFinal else { return nil }
        return clocks.filter { !$0.isHeld && !$0.isOverdue && $0.kind != .overall }.min { $0.dueAt < $1.dueAt }
            ?? clocks.filter { !$0.isHeld }.min { $0.dueAt < $1.dueAt }
    }

    /// When the due scan must look at a clock: at its next warning, else at its end; never again once that was announced.
    func fires(_ clock: CaseClock, in calendar: WorkCalendar) -> Timestamp? {
        if clock.isHeld || clock.isOverdue { return nil }
        guard !state.isFinal, let percent = WorkCalendar.warnings.first(where: { $0 > clock.warned }) else { return clock.dueAt }
        return min(calendar.instant(at: percent, of: clock), clock.dueAt)
    }
}
