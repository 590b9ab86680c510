import Postgres

extension EventLogMigrations {
    /// Generations of a stream, the publisher's places on the broker, and who listens.
    static let generations = Migration(
        version: 2, name: "generations",
        sql: """
            ALTER TABLE stream ADD COLUMN gen integer NOT NULL DEFAULT 1;

            -- Under which server the state was last moved. On another one its snapshot means nothing: a new generation begins,
            -- and its first window (`recovering`) is what `target` sees and has no stream row.
            ALTER TABLE sequencer_state
                ADD COLUMN system_id bigint, ADD COLUMN timeline integer, ADD COLUMN recovering boolean NOT NULL DEFAULT false;
            UPDATE sequencer_state SET system_id = (SELECT system_identifier FROM pg_control_system()),
                timeline = ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer;
            ALTER TABLE sequencer_state ALTER COLUMN system_id SET NOT NULL, ALTER COLUMN timeline SET NOT NULL;

            -- `lead` fences: who takes the lead raises it, and saves nothing once another has. Records up to `refill_to` had been
            -- acknowledged by another cluster and are sent again to this one.
            ALTER TABLE publisher_state
                ADD COLUMN lead bigint NOT NULL DEFAULT 0, ADD COLUMN refill_to bigint NOT NULL DEFAULT 0;
            -- Where the broker has the last record of a partition, as far as it was saved; and what of it is to be sent again.
            CREATE TABLE publisher_place (
                topic text NOT NULL,
                part integer NOT NULL,
                seq bigint NOT NULL,
                next_offset bigint NOT NULL,
                refill_from bigint,
                refill_to bigint,
                PRIMARY KEY (topic, part)
            ) WITH (fillfactor = 50);

            -- Everyone who has ever told its cursors: nothing that one of them still needs is thrown away.
            CREATE TABLE stream_consumer (
                consumer text NOT NULL,
                topic text NOT NULL,
                part integer NOT NULL,
                seq bigint NOT NULL,
                seen_at timestamptz NOT NULL DEFAULT now(),
                PRIMARY KEY (consumer, topic, part)
            ) WITH (fillfactor = 50);
            """)
}
