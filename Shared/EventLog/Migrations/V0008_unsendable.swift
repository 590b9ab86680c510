import Postgres

extension EventLogMigrations {
    /// Nothing gets into the outbox that no producer can send, and what a broker will not take all the same is known.
    static let unsendable = Migration(
        version: 8, name: "unsendable",
        sql: """
            -- The producer's own limit is 1 000 000 bytes (`KafkaConfiguration.producerDefaults`), a stock broker's 1 048 588. The rest is for
            -- the headers of CloudEvents and our own. Rows of before are not looked at.
            ALTER TABLE outbox ADD CONSTRAINT outbox_record_can_be_sent CHECK (
                octet_length(payload) + coalesce(octet_length(headers), 0) + octet_length(subject) <= 900000
            ) NOT VALID;

            CREATE OR REPLACE FUNCTION make_log_partition(kind text, lowest bigint, limit_ bigint) RETURNS void LANGUAGE plpgsql AS $$
            DECLARE name text := kind || '_' || lowest;
            BEGIN
                EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING CONSTRAINTS)', name, kind);
                IF kind = 'outbox' THEN
                    PERFORM keep_payloads_inline(name);
                    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id)', name);
                    EXECUTE format('CREATE INDEX ON %I (xid)', name);
                ELSE
                    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (pos), ADD UNIQUE (outbox_id), ADD UNIQUE (topic, part, seq)', name);
                END IF;
                -- Attached, not created in place: that would wait for, and then stop, every writer.
                EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', kind, name, lowest, limit_);
                INSERT INTO log_partition (parent, lower, upper) VALUES (kind, lowest, limit_);
            END $$;

            -- Records that a broker will not take as they are, and those of their subject behind them.
            CREATE TABLE publisher_held (
                topic text NOT NULL,
                part integer NOT NULL,
                seq bigint NOT NULL,
                subject text NOT NULL,
                reason text NOT NULL,
                since timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (topic, part, seq)
            );

            -- Records from outside that lie on a dead-letter topic: content and reason, in a hash.
            CREATE TABLE foreign_refused (
                hash bytea PRIMARY KEY,
                at timestamptz NOT NULL DEFAULT now()
            );
            CREATE INDEX foreign_refused_at ON foreign_refused (at);
            """)
}
