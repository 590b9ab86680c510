import Contracts
import EventLog
import Postgres

/// Every statement that writes facts and names.
enum FactQueries {
    /// Adds what a batch says to what is known; the same rules as `CaseFact.merging`.
    static func merge(_ rows: FactRows) -> SQL {
        """
        INSERT INTO case_fact AS f (ticket, number, channel, category, submitted_at, withdrawn_at,
            case_version, case_state, community, grid, plate, category_name, urgency, lead, whistle, self_handled, ending,
            opened_at, first_answered_at, closed_at, reopen_count, next_due, first_answer_due, contact_due, overdue_count,
            evaluation_version, evaluated_at, contacted, solved, satisfied, messages_sent, messages_unsent)
        SELECT * FROM unnest(\(rows.tickets), \(rows.numbers), \(rows.channels), \(rows.categories), \(rows.submittedAt),
            \(rows.withdrawnAt), \(rows.versions), \(rows.states), \(rows.communities), \(rows.grids), \(rows.plates),
            \(rows.categoryNames), \(rows.urgencies), \(rows.leads), \(rows.whistles), \(rows.selfHandled), \(rows.endings),
            \(rows.openedAt), \(rows.firstAnsweredAt), \(rows.closedAt), \(rows.reopenCounts), \(rows.nextDue),
            \(rows.firstAnswerDue), \(rows.contactDue), \(rows.overdueCounts), \(rows.evaluationVersions),
            \(rows.evaluatedAt), \(rows.contacted), \(rows.solved), \(rows.satisfied), \(rows.messagesSent),
            \(rows.messagesUnsent))
        ON CONFLICT (ticket) DO UPDATE SET
            number = coalesce(f.number, excluded.number),
            channel = \(both("channel")), category = \(both("category")), submitted_at = \(both("submitted_at")),
            withdrawn_at = coalesce(excluded.withdrawn_at, f.withdrawn_at),
            case_version = greatest(f.case_version, excluded.case_version),
            \(join: workColumns.map { "\(identifier: $0) = \(newer("case_version", $0))" }),
            first_answered_at = coalesce(excluded.first_answered_at, f.first_answered_at),
            first_answer_due = coalesce(excluded.first_answer_due, f.first_answer_due),
            contact_due = coalesce(excluded.contact_due, f.contact_due),
            overdue_count = f.overdue_count + excluded.overdue_count,
            evaluation_version = greatest(f.evaluation_version, excluded.evaluation_version),
            \(join: answerColumns.map { "\(identifier: $0) = \(newer("evaluation_version", $0))" }),
            messages_sent = f.messages_sent + excluded.messages_sent,
            messages_unsent = f.messages_unsent + excluded.messages_unsent
        """
    }

    private static let workColumns = [
        "case_state", "community", "grid", "plate", "category_name", "urgency", "lead", "whistle", "self_handled", "ending",
        "opened_at", "closed_at", "reopen_count", "next_due",
    ]
    private static let answerColumns = ["evaluated_at", "contacted", "solved", "satisfied"]

    /// The column of whichever row has the newer version.
    private static func newer(_ version: String, _ column: String) -> SQL {
        """
        CASE WHEN excluded.\(identifier: version) > f.\(identifier: version)
        THEN excluded.\(identifier: column) ELSE f.\(identifier: column) END
        """
    }

    /// A column that tickets.v1 fills until cases.v1 knows better.
    private static func both(_ column: String) -> SQL {
        """
        CASE WHEN excluded.case_version > f.case_version THEN excluded.\(identifier: column)
        ELSE coalesce(f.\(identifier: column), excluded.\(identifier: column)) END
        """
    }

    static func learn(areas: [(version: Int32, body: AreaRegistered)]) -> SQL {
        """
        INSERT INTO area (code, version, name, level)
        SELECT * FROM unnest(\(areas.map(\.body.area.description)), \(areas.map(\.version)), \(areas.map(\.body.name)),
            \(areas.map(\.body.level.rawValue)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name, level = excluded.level, retired = false
        WHERE area.version < excluded.version
        """
    }

    static func learn(departments: [(version: Int32, body: DepartmentRegistered)]) -> SQL {
        """
        INSERT INTO department (code, version, name)
        SELECT * FROM unnest(\(departments.map(\.body.department.description)), \(departments.map(\.version)),
            \(departments.map(\.body.name)))
        ON CONFLICT (code) DO UPDATE SET version = excluded.version, name = excluded.name, retired = false
        WHERE department.version < excluded.version
        """
    }

