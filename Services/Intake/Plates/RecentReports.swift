import Contracts
import EventLog
import JSON
import Pages
import Postgres

/// What others have lately reported at a plate.
struct RecentReports: Sendable {
    let pool: PostgresPool
    let clock: any Timekeeper

    /// Older reports are no hint: the lamp may have been mended and have failed again.
    private static let days = 7

    /// The newest report of the last days that is still being worked on; nil when there is none.
    func newest(at plate: PlateRegistered, inChinese: Bool) async throws -> PlatePage.Similar? {
        let since = clock.now().adding(.seconds(-Self.days * 86_400))
        let reports = try await pool.query(PlateQueries.reports(at: plate.plate.description, since: since), as: Report.self)
        guard let report = reports.first(where: \.isOpen) else { return nil }
        let state = (report.snapshot?.state ?? .reported).titles
        let label = report.snapshot?.categoryName ?? plate.chips.first { $0.category.description == report.category }?.label
        return PlatePage.Similar(
            number: report.number, label: label ?? (inChinese ? Text.notClassed.chinese : Text.notClassed.english),
            reportedAt: report.submittedAt.milliseconds,
            state: inChinese ? state.zhHans : state.english)
    }

    /// The category of a report at this plate; nil when there is no such report.
    func category(of number: TicketNumber, at plate: PlateCode) async throws -> CategoryCode? {
        try await pool.query(PlateQueries.category(of: number.description, at: plate.description), as: String.self)
            .first.flatMap { CategoryCode($0) }
    }

    /// When this ticket was filed, and whether anybody still works on it.
    func ticket(_ id: TicketID) async throws -> (submittedAt: Timestamp, isOpen: Bool)? {
        try await pool.query(TicketQueries.ticket(id), as: TicketView.self).first.map { ($0.submittedAt, !$0.state.isOver) }
    }

    private struct Report: PostgresRowDecodable {
        let number: String
        let category: String
        let submittedAt: Timestamp
        let snapshot: CaseSnapshot?

        init(row: borrowing PostgresRow) throws(PostgresError) {
            number = try row["number"]
            category = try row["category"]
            submittedAt = try row["submitted_at"]
            snapshot = try CaseSnapshot(lastStep: try row["last_step"])
        }

        var isOpen: Bool { snapshot.map { !$0.state.isOver } ?? true }
    }
}

extension CaseState {
    /// Whether nobody works on it any more.
    var isOver: Bool {
        switch self {
        case .closed, .evaluated, .merged, .declined, .withdrawn: true
        case .reported, .filed, .whistled, .dispatched, .disputed, .handling, .suspended, .answered: false
        }
    }
}
