public import Postgres

extension EventLogMigrations {
    /// What whoever serves cannot do by itself, because it owns nothing: partitions that come and go. These functions run with the
    /// owner's rights, under a fixed search path, and give away history only when the archive has it and everyone has heard it.
    static let servingRole = Migration(
        version: 9, name: "serving_role",
        sql: """
            ALTER FUNCTION make_log_partition(text, bigint, bigint) SECURITY DEFINER SET search_path = public, pg_temp;
            REVOKE ALL ON FUNCTION make_log_partition(text, bigint, bigint) FROM PUBLIC;

            -- The parts of a closed range are registered before: each of its records must be in one of them, with its history's hash.
            CREATE FUNCTION close_log_range(lowest bigint, place text) RETURNS boolean
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            DECLARE top bigint;
            BEGIN
                SELECT upper INTO top FROM log_partition WHERE parent = 'stream' AND lower = lowest AND archived_at IS NULL FOR UPDATE;
                IF NOT FOUND THEN RETURN false; END IF;
                IF top > (SELECT pos + 1 FROM sequencer_state) THEN
                    RAISE EXCEPTION 'the range from % is still being written', lowest USING ERRCODE = 'SH002';
                END IF;
                IF EXISTS (
                    SELECT 1 FROM (
                        SELECT topic, part, min(seq) AS first, max(seq) AS last, count(*) AS rows
                        FROM stream WHERE pos >= lowest AND pos < top GROUP BY topic, part) s
                    LEFT JOIN archived_part a ON a.lower = lowest AND a.topic = s.topic AND a.part = s.part
                        AND a.first_seq = s.first AND a.last_seq = s.last AND s.rows = a.last_seq - a.first_seq + 1
                    LEFT JOIN stream e ON e.topic = s.topic AND e.part = s.part AND e.seq = s.last
                    WHERE a.topic IS NULL OR a.hash <> e.h
                ) THEN
                    RAISE EXCEPTION 'the archive does not have every record from %', lowest USING ERRCODE = 'SH002';
                END IF;
                UPDATE log_partition SET folder = place, archived_at = now() WHERE parent = 'stream' AND lower = lowest;
                RETURN true;
            END $$;
            REVOKE ALL ON FUNCTION close_log_range(bigint, text) FROM PUBLIC;

            -- Drops one partition of which nothing below `horizon` (a position of the stream) is needed here. False when not now.
            CREATE FUNCTION drop_log_partition(kind text, lowest bigint, horizon bigint) RETURNS boolean
            LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
            DECLARE
                name text := kind || '_' || lowest;
                top bigint; used boolean;
            BEGIN
                SELECT upper INTO top FROM log_partition WHERE parent = kind AND lower = lowest AND dropped_at IS NULL;
                IF NOT FOUND THEN RETURN false; END IF;
                IF EXISTS (SELECT 1 FROM log_partition WHERE parent = 'stream' AND lower < horizon AND archived_at IS NULL)
                    OR horizon > (SELECT acked_pos FROM publisher_state) + 1
                    OR EXISTS (
                        SELECT 1 FROM archived_part a
                        JOIN log_partition p ON p.parent = 'stream' AND p.lower = a.lower AND p.dropped_at IS NULL
                        JOIN (SELECT DISTINCT consumer, topic FROM stream_consumer) c ON c.topic = a.topic
                        LEFT JOIN stream_consumer s ON s.consumer = c.consumer AND s.topic = a.topic AND s.part = a.part
                        WHERE a.lower < horizon AND coalesce(s.seq, 0) < a.last_seq)
                THEN
                    RAISE EXCEPTION 'events below position % are not archived, not published or not heard by all', horizon
                        USING ERRCODE = 'SH002';
                END IF;
                EXECUTE format('LOCK TABLE %I IN SHARE MODE', name);
                IF kind = 'outbox' THEN
                    -- Any row without a number, or with one that must stay.
                    EXECUTE format(
                        'SELECT EXISTS (SELECT 1 FROM %I o LEFT JOIN stream s ON s.outbox_id = o.id WHERE s.pos IS NULL OR s.pos >= $1)',
                        name) INTO used USING horizon;
                    used := used OR top > coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'id')::regclass), 0);
                ELSE
                    -- Numbers outlive their rows: an event without a number would be taken for new by the next generation.
                    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I s JOIN outbox o ON o.id = s.outbox_id)', name) INTO used;
                    used := used OR top > horizon;
                END IF;
                IF used THEN RETURN false; END IF;
                -- Where a partition whose last rows go with this range will be said to have come to.
                UPDATE stream_partition p SET seq = a.last_seq, h = a.hash FROM archived_part a
                WHERE kind = 'stream' AND a.lower = lowest AND a.topic = p.topic AND a.part = p.part AND a.last_seq > p.seq;
                EXECUTE format('DROP TABLE %I', name);
                UPDATE log_partition SET dropped_at = now() WHERE parent = kind AND lower = lowest;
                RETURN true;
            END $$;
            REVOKE ALL ON FUNCTION drop_log_partition(text, bigint, bigint) FROM PUBLIC;

            -- Rows from another server carry that server's transaction numbers. One that this snapshot "does not see", although we
            -- see the row, would be taken for new by a later window: it gets the oldest number there is.
            CREATE FUNCTION forget_foreign_transactions() RETURNS void
            LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
                UPDATE outbox SET xid = '1' WHERE NOT pg_visible_in_snapshot(xid, pg_current_snapshot())
            $$;
            REVOKE ALL ON FUNCTION forget_foreign_transactions() FROM PUBLIC;
            """)

    /// What serving needs of these tables. What was said (`outbox`, `stream`, the archive's list) can be added to, never changed.
    public static let rights = ServingRights(
        tables: [
            TableRights("shao_migration", .read),
            TableRights("outbox", .read, .add), TableRights("stream", .read, .add), TableRights("stream_head", .read),
            TableRights("stream_partition", .read, .add), TableRights("stream_consumer", .read, .add, .change),
            TableRights("log_partition", .read), TableRights("archived_part", .read, .add),
            TableRights("sequencer_state", .read, .change), TableRights("publisher_state", .read, .change),
            TableRights("publisher_place", .read, .add, .change), TableRights("publisher_held", .read, .add, .remove),
            TableRights("inbox_cursor", .read, .add, .change), TableRights("foreign_seen", .read, .add),
            TableRights("foreign_refused", .read, .add, .remove),
            // Changed never, but a row that is locked needs it.
            TableRights("parked_subject", .read, .add, .change, .remove), TableRights("parked", .read, .add, .remove),
            TableRights("parked_dropped", .read, .add),
        ],
        functions: [
            "make_log_partition(text, bigint, bigint)", "close_log_range(bigint, text)", "drop_log_partition(text, bigint, bigint)",
            "forget_foreign_transactions()",
        ])
}
