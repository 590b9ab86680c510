import Contracts
import EventLog
import Postgres

/// Every statement about deliveries.
enum DeliveryQueries {
    static func remember(_ events: [AnyEnvelope]) -> SQL {
        """
        INSERT INTO told_event (id, type, subject, version, time, payload)
        SELECT * FROM unnest(\(events.map(\.id)), \(events.map(\.type)), \(events.map(\.subject)), \(events.map(\.version)),
            \(events.map(\.time)), \(events.map(\.payload)))
        ON CONFLICT DO NOTHING
        """
    }

    /// An event heard twice plans nothing new.
    static func plan(_ deliveries: [PlannedDelivery], now: Timestamp) -> SQL {
        """
        INSERT INTO delivery (id, event, ticket, area, audience, recipient, lane, channel, template, state, due_at,
            trouble, created_at, settled_at)
        SELECT u.*, \(now), CASE u.state WHEN 'skipped' THEN \(now) END
        FROM unnest(\(deliveries.map(\.id)), \(deliveries.map(\.event)), \(deliveries.map(\.ticket)),
            \(deliveries.map(\.area.description)), \(deliveries.map(\.audience.code)), \(deliveries.map(\.recipient)),
            \(deliveries.map(\.lane)), \(deliveries.map(\.channel.rawValue)), \(deliveries.map(\.template.rawValue)),
            \(deliveries.map(\.state.rawValue)), \(deliveries.map(\.dueAt)), \(deliveries.map(\.trouble)))
            AS u(id, event, ticket, area, audience, recipient, lane, channel, template, state, due_at, trouble)
        ON CONFLICT (event, recipient) DO NOTHING
        """
    }

    /// Takes what is due by open ways out, the oldest first, for one process alone. A recipient is told in order: behind a first
    /// attempt everything waits; behind a message that waits for its next attempt only what concerns the same ticket does, or one bad
    /// message would hold up a desk for days.
    static func claim(_ limit: Int, now: Timestamp, lease: Timestamp, except held: [String] = []) -> SQL {
        claim(limit, now: now, lease: lease, where: "NOT (d.outlet = ANY(\(held)))")
    }

    /// One message that tries whether a way out is open.
    static func claimOne(by outlet: String, now: Timestamp, lease: Timestamp) -> SQL {
        claim(1, now: now, lease: lease, where: "d.outlet = \(outlet)")
    }

    private static func claim(_ limit: Int, now: Timestamp, lease: Timestamp, where way: SQL) -> SQL {
        """
        WITH due AS (
            SELECT d.id FROM delivery d
            WHERE d.state = 'queued' AND d.due_at <= \(now) AND \(way) AND NOT EXISTS (
                SELECT FROM delivery e
                WHERE e.lane = d.lane AND e.pos < d.pos AND (e.state = 'sending'
                    OR e.state = 'queued' AND (e.attempts = 0 OR e.ticket = d.ticket)))
            ORDER BY d.due_at, d.pos LIMIT \(limit) FOR UPDATE OF d SKIP LOCKED
        )
        UPDATE delivery d SET state = 'sending', attempts = d.attempts + 1, due_at = \(lease)
        FROM due, told_event t WHERE d.id = due.id AND t.id = d.event
        RETURNING d.id, d.event, d.ticket, d.area, d.audience, d.recipient, d.outlet, d.channel, d.template, d.attempts, d.attempts_before,
            t.type, t.subject, t.version, t.time, t.payload
        """
    }

    /// Claims whose process died before it could say what came of them.
    static func abandoned(now: Timestamp) -> SQL {
        """
        SELECT d.id, d.event, d.ticket, d.area, d.audience, d.recipient, d.outlet, d.channel, d.template, d.attempts, d.attempts_before,
            t.type, t.subject, t.version, t.time, t.payload
        FROM delivery d JOIN told_event t ON t.id = d.event
        WHERE d.state = 'sending' AND d.due_at <= \(now)
        ORDER BY d.due_at LIMIT 100 FOR UPDATE OF d SKIP LOCKED
        """
    }

    /// Answers a row while the claim is still ours.
    static func isOurs(_ claim: Claim) -> SQL {
        "SELECT 1 FROM delivery WHERE id = \(claim.id) AND state = 'sending' AND attempts = \(claim.attempts)"
    }

    static func attempted(_ claim: Claim, _ attempt: Attempt, now: Timestamp) -> SQL {
        """
        INSERT INTO delivery_attempt (delivery, attempt, ended_at, outcome, trouble)
        VALUES (\(claim.id), \(claim.attempts), \(now), \(attempt.code), \(attempt.trouble))
        """
    }

