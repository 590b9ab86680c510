import Postgres

/// Every statement with which the promises are checked.
enum InvariantQueries {
    // MARK: Quiet

    static let unsequenced: SQL =
        "SELECT count(*) FROM outbox o WHERE NOT EXISTS (SELECT FROM stream s WHERE s.outbox_id = o.id)"
    static let heads: SQL =
        "SELECT topic || '/' || part AS partition, seq || ' ' || encode(h, 'hex') AS place FROM stream_head"
    static let cursors: SQL =
        "SELECT topic || '/' || part AS partition, seq || ' ' || encode(h, 'hex') AS place FROM inbox_cursor"
    static let position: SQL = "SELECT coalesce(max(id), 0)::text FROM outbox"
    /// First attempts that nothing holds up; behind a message whose sender died its recipient's others wait for the lease's end.
    static let dueDeliveries: SQL = """
        SELECT count(*) FROM delivery d
        WHERE state = 'queued' AND due_at <= (extract(epoch FROM now()) * 1000)::bigint AND attempts = attempts_before
            AND NOT EXISTS (SELECT FROM delivery e WHERE e.lane = d.lane AND e.pos < d.pos AND e.state = 'sending')
        """
    static let told: SQL = "SELECT count(*) FROM delivery WHERE state = 'sent'"

    // MARK: I1

    static let reports: SQL = "SELECT idempotency AS key, id::text AS id, number AS about FROM ticket WHERE idempotency IS NOT NULL"
    static let evaluations: SQL =
        "SELECT idempotency AS key, id::text AS id, ticket::text AS about FROM evaluation WHERE idempotency IS NOT NULL"
    static let sameNumber: SQL = "SELECT number FROM ticket GROUP BY number HAVING count(*) > 1 LIMIT 3"
    /// Every ticket was said once, and nothing that is no ticket.
    static let ticketsUnsaid: SQL = """
        SELECT coalesce(t.id::text, o.subject) FROM ticket t
        FULL JOIN (SELECT subject FROM outbox WHERE type = 'ticket.submitted.v1') o ON o.subject = t.id::text
        WHERE t.id IS NULL OR o.subject IS NULL LIMIT 3
        """

    // MARK: I3, I4, I8

    static let holes: SQL = """
        SELECT topic || '/' || part FROM stream GROUP BY topic, part
        HAVING max(seq) - min(seq) + 1 <> count(*) LIMIT 3
        """
    /// Whoever asks how far a partition has come asks the registered ones.
    static let unregistered: SQL = """
        SELECT DISTINCT s.topic || '/' || s.part FROM stream s
        WHERE NOT EXISTS (SELECT FROM stream_partition p WHERE p.topic = s.topic AND p.part = s.part) LIMIT 3
        """
    static let cursorsTwice: SQL = "SELECT topic || '/' || part FROM inbox_cursor GROUP BY topic, part HAVING count(*) > 1 LIMIT 3"
    /// Within a subject versions rise; where every change is an event they rise by one, from one.
    static let disorder: SQL = """
        SELECT topic || ' ' || subject || ' ' || version FROM (
            SELECT o.topic, o.subject, o.version,
                lag(o.version, 1, 0) OVER (PARTITION BY o.topic, o.subject, o.headers ORDER BY s.seq) AS before
            FROM stream s JOIN outbox o ON o.id = s.outbox_id WHERE o.topic NOT LIKE '%-dlt') x
        WHERE version <= before
            OR (topic IN ('tickets.v1', 'cases.v1', 'directory.v1', 'evaluations.v1', 'deliveries.v1') AND version <> before + 1) LIMIT 3
        """
    static let twice: SQL = "SELECT event_id::text FROM outbox GROUP BY event_id HAVING count(*) > 1 LIMIT 3"
    /// From which state to which, as the events say it one after the other.
    static let moves: SQL = """
        SELECT DISTINCT before || ' ' || state FROM (
            SELECT state, lag(state, 1, '-') OVER (PARTITION BY subject ORDER BY seq) AS before FROM (
                SELECT o.subject, s.seq, convert_from(o.payload, 'UTF8')::jsonb #>> '{snapshot,state}' AS state
                FROM stream s JOIN outbox o ON o.id = s.outbox_id WHERE o.topic = 'cases.v1') e) x
        """

    // MARK: I2, I5, I6: what one service holds of another's events

