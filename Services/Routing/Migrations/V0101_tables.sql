-- The work on one ticket. One command reads one row and writes one row: the whole case is `document`, the columns beside it
-- are copies for finding it. `report` is what the resident said and never changes.
CREATE TABLE case_file (
    ticket uuid PRIMARY KEY,
    number text NOT NULL,
    version integer NOT NULL,
    state text NOT NULL,
    owner_kind text NOT NULL,
    owner text NOT NULL,
    street text NOT NULL,
    -- The street's own code while the place is unclear.
    community text NOT NULL,
    category text NOT NULL,
    lead text,
    -- The clock that ends next; nothing when none runs.
    next_due bigint,
    submitted_at bigint NOT NULL,
    opened_at bigint NOT NULL,
    changed_at bigint NOT NULL,
    closed_at bigint,
    document bytea NOT NULL,
    report bytea NOT NULL
);
CREATE UNIQUE INDEX case_number ON case_file (number);
CREATE INDEX case_queue ON case_file (state, community, next_due);
CREATE INDEX case_of_community ON case_file (community, ticket);
CREATE INDEX case_changed ON case_file (changed_at, ticket);

-- What was said in the course of a case: only changes that carry words or photos.
CREATE TABLE case_word (
    ticket uuid NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    said_by text NOT NULL,
    said_at bigint NOT NULL,
    words text,
    -- Ids, separated by blanks.
    photos text NOT NULL,
    PRIMARY KEY (ticket, version)
);

-- What the due scan reads: a copy of the running clocks, oldest first. `fires_at` is the next warning, or the end.
CREATE TABLE case_clock (
    ticket uuid NOT NULL,
    kind text NOT NULL,
    -- Empty for a clock of the case as a whole.
    department text NOT NULL,
    due_at bigint NOT NULL,
    warned smallint NOT NULL,
    is_overdue boolean NOT NULL,
    -- Nothing when held by a suspension, or when it has run out and was announced.
    fires_at bigint,
    PRIMARY KEY (ticket, kind, department)
);
CREATE INDEX case_clock_fires ON case_clock (fires_at, ticket) WHERE fires_at IS NOT NULL;
CREATE INDEX case_clock_overdue ON case_clock (kind) WHERE is_overdue;

-- Which case a department's feedback is about.
CREATE TABLE dispatch (
    id uuid PRIMARY KEY,
    ticket uuid NOT NULL,
    department text NOT NULL
);
CREATE INDEX dispatch_ticket ON dispatch (ticket);

-- What was published on directory.v1: only what differs is published again, with the next version.
CREATE TABLE directory_entry (
    subject text PRIMARY KEY,
    version integer NOT NULL,
    payload bytea NOT NULL
);

-- Every catalogue file that ever decided here. Cases name the version in their document.
CREATE TABLE catalogue_version (
    hash bytea PRIMARY KEY,
    version text NOT NULL,
    rows integer NOT NULL,
    loaded_at bigint NOT NULL
);
