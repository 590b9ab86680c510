import Postgres

extension EventLogMigrations {
    /// Behind an old snapshot nobody may throw away the versions of a row that is written again and again. A search by what
    /// they all have in common looks at every one; by a number that rises with each, at one.
    static let unprunedRows = Migration(
        version: 7, name: "unpruned_rows",
        sql: """
            ALTER TABLE sequencer_state DROP CONSTRAINT sequencer_state_pkey, ADD PRIMARY KEY (version);

            ALTER TABLE inbox_cursor DROP CONSTRAINT inbox_cursor_pkey, ADD PRIMARY KEY (topic, part, seq);
            -- Tables of a few rows are read as a whole, unless that is forbidden.
            ALTER FUNCTION advance_cursors(text[], integer[], bigint[], bigint[], bytea[], integer[])
                SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off;
            -- What the key no longer says: a partition has one cursor. Cursors are opened rarely, so one after another.
            CREATE FUNCTION keep_one_cursor() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                PERFORM pg_advisory_xact_lock(77, 5);
                IF EXISTS (SELECT 1 FROM inbox_cursor c WHERE c.topic = NEW.topic AND c.part = NEW.part) THEN
                    RETURN NULL;
                END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER one_cursor BEFORE INSERT ON inbox_cursor FOR EACH ROW EXECUTE FUNCTION keep_one_cursor();

            -- A head is its partition's last row. What is kept here is where the rows end that were thrown away.
            ALTER TABLE stream_head RENAME TO stream_partition;
            CREATE VIEW stream_head AS
                SELECT p.topic, p.part, coalesce(s.seq, p.seq) AS seq, coalesce(s.h, p.h) AS h
                FROM stream_partition p LEFT JOIN LATERAL (
                    SELECT seq, h FROM stream WHERE topic = p.topic AND part = p.part ORDER BY seq DESC LIMIT 1
                ) s ON true;
            """)
}
