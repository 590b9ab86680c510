import Contracts
import Postgres

enum ParkingQueries {
    /// Which of these subjects are still parked; they stay so until this transaction ends.
    static func hold(_ subjects: [StreamPartition: Set<String>]) -> SQL {
        let pairs = subjects.flatMap { partition, subjects in subjects.map { (partition.topic, $0) } }
        return """
            SELECT s.topic, s.part, s.subject FROM parked_subject s
            JOIN unnest(\(pairs.map(\.0)), \(pairs.map(\.1))) AS u(topic, subject) USING (topic, subject)
            FOR KEY SHARE OF s
            """
    }

    /// Fails as the cursors do when a subject is parked in these partitions that the step does not know of.
    static func fence(_ step: ApplyStep) -> SQL {
        let known = step.known.flatMap { partition, subjects in subjects.map { (partition.topic, $0) } }
        return """
            SELECT fence_parked(\(step.moves.map(\.partition.topic)), \(step.moves.map(\.partition.part)), \(known.map(\.0)), \(known.map(\.1)))
            """
    }

    static func park(_ record: StreamRecord, _ reason: String) -> SQL {
        """
        INSERT INTO parked_subject (topic, subject, part, reason, first_seq)
        VALUES (\(record.event.topic), \(record.event.subject), \(record.event.part), \(reason), \(record.seq))
        ON CONFLICT DO NOTHING
        """
    }

    static func queue(_ records: [StreamRecord], _ reason: String? = nil) -> SQL {
        let events = records.map(\.event)
        return """
            INSERT INTO parked (topic, part, seq, gen, h, subject, version, event_id, type, time, cause, trace, payload, reason)
            SELECT u.*, \(reason)::text FROM unnest(\(events.map(\.topic)), \(events.map(\.part)), \(records.map(\.seq)),
                \(records.map(\.generation)), \(records.map(\.hash)), \(events.map(\.subject)), \(events.map(\.version)),
                \(events.map(\.id)), \(events.map(\.type)), \(events.map(\.time.milliseconds)), \(events.map(\.cause)),
                \(events.map(\.trace)), \(events.map(\.payload))) AS u
            """
    }

    static let count: SQL = "SELECT count(*) AS count FROM parked_subject"

    static let list: SQL = """
        SELECT s.topic, s.subject, s.part, (extract(epoch FROM s.since) * 1000)::bigint AS since, s.reason, s.first_seq,
            (SELECT count(*) FROM parked p WHERE p.topic = s.topic AND p.subject = s.subject) AS events
        FROM parked_subject s ORDER BY s.since, s.topic, s.subject LIMIT 1000
        """

    static func show(_ topic: String, _ subject: String) -> SQL {
        """
        SELECT seq, version, type, time, (extract(epoch FROM parked_at) * 1000)::bigint AS parked_at, reason, payload
        FROM parked WHERE topic = \(topic) AND subject = \(subject) ORDER BY seq LIMIT 1000
        """
    }

    /// Consumers that queue behind this subject wait from here on, and find it gone.
    static func take(_ topic: String, _ subject: String) -> SQL {
        "SELECT part FROM parked_subject WHERE topic = \(topic) AND subject = \(subject) FOR UPDATE"
    }

    static func events(_ topic: String, _ subject: String) -> SQL {
        """
        SELECT topic, part, subject, version, event_id, type, time, cause, trace, NULL::bytea AS headers, payload
        FROM parked WHERE topic = \(topic) AND subject = \(subject) ORDER BY seq
        """
    }

    static func keepDropped(_ topic: String, _ subject: String, _ why: String) -> SQL {
        "INSERT INTO parked_dropped SELECT p.*, \(why)::text FROM parked p WHERE topic = \(topic) AND subject = \(subject)"
    }

    static func forgetEvents(_ topic: String, _ subject: String) -> SQL {
        "DELETE FROM parked WHERE topic = \(topic) AND subject = \(subject)"
    }

    static func forgetSubject(_ topic: String, _ subject: String) -> SQL {
        "DELETE FROM parked_subject WHERE topic = \(topic) AND subject = \(subject)"
    }
}
