import Contracts
import EventLog
import FoundationEssentials
import Postgres

/// Every statement about tickets as submitted.
enum TicketQueries {
    /// A group of submissions in one statement and one sync. Answers the ids that are stored; a missing one met an
    /// Idempotency-Key that is taken.
    static func insert(_ group: SubmissionRows) -> SQL {
        let e = group.events
        var statement: SQL = """
            WITH u AS (
                SELECT * FROM unnest(\(group.ids), \(group.numbers), \(group.channels), \(group.plates), \(group.lats),
                    \(group.lngs), \(group.categories), \(group.words), \(group.photoCounts), \(group.phones),
                    \(group.submittedAt), \(group.keys), \(group.bodyHashes),
                    \(e.topics), \(e.parts), \(e.subjects), \(e.versions), \(e.ids), \(e.types), \(e.times), \(e.traces),
                    \(e.payloads))
                    AS u(id, number, channel, plate, lat, lng, category, words, photos, phone, submitted_at, key, body_hash,
                        topic, part, subject, version, event_id, type, time, trace, payload)
            ), t AS (
                INSERT INTO ticket (id, number, channel, plate, lat, lng, category, words, photos, has_contact, submitted_at,
                    idempotency, body_hash)
                SELECT id, number, channel, plate, lat, lng, category, words, photos, phone IS NOT NULL, submitted_at, key,
                    body_hash FROM u
                ON CONFLICT (idempotency) DO NOTHING RETURNING id
            ), o AS (
                INSERT INTO outbox (topic, part, subject, version, event_id, type, time, trace, payload)
                SELECT topic, part, subject, version, event_id, type, time, trace, payload FROM u JOIN t USING (id)
            )
            """
        if group.hasContacts {
            statement.append(
                ", c AS (INSERT INTO contact (ticket, phone) SELECT u.id, u.phone FROM u JOIN t USING (id) WHERE u.phone IS NOT NULL)"
            )
        }
        if !group.photos.isEmpty {
            let photos = group.photos
            statement.append(
                """
                , p AS (
                    INSERT INTO photo (id, ticket, place, width, height, jpeg)
                    SELECT p.* FROM unnest(\(photos.map(\.id)), \(photos.map(\.ticket)), \(photos.map(\.place)),
                        \(photos.map(\.width)), \(photos.map(\.height)), \(photos.map(\.jpeg)))
                        AS p(id, ticket, place, width, height, jpeg) JOIN t ON t.id = p.ticket
                )
                """)
        }
        statement.append(" SELECT id FROM t")
        return statement
    }

    /// Who holds these Idempotency-Keys. A statement of its own: the inserting one's snapshot may not see the winner.
    static func holders(of keys: [String]) -> SQL {
        "SELECT id, number, idempotency, body_hash FROM ticket WHERE idempotency = ANY(\(keys))"
    }

    /// Takes the next block of a day's numbers; answers its last one.
    static func takeNumbers(day: Int32, count: Int32) -> SQL {
        """
        INSERT INTO ticket_counter (day, last) VALUES (\(day), \(count))
        ON CONFLICT (day) DO UPDATE SET last = ticket_counter.last + \(count) RETURNING last
        """
    }

    /// The numbers of these tickets.
    static func numbers(of tickets: [TicketID]) -> SQL { "SELECT id, number FROM ticket WHERE id = ANY(\(tickets))" }

    static func ticket(_ id: TicketID) -> SQL {
        """
        SELECT t.id, t.number, t.channel, t.plate, t.lat, t.lng, t.category, t.words, t.has_contact, t.submitted_at, t.withdrawn_at,
            \(WithdrawalQueries.isWithdrawing) AS is_withdrawing,
            ARRAY(SELECT p.id FROM photo p WHERE p.ticket = t.id ORDER BY p.place) AS photos,
            g.last_step
        FROM ticket t \(ProgressQueries.lastStep) WHERE t.id = \(id)
        """
    }
}

/// Submissions as columns.
struct SubmissionRows {
    var ids: [TicketID] = [], numbers: [String] = [], channels: [String] = [], plates: [String?] = []
    var lats: [Double?] = [], lngs: [Double?] = [], categories: [String?] = [], words: [String?] = []
    var photoCounts: [Int32] = [], phones: [String?] = [], submittedAt: [Timestamp] = []
    var keys: [String?] = [], bodyHashes: [[UInt8]?] = []
    var photos: [StoredPhoto] = []
    var events = OutboxRows([])
    var hasContacts: Bool { phones.contains { $0 != nil } }

    init(_ submissions: some Sequence<Submission>) {
        var events: [CommittedEvent] = []
        for submission in submissions {
            let ticket = submission.ticket
            ids.append(ticket.id)
            numbers.append(ticket.number.description)
            channels.append(ticket.channel.rawValue)
            plates.append(ticket.plate?.description)
            lats.append(ticket.point?.lat)
            lngs.append(ticket.point?.lng)
            categories.append(ticket.category?.description)
            words.append(ticket.words)
            photoCounts.append(Int32(submission.photos.count))
            phones.append(ticket.phone)
            submittedAt.append(ticket.submittedAt)
            keys.append(submission.key)
            bodyHashes.append(submission.bodyHash)
            photos.append(contentsOf: submission.photos)
            events.append(submission.event)
        }
        self.events = OutboxRows(events)
    }
}

/// Who holds an Idempotency-Key.
struct KeyHolder: PostgresRowDecodable {
    let id: TicketID
    let number: String
    let key: String
    let bodyHash: [UInt8]

    init(row: borrowing PostgresRow) throws(PostgresError) {
        id = try row["id"]
        number = try row["number"]
        key = try row["idempotency"]
        bodyHash = try row["body_hash"]
    }
}