    static func postpone(_ claim: Claim, until: Timestamp, _ trouble: String?) -> SQL {
        """
        UPDATE delivery SET state = 'queued', due_at = \(until), trouble = \(trouble)
        WHERE id = \(claim.id) AND state = 'sending' AND attempts = \(claim.attempts) RETURNING settlements
        """
    }

    /// The attempt does not count for the schedule. Without a moment the message keeps its place among all that wait.
    static func hold(_ claim: Claim, until: Timestamp?, _ trouble: String?) -> SQL {
        """
        UPDATE delivery SET state = 'queued', due_at = coalesce(\(until), created_at), trouble = \(trouble),
            attempts_before = attempts_before + 1
        WHERE id = \(claim.id) AND state = 'sending' AND attempts = \(claim.attempts) RETURNING settlements
        """
    }

    static func settle(_ claim: Claim, _ state: DeliveryState, _ trouble: String?, now: Timestamp) -> SQL {
        """
        UPDATE delivery SET state = \(state.rawValue), trouble = \(trouble), settled_at = \(now), settlements = settlements + 1
        WHERE id = \(claim.id) AND state = 'sending' AND attempts = \(claim.attempts) RETURNING settlements
        """
    }

    /// The next moment at which something is due; what is due already waits for another message.
    static func next(after now: Timestamp) -> SQL {
        "SELECT min(due_at) FROM delivery WHERE state IN ('queued', 'sending') AND due_at > \(now)"
    }

    static func ofTicket(_ ticket: TicketID) -> SQL { "\(view) WHERE d.ticket = \(ticket) ORDER BY d.pos LIMIT 500" }

    static func one(_ id: DeliveryID) -> SQL { "\(view) WHERE d.id = \(id)" }

    static func attempts(_ id: DeliveryID) -> SQL {
        "SELECT attempt, ended_at, outcome, trouble FROM delivery_attempt WHERE delivery = \(id) ORDER BY attempt"
    }

    static func retry(_ id: DeliveryID, from states: Set<DeliveryState>, now: Timestamp) -> SQL {
        """
        UPDATE delivery SET state = 'queued', due_at = \(now), attempts_before = attempts, settled_at = NULL
        WHERE id = \(id) AND state = ANY(\(states.map(\.rawValue))) RETURNING 1
        """
    }

    private static let view: SQL = """
        SELECT d.id, d.event, d.ticket, d.area, d.audience, d.recipient, d.channel, d.template, d.state, d.due_at,
            d.attempts, d.trouble, d.created_at, d.settled_at, t.type
        FROM delivery d JOIN told_event t ON t.id = d.event
        """
}

/// A delivery that this process alone may send, with its event.
struct Claim: PostgresRowDecodable {
    let id: DeliveryID
    let event: EventID
    let ticket: TicketID
    let area: AreaCode
    let audience: String
    let recipient: String
    /// What it leaves by: the channel, or a webhook's receiver.
    let outlet: String
    let channel: DeliveryChannel
    let template: TemplateKey
    let attempts: Int
    let attemptsBefore: Int
    let type: String
    let subject: String
    let version: Int32
    let time: Timestamp
    let payload: [UInt8]

    init(row: borrowing PostgresRow) throws(PostgresError) {
        id = try row["id"]
        event = try row["event"]
        ticket = try row["ticket"]
        area = try row.area
        audience = try row["audience"]
        recipient = try row["recipient"]
        outlet = try row["outlet"]
        channel = try row.channel
        template = try row["template"]
        attempts = try row["attempts"]
        attemptsBefore = try row["attempts_before"]
        type = try row["type"]
        subject = try row["subject"]
        version = try row["version"]
        time = try row["time"]
        payload = try row["payload"]
    }

    var isForResident: Bool { audience == Audience.resident.code }
    var tries: Int { attempts - attemptsBefore }
}

extension TemplateKey: PostgresValue {}
extension DeliveryState: PostgresValue {}

extension PostgresRow {
    var area: AreaCode {
        get throws(PostgresError) {
            guard let area = AreaCode(try self["area"]) else { throw .decode("no code of an area") }
            return area
        }
    }

    /// The column `channel`; a code of a newer version is an error, not a guess.
    var channel: DeliveryChannel {
        get throws(PostgresError) {
            guard let channel = DeliveryChannel(rawValue: try self["channel"]) else { throw .decode("no channel of ours") }
            return channel
        }
    }
}
