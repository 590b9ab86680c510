import Postgres

extension EventLogMigrations {
    /// A step must know all that is parked where it moves a cursor.
    static let parkedFence = Migration(
        version: 5, name: "parked_fence",
        sql: """
            -- After the cursors have moved, whose rows rivals wait at: what one of them has parked is seen here.
            CREATE FUNCTION fence_parked(topics text[], parts integer[], known_topics text[], known_subjects text[])
            RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                IF EXISTS (
                    SELECT 1 FROM unnest(topics, parts) AS m(topic, part) JOIN parked_subject s USING (topic, part)
                    WHERE NOT EXISTS (
                        SELECT 1 FROM unnest(known_topics, known_subjects) AS k(topic, subject)
                        WHERE k.topic = s.topic AND k.subject = s.subject)
                ) THEN
                    RAISE EXCEPTION 'something was parked here that this consumer does not know of' USING ERRCODE = 'SH001';
                END IF;
            END $$;
            """)
}
