import Postgres

extension EventLogMigrations {
    /// A cursor's generation, and what is parked.
    static let parking = Migration(
        version: 3, name: "parking",
        sql: """
            ALTER TABLE inbox_cursor ADD COLUMN gen integer NOT NULL DEFAULT 1;
            -- Beside the one of version 1, which programs of before still call.
            CREATE FUNCTION advance_cursors(
                topics text[], parts integer[], before bigint[], after bigint[], hashes bytea[], gens integer[])
            RETURNS void LANGUAGE plpgsql AS $$
            DECLARE moved integer;
            BEGIN
                UPDATE inbox_cursor c SET seq = n.after, h = n.h, gen = n.gen
                FROM unnest(topics, parts, before, after, hashes, gens) AS n(topic, part, before, after, h, gen)
                WHERE c.topic = n.topic AND c.part = n.part AND c.seq = n.before;
                GET DIAGNOSTICS moved = ROW_COUNT;
                IF moved <> cardinality(topics) THEN
                    RAISE EXCEPTION 'another consumer has moved these cursors' USING ERRCODE = 'SH001';
                END IF;
            END $$;

            -- A subject whose event failed for good: its later events queue behind it. Locked FOR KEY SHARE by consumers
            -- that queue, FOR UPDATE by who replays: an event is either replayed with the others or applied after them.
            CREATE TABLE parked_subject (
                topic text NOT NULL,
                subject text NOT NULL,
                part integer NOT NULL,
                since timestamptz NOT NULL DEFAULT now(),
                reason text NOT NULL,
                first_seq bigint NOT NULL,
                PRIMARY KEY (topic, subject)
            );
            CREATE INDEX parked_subject_part ON parked_subject (topic, part);
            CREATE TABLE parked (
                topic text NOT NULL,
                part integer NOT NULL,
                seq bigint NOT NULL,
                gen integer NOT NULL,
                h bytea NOT NULL,
                subject text NOT NULL,
                version integer NOT NULL,
                event_id uuid NOT NULL,
                type text NOT NULL,
                time bigint NOT NULL,
                cause uuid,
                trace text,
                payload bytea NOT NULL,
                reason text,
                parked_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (topic, part, seq)
            );
            CREATE INDEX parked_subject_events ON parked (topic, subject, seq);
            -- What an operator gave up, and why.
            CREATE TABLE parked_dropped (
                LIKE parked,
                why text NOT NULL,
                dropped_at timestamptz NOT NULL DEFAULT now()
            );
            """)
}