    static let cases: SQL = "SELECT ticket::text AS key, version::text AS value FROM service_case"
    static let ticketIDs: SQL = "SELECT id::text AS key, '' AS value FROM ticket"
    static let progress: SQL = """
        SELECT ticket::text AS key, max(version) || ' ' || md5(string_agg(md5(event), ' ' ORDER BY version)) AS value
        FROM progress_step GROUP BY ticket
        """
    static let said: SQL = """
        SELECT subject AS key, max(version) || ' ' || md5(string_agg(md5(payload), ' ' ORDER BY version)) AS value
        FROM outbox WHERE topic = 'cases.v1' GROUP BY subject
        """
    static let evaluable: SQL = "SELECT ticket::text AS key, '' AS value FROM evaluable"
    static let rounds: SQL = "SELECT ticket::text AS key, round::text AS value FROM evaluable WHERE round > 0"
    static let closings: SQL =
        "SELECT subject AS key, count(*)::text AS value FROM outbox WHERE type = 'case.closed.v1' GROUP BY 1"
    static let facts: SQL = "SELECT ticket::text AS key, case_version::text AS value FROM case_fact"
    static let messageFacts: SQL = """
        SELECT ticket::text AS key, messages_sent || ' ' || messages_unsent AS value FROM case_fact
        WHERE messages_sent + messages_unsent > 0
        """
    static let messagesSaid: SQL = """
        SELECT p ->> 'ticket' AS key, count(*) FILTER (WHERE p ->> 'outcome' = 'sent') || ' ' || count(*) FILTER (WHERE p ->> 'outcome' <> 'sent') AS value
        FROM (SELECT convert_from(payload, 'UTF8')::jsonb AS p FROM outbox WHERE type = 'delivery.settled.v1') x GROUP BY 1
        """
    static let overdueFacts: SQL = "SELECT ticket::text AS key, overdue_count::text AS value FROM case_fact WHERE overdue_count > 0"
    static let overdueSaid: SQL =
        "SELECT subject AS key, count(*)::text AS value FROM outbox WHERE type = 'case.overdue.v1' GROUP BY 1"

    // MARK: I7, I9

    static let evaluationsTwice: SQL =
        "SELECT ticket::text FROM evaluation GROUP BY ticket, work, round, party HAVING count(*) > 1 LIMIT 3"
    static let evaluationsHeld: SQL = "SELECT ticket::text AS key, count(*)::text AS value FROM evaluation GROUP BY 1"
    static let evaluationsSaid: SQL =
        "SELECT subject AS key, count(*)::text AS value FROM outbox WHERE type = 'evaluation.given.v1' GROUP BY 1"
    static let evaluationsHeard: SQL =
        "SELECT subject AS key, count(*)::text AS value FROM outbox WHERE type = 'case.evaluated.v1' GROUP BY 1"
    static let toldTwice: SQL =
        "SELECT event::text FROM delivery WHERE state = 'sent' GROUP BY event, recipient HAVING count(*) > 1 LIMIT 3"
    static let deliveries: SQL = "SELECT id::text AS key, state AS value FROM delivery"
    static let unknownDeliveries: SQL = "SELECT count(*) FROM delivery WHERE state = 'unknown'"
    /// A unit is called once, and once more each time the case is opened again.
    static let calls: SQL = """
        WITH reopened AS (SELECT subject, count(*) AS times FROM outbox WHERE type = 'case.reopened.v1' GROUP BY subject)
        SELECT c.subject FROM (
            SELECT subject, count(*) AS times FROM outbox WHERE type = 'dispatch.called.v1'
            GROUP BY topic, subject, convert_from(payload, 'UTF8')::jsonb ->> 'dispatch'
        ) c LEFT JOIN reopened r USING (subject) WHERE c.times > 1 + coalesce(r.times, 0) LIMIT 3
        """

    // MARK: I12

    static func leaks(_ canary: String) -> SQL {
        """
        SELECT topic || ' ' || subject FROM outbox
        WHERE position(convert_to(\(canary), 'UTF8') IN payload) > 0 OR position(convert_to(\(canary), 'UTF8') IN coalesce(headers, '')) > 0 LIMIT 3
        """
    }

    static func factLeaks(_ canary: String) -> SQL {
        "SELECT ticket::text FROM case_fact f WHERE position(\(canary) IN f::text) > 0 LIMIT 3"
    }
}
