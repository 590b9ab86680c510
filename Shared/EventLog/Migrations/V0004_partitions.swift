import Postgres

extension EventLogMigrations {
    /// Outbox and stream in ranges, so that what is archived can be thrown away without leaving a dead row.
    ///
    /// The tables of version 1 become the first partitions; no row is copied.
    static let partitions = Migration(
        version: 4, name: "partitions",
        sql: """
            -- Ranges of `outbox.id` and `stream.pos`, the parts of `stream` with what became of them.
            CREATE TABLE log_partition (
                parent text NOT NULL CHECK (parent IN ('outbox', 'stream')),
                lower bigint NOT NULL,
                upper bigint NOT NULL,
                folder text,
                archived_at timestamptz,
                dropped_at timestamptz,
                PRIMARY KEY (parent, lower)
            );
            -- What is in which file: a partition's records from first to last, and the hashes at both ends.
            CREATE TABLE archived_part (
                topic text NOT NULL,
                part integer NOT NULL,
                first_seq bigint NOT NULL,
                last_seq bigint NOT NULL,
                hash_before bytea NOT NULL,
                hash bytea NOT NULL,
                lower bigint NOT NULL,
                file text NOT NULL,
                bytes bigint NOT NULL,
                sha256 bytea NOT NULL,
                PRIMARY KEY (topic, part, first_seq)
            );
            CREATE INDEX archived_part_lower ON archived_part (lower);

            -- The indexes that no partitioned table can promise as a whole are promised by each of its parts: an event is
            -- numbered once, a number given once. The order of numbers itself rests on the sequencer's compare-and-set.
            CREATE FUNCTION make_log_partition(kind text, lowest bigint, limit_ bigint) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE name text := kind || '_' || lowest;
            BEGIN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING STORAGE)', name, kind);
                IF kind = 'outbox' THEN
                    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', name);
                    EXECUTE format('CREATE INDEX ON %I (xid)', name);
                ELSE
                    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (pos), ADD UNIQUE (outbox_id), ADD UNIQUE (topic, part, seq)', name);
                END IF;
                -- Attached, not created in place: that would wait for, and then stop, every writer.
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', kind, name, lowest, limit_);
                INSERT INTO log_partition (parent, lower, upper) VALUES (kind, lowest, limit_);
            END $$;

            DO $$
            DECLARE
                size bigint := \(partitionRows);
                last bigint; called boolean; sequence text := pg_get_serial_sequence('outbox', 'id'); edge bigint;
            BEGIN
                EXECUTE format('SELECT last_value, is_called FROM %s', sequence) INTO last, called;
                ALTER TABLE outbox RENAME TO outbox_0;
                ALTER TABLE outbox_0 ALTER COLUMN id DROP IDENTITY;
                ALTER TABLE outbox_0 RENAME CONSTRAINT outbox_pkey TO outbox_0_pkey;
                ALTER INDEX outbox_xid RENAME TO outbox_0_xid_idx;
                CREATE TABLE outbox (LIKE outbox_0 INCLUDING DEFAULTS INCLUDING STORAGE, PRIMARY KEY (id)) PARTITION BY RANGE (id);
                ALTER TABLE outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY;
                PERFORM setval(pg_get_serial_sequence('outbox', 'id'), last, called);
                CREATE INDEX outbox_xid ON outbox (xid);
                edge := (last / size + 1) * size;
                EXECUTE format('ALTER TABLE outbox ATTACH PARTITION outbox_0 FOR VALUES FROM (0) TO (%s)', edge);
                INSERT INTO log_partition (parent, lower, upper) VALUES ('outbox', 0, edge);
                PERFORM make_log_partition('outbox', edge, edge + size);
                PERFORM make_log_partition('outbox', edge + size, edge + 2 * size);

                ALTER TABLE stream RENAME TO stream_0;
                ALTER TABLE stream_0 RENAME CONSTRAINT stream_pkey TO stream_0_pkey;
                ALTER TABLE stream_0 RENAME CONSTRAINT stream_outbox_id_key TO stream_0_outbox_id_key;
                ALTER INDEX stream_seq RENAME TO stream_0_topic_part_seq_key;
                CREATE TABLE stream (LIKE stream_0 INCLUDING DEFAULTS INCLUDING STORAGE, PRIMARY KEY (pos)) PARTITION BY RANGE (pos);
                SELECT (pos / size + 1) * size INTO edge FROM sequencer_state;
                EXECUTE format('ALTER TABLE stream ATTACH PARTITION stream_0 FOR VALUES FROM (0) TO (%s)', edge);
                INSERT INTO log_partition (parent, lower, upper) VALUES ('stream', 0, edge);
                PERFORM make_log_partition('stream', edge, edge + size);
                PERFORM make_log_partition('stream', edge + size, edge + 2 * size);
            END $$;
            """)

    /// Rows of one partition: some hundred megabytes of the outbox.
    static let partitionRows: Int64 = 1_000_000
}
