import Analytics
import Intake
import Notification
import Postgres
import Routing
import ServiceKit
import TestKit
import Testing
import Voting

/// What keeps each table from growing for ever. A new table has to say it here.
@Suite(.enabled(if: TemporaryDatabase.isAvailable, Comment(rawValue: TemporaryDatabase.reason)))
struct TableBoundTests {
    enum Bound {
        /// As many rows as there are places, departments, topics, partitions, settings or days.
        case things
        /// Rows go when what they stand for is done.
        case work
        /// Old ranges are written to the archive and dropped, `SHAO_ARCHIVE_KEEP_DAYS`.
        case archive
        /// Rows older than a term are deleted.
        case term
        /// One or more rows for each report, record, message or reading, and nothing ever deletes one.
        case nothing
    }

    /// Of the event log, which stands in each service's database.
    static let log: [String: Bound] = [
        "outbox": .archive, "stream": .archive, "log_partition": .things, "archived_part": .things, "stream_partition": .things,
        "sequencer_state": .things, "publisher_state": .things, "publisher_place": .things, "publisher_held": .work,
        "inbox_cursor": .things,
        "stream_consumer": .things, "foreign_seen": .nothing, "foreign_refused": .term, "parked_subject": .work, "parked": .work,
        "parked_dropped": .nothing,
    ]

    static let tables: [String: [String: Bound]] = [
        "intake": [
            "ticket": .nothing, "contact": .nothing, "contact_reading": .nothing, "photo": .nothing, "progress": .nothing,
            "progress_step": .nothing, "ticket_counter": .things, "plate": .things, "area": .things, "department": .things,
            "category": .things,
        ],
        "routing": [
            "service_case": .nothing, "case_report": .nothing, "case_note": .nothing, "case_clock": .nothing, "whistle": .nothing,
            "dispatch_order": .nothing, "dispute": .nothing, "case_party": .nothing, "catalogue_result": .things,
            "area": .things, "department": .things, "plate": .things, "category": .things, "city_version": .things,
            "rule_version": .things, "rule_row": .things, "rule_set": .things,
        ],
        "notification": ["name": .things, "told_event": .nothing, "delivery": .nothing, "delivery_attempt": .nothing],
        "voting": ["directory_name": .things, "evaluable": .nothing, "evaluation": .nothing],
        "analytics": ["case_fact": .nothing, "area": .things, "department": .things, "heard": .things],
    ]

    private static let names = ["intake", "routing", "notification", "voting", "analytics"]

    private static func migrations(of name: String) throws -> [Migration] {
        switch name {
        case "intake": try Intake.allMigrations
        case "routing": try Routing.allMigrations
        case "notification": try Notification.allMigrations
        case "voting": try Voting.allMigrations
        default: try Analytics.allMigrations
        }
    }

    /// `<service>.<table>` of what has no term.
    private static var endless: [String] {
        var endless: [String] = []
        for (service, tables) in tables.merging(["log": log], uniquingKeysWith: { first, _ in first }) {
            for (table, bound) in tables where bound == .nothing { endless.append("\(service).\(table)") }
        }
        return endless.sorted()
    }

    @Test(arguments: names)
    func `every table says what bounds it`(name: String) async throws {
        let tables = try #require(Self.tables[name])
        try await TemporaryDatabase.with(migrations: try Self.migrations(of: name), poolSize: 2) { pool in
            let found: [String] = try await pool.query(
                """
                SELECT c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
                """
            ) { row throws(PostgresError) in try row.value(at: 0) }
            #expect(Set(found).subtracting(Self.unversioned) == Set(tables.keys).union(Self.log.keys))
        }
    }

    /// Each of these is a row in what has to be mended: a term, a job that keeps it, and a test that the rows are gone.
    @Test(arguments: endless)
    func `nothing grows for ever`(table: String) {
        withKnownIssue("11.25, mended in issue 14: nothing ends the rows of \(table)") {
            Issue.record("\(table) has a row for each report, record or message, and no term")
        }
    }

    /// What the migrator itself writes down.
    private static let unversioned: Set<String> = ["shao_migration"]
}
