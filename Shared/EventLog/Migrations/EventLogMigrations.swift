public import Postgres

/// The event log's own tables, the same in every service's database. Versions 1–99 are the log's; services begin at 101.
public enum EventLogMigrations {
    public static let all: [Migration] = [
        Migration(version: 1, name: "event_log", sql: tables), generations, parking, partitions, parkedFence,
        payloadsInline, unprunedRows, unsendable, servingRole,
    ]

    private static let tables = """
        -- Insert-only. `id` is drawn after the aggregate's row lock, so it rises within a subject; it says nothing across
        -- subjects: commits become visible in another order. No UPDATE, no DELETE, so no dead tuples.
        CREATE TABLE outbox (
            id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
            topic text NOT NULL,
            part integer NOT NULL,
            subject text NOT NULL,
            version integer NOT NULL,
            event_id uuid NOT NULL,
            type text NOT NULL,
            time bigint NOT NULL,
            cause uuid,
            trace text,
            headers bytea,
            payload bytea NOT NULL
        );
        CREATE INDEX outbox_xid ON outbox (xid);

        -- The published order. `pos` is dense over the database, `seq` over (topic, part); `h` chains each part's history.
        CREATE TABLE stream (
            pos bigint PRIMARY KEY,
            topic text NOT NULL,
            part integer NOT NULL,
            seq bigint NOT NULL,
            h bytea NOT NULL,
            outbox_id bigint NOT NULL UNIQUE
        );
        CREATE UNIQUE INDEX stream_seq ON stream (topic, part, seq);
        CREATE TABLE stream_head (
            topic text NOT NULL,
            part integer NOT NULL,
            seq bigint NOT NULL,
            h bytea NOT NULL,
            PRIMARY KEY (topic, part)
        ) WITH (fillfactor = 50);

        -- Advanced by compare-and-set on `version` only. A window is what `target` sees and `snapshot` does not;
        -- while one is being worked through page by page, `target` is kept and `after_id` says how far.
        CREATE TABLE sequencer_state (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            version bigint NOT NULL,
            generation integer NOT NULL,
            snapshot pg_snapshot NOT NULL,
            target pg_snapshot,
            after_id bigint NOT NULL,
            pos bigint NOT NULL
        ) WITH (fillfactor = 50);
        INSERT INTO sequencer_state (version, generation, snapshot, after_id, pos) VALUES (0, 1, '1:1:', 0, 0);

        -- A hint of what the broker has acknowledged: it may lag, which costs duplicates only.
        CREATE TABLE publisher_state (
            one boolean PRIMARY KEY DEFAULT true CHECK (one),
            acked_pos bigint NOT NULL,
            cluster_id text
        ) WITH (fillfactor = 50);
        INSERT INTO publisher_state (acked_pos) VALUES (0);

        -- The consumer's truth: what of each (topic, part) has been applied here.
        CREATE TABLE inbox_cursor (
            topic text NOT NULL,
            part integer NOT NULL,
            seq bigint NOT NULL,
            h bytea NOT NULL,
            PRIMARY KEY (topic, part)
        ) WITH (fillfactor = 30);
        CREATE FUNCTION advance_cursors(topics text[], parts integer[], before bigint[], after bigint[], hashes bytea[])
        RETURNS void LANGUAGE plpgsql AS $$
        DECLARE moved integer;
        BEGIN
            UPDATE inbox_cursor c SET seq = n.after, h = n.h
            FROM unnest(topics, parts, before, after, hashes) AS n(topic, part, before, after, h)
            WHERE c.topic = n.topic AND c.part = n.part AND c.seq = n.before;
            GET DIAGNOSTICS moved = ROW_COUNT;
            IF moved <> cardinality(topics) THEN
                RAISE EXCEPTION 'another consumer has moved these cursors' USING ERRCODE = 'SH001';
            END IF;
        END $$;

        -- Records from outside (departments' feedback), once per sender and id.
        CREATE TABLE foreign_seen (
            source text NOT NULL,
            id text NOT NULL,
            PRIMARY KEY (source, id)
        );
        """
}