    enum Names: String { case area, department }

    static func retire(_ table: Names, _ entries: [(version: Int32, body: some RetirementEvent)]) -> SQL {
        """
        UPDATE \(identifier: table.rawValue) AS known SET version = gone.version, retired = true
        FROM unnest(\(entries.map(\.body.subject)), \(entries.map(\.version))) AS gone(code, version)
        WHERE known.code = gone.code AND known.version < gone.version
        """
    }

    static func hear(_ topics: [(topic: String, time: Timestamp)]) -> SQL {
        """
        INSERT INTO heard (topic, latest) SELECT * FROM unnest(\(topics.map(\.topic)), \(topics.map(\.time)))
        ON CONFLICT (topic) DO UPDATE SET latest = excluded.latest WHERE heard.latest < excluded.latest
        """
    }
}

/// Facts as columns.
struct FactRows {
    var tickets: [TicketID] = [], numbers: [String?] = [], channels: [String?] = [], categories: [String?] = []
    var submittedAt: [Timestamp?] = [], withdrawnAt: [Timestamp?] = []
    var versions: [Int64] = [], states: [String?] = [], communities: [String?] = [], grids: [String?] = []
    var plates: [String?] = [], categoryNames: [String?] = [], urgencies: [String?] = [], leads: [String?] = []
    var whistles: [String?] = [], selfHandled: [Bool?] = [], endings: [String?] = [], openedAt: [Timestamp?] = []
    var firstAnsweredAt: [Timestamp?] = [], closedAt: [Timestamp?] = [], reopenCounts: [Int32] = [], nextDue: [Timestamp?] = []
    var firstAnswerDue: [Timestamp?] = [], contactDue: [Timestamp?] = [], overdueCounts: [Int32] = []
    var evaluationVersions: [Int32] = [], evaluatedAt: [Timestamp?] = [], contacted: [String?] = []
    var solved: [String?] = [], satisfied: [String?] = [], messagesSent: [Int32] = [], messagesUnsent: [Int32] = []

    init(_ facts: [CaseFact]) {
        for fact in facts {
            tickets.append(fact.ticket)
            add(fact.report, fact.work?.snapshot)
            withdrawnAt.append(fact.withdrawnAt)
            add(fact.work)
            firstAnsweredAt.append(fact.firstAnsweredAt)
            firstAnswerDue.append(fact.firstAnswerDue)
            contactDue.append(fact.contactDue)
            overdueCounts.append(fact.overdueCount)
            add(fact.evaluation)
            messagesSent.append(fact.messagesSent)
            messagesUnsent.append(fact.messagesUnsent)
        }
    }

    private mutating func add(_ report: CaseFact.Report?, _ snapshot: CaseSnapshot?) {
        numbers.append((snapshot?.number ?? report?.number)?.description)
        channels.append((snapshot?.channel ?? report?.channel)?.rawValue)
        categories.append((snapshot?.category ?? report?.category)?.description)
        submittedAt.append(snapshot?.submittedAt ?? report?.submittedAt)
    }

    private mutating func add(_ work: CaseFact.Work?) {
        let snapshot = work?.snapshot
        versions.append(Int64(snapshot?.version ?? 0))
        states.append(snapshot?.state.rawValue)
        communities.append(snapshot?.area.description)
        grids.append(snapshot?.grid?.description)
        plates.append(snapshot?.plate?.description)
        categoryNames.append(snapshot?.categoryName)
        urgencies.append(snapshot?.urgency.rawValue)
        leads.append(snapshot?.lead?.description)
        whistles.append(snapshot?.whistle?.rawValue)
        selfHandled.append(snapshot?.selfHandled)
        endings.append(snapshot?.ending?.rawValue)
        openedAt.append(snapshot?.openedAt)
        closedAt.append(snapshot?.closedAt)
        reopenCounts.append(Int32(clamping: snapshot?.reopenCount ?? 0))
        nextDue.append(work?.nextDue)
    }

    private mutating func add(_ answers: CaseFact.Answers?) {
        evaluationVersions.append(answers?.version ?? 0)
        evaluatedAt.append(answers?.at)
        contacted.append(answers?.contacted.rawValue)
        solved.append(answers?.solved.rawValue)
        satisfied.append(answers?.satisfied.rawValue)
    }
}
