-- What people told us, as they told it.
CREATE TABLE ticket (
    id uuid PRIMARY KEY,
    number text NOT NULL,
    channel text NOT NULL,
    plate text,
    lat double precision,
    lng double precision,
    category text,
    -- As written: may hold personal data, so it stays here. Events carry a scrubbed copy.
    words text,
    photos integer NOT NULL,
    has_contact boolean NOT NULL,
    submitted_at bigint NOT NULL,
    -- Idempotency-Key and the hash of the body it came with.
    idempotency text UNIQUE,
    body_hash bytea
);
CREATE INDEX ticket_number ON ticket (number);

-- How to reach who reported, apart from everything else so that it can be erased alone.
CREATE TABLE contact (
    ticket uuid PRIMARY KEY,
    phone text NOT NULL
);
-- Every reading of a contact, by whom and why.
CREATE TABLE contact_reading (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ticket uuid NOT NULL,
    reader text NOT NULL,
    purpose text NOT NULL,
    read_at bigint NOT NULL
);

-- Re-encoded JPEG without metadata; the original is never stored.
CREATE TABLE photo (
    id uuid PRIMARY KEY,
    ticket uuid NOT NULL,
    place integer NOT NULL,
    width integer NOT NULL,
    height integer NOT NULL,
    jpeg bytea NOT NULL
);
CREATE INDEX photo_ticket ON photo (ticket, place);

-- Ticket numbers are handed out in blocks, one per process and refill; a crash leaves a hole, never a repeat.
CREATE TABLE ticket_counter (
    day integer PRIMARY KEY,
    last integer NOT NULL
);

-- From directory.v1.
CREATE TABLE plate (
    code text PRIMARY KEY,
    version integer NOT NULL,
    registered bytea NOT NULL,
    -- No longer in use: nothing is reported there, and its name stays for what was.
    retired boolean NOT NULL DEFAULT false
);
CREATE TABLE area (
    code text PRIMARY KEY,
    version integer NOT NULL,
    name text NOT NULL
);
CREATE TABLE department (
    code text PRIMARY KEY,
    version integer NOT NULL,
    name text NOT NULL
);

-- From cases.v1: what the resident sees of the work on a ticket.
CREATE TABLE progress (
    ticket uuid PRIMARY KEY,
    version integer NOT NULL,
    snapshot bytea NOT NULL
);
CREATE TABLE progress_step (
    ticket uuid NOT NULL,
    version integer NOT NULL,
    type text NOT NULL,
    time bigint NOT NULL,
    event bytea NOT NULL,
    PRIMARY KEY (ticket, version)
);
