import Postgres

extension EventLogMigrations {
    /// Payloads stay as they are in their row: compressing 1 to 4 KiB of JSON with pglz was a quarter of what Postgres did for a
    /// dispatched ticket.
    static let payloadsInline = Migration(
        version: 6, name: "payloads_inline",
        sql: """
            ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
            -- Rows beyond a page go out of line, uncompressed. The target is a setting of each part.
            CREATE FUNCTION keep_payloads_inline(name text) RETURNS void LANGUAGE plpgsql AS $$
            BEGIN
                EXECUTE format('ALTER TABLE %I SET (toast_tuple_target = 8160)', name);
            END $$;
            SELECT keep_payloads_inline(inhrelid::regclass::text) FROM pg_inherits WHERE inhparent = 'outbox'::regclass;

            CREATE OR REPLACE FUNCTION make_log_partition(kind text, lowest bigint, limit_ bigint) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE name text := kind || '_' || lowest;
            BEGIN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING STORAGE)', name, kind);
                IF kind = 'outbox' THEN
                    PERFORM keep_payloads_inline(name);
                    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', name);
                    EXECUTE format('CREATE INDEX ON %I (xid)', name);
                ELSE
                    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (pos), ADD UNIQUE (outbox_id), ADD UNIQUE (topic, part, seq)', name);
                END IF;
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', kind, name, lowest, limit_);
                INSERT INTO log_partition (parent, lower, upper) VALUES (kind, lowest, limit_);
            END $$;
            """)
}
