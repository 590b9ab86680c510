import Contracts
import EventLog
import Postgres

/// Every statement about evaluations.
enum EvaluationQueries {
    // MARK: What is heard of cases

    static func opened(_ cases: CaseRows, places: [String]) -> SQL {
        """
        INSERT INTO evaluable (ticket, number, case_version, area, department, category_name, place)
        SELECT * FROM unnest(\(cases.columns), \(places))
        ON CONFLICT (ticket) DO NOTHING
        """
    }

    static func answered(_ cases: CaseRows, texts: [String], photos: [String]) -> SQL {
        """
        INSERT INTO evaluable (ticket, number, case_version, area, department, category_name, answer, answer_photos)
        SELECT ticket, number, version, area, department, category_name, text, string_to_array(photos, ',')::uuid[]
        FROM unnest(\(cases.columns), \(texts), \(photos))
            AS u(ticket, number, version, area, department, category_name, text, photos)
        ON CONFLICT (ticket) DO UPDATE SET case_version = excluded.case_version, answer = excluded.answer,
            answer_photos = excluded.answer_photos
        WHERE evaluable.case_version < excluded.case_version
        """
    }

    static func closed(_ cases: CaseRows, endings: [String], closedAt: [Timestamp], openUntil: [Timestamp]) -> SQL {
        """
        INSERT INTO evaluable (ticket, number, case_version, area, department, category_name, ending, closed_at, open_until, round)
        SELECT *, 1 FROM unnest(\(cases.columns), \(endings), \(closedAt), \(openUntil))
        ON CONFLICT (ticket) DO UPDATE SET number = excluded.number, case_version = excluded.case_version,
            area = excluded.area, department = excluded.department, category_name = excluded.category_name,
            ending = excluded.ending, closed_at = excluded.closed_at, open_until = excluded.open_until,
            round = evaluable.round + 1
        WHERE evaluable.case_version < excluded.case_version
        """
    }

    static func merged(_ cases: CaseRows, into targets: [TicketID?]) -> SQL {
        """
        INSERT INTO evaluable (ticket, number, case_version, area, department, category_name, merged_into)
        SELECT * FROM unnest(\(cases.columns), \(targets))
        ON CONFLICT (ticket) DO UPDATE SET case_version = excluded.case_version, merged_into = excluded.merged_into
        WHERE evaluable.case_version < excluded.case_version
        """
    }

    static func reopened(_ cases: CaseRows) -> SQL {
        """
        UPDATE evaluable e SET case_version = u.version, open_until = NULL, ending = NULL, closed_at = NULL, merged_into = NULL
        FROM unnest(\(cases.tickets), \(cases.versions)) AS u(ticket, version)
        WHERE e.ticket = u.ticket AND e.case_version < u.version
        """
    }

    // MARK: What is asked

    /// The case, and the work on it: its own, or that of the case it was merged into. Those two are told in any order, so they are
    /// brought together when somebody asks.
    static func matter(_ ticket: TicketID) -> SQL {
        """
        SELECT e.ticket, e.number, e.area, e.category_name, e.place, w.department, w.answer, w.answer_photos, w.ticket AS work,
            w.round, w.ending, w.closed_at, w.open_until, a.name AS area_name, d.name AS department_name
        FROM evaluable e
        JOIN evaluable w ON w.ticket = CASE
            WHEN EXISTS (SELECT FROM evaluable t WHERE t.ticket = e.merged_into) THEN e.merged_into ELSE e.ticket END
        LEFT JOIN directory_name a ON a.kind = 'area' AND a.code = e.area
        LEFT JOIN directory_name d ON d.kind = 'department' AND d.code = w.department
        WHERE e.ticket = \(ticket)
        """
    }

    /// The aggregate's lock.
    static func lock(_ ticket: TicketID) -> SQL { matter(ticket).appending(" FOR UPDATE OF e") }

    static func given(_ ticket: TicketID) -> SQL {
        """
        SELECT id, work, round, party, contacted, solved, satisfied, reasons, words, given_at, idempotency, body_hash
        FROM evaluation WHERE ticket = \(ticket)
        """
    }

    /// What one party gave, of any closing.
    static func given(_ ticket: TicketID, by party: Party) -> SQL {
        given(ticket).appending(" AND party = \(party.rawValue)")
    }

    static func inOrder(_ ticket: TicketID) -> SQL { given(ticket).appending(" ORDER BY given_at, id") }

    // MARK: What is given

    static func file(_ evaluation: GivenEvaluation, on ticket: TicketID, askedBy: String?) -> SQL {
        let opinion = evaluation.opinion
        return """
            INSERT INTO evaluation (id, ticket, work, round, party, contacted, solved, satisfied, reasons, words, given_at, asked_by,
                idempotency, body_hash)
            VALUES (\(evaluation.id), \(ticket), \(evaluation.closing.work), \(evaluation.closing.round), \(evaluation.party.rawValue), \(opinion.contacted.rawValue),
                \(opinion.solved.rawValue), \(opinion.satisfied.rawValue), \(opinion.reasons.map(\.description)), \(opinion.words?.description),
                \(evaluation.givenAt), \(askedBy), \(evaluation.key), \(evaluation.bodyHash))
            """
    }
}

/// What a case's events say of it, as columns.
struct CaseRows {
    var tickets: [TicketID] = [], numbers: [String] = [], versions: [Int32] = []
    var areas: [String] = [], departments: [String?] = [], categoryNames: [String] = []

    init<E: CaseEvent>(_ events: [Envelope<E>]) {
        for event in events {
            let snapshot = event.body.snapshot
            tickets.append(snapshot.ticket)
            numbers.append(snapshot.number.description)
            versions.append(event.version)
            areas.append(snapshot.area.description)
            departments.append(snapshot.lead?.description)
            categoryNames.append(snapshot.categoryName)
        }
    }

    var columns: SQL {
        "\(tickets), \(numbers), \(versions), \(areas), \(departments), \(categoryNames)"
    }
}
