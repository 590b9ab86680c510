-- From directory.v1: what communities and departments are called.
CREATE TABLE directory_name (
    kind text NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (kind, code)
);

-- From cases.v1: one row a case, and where its evaluation stands.
CREATE TABLE evaluable (
    ticket uuid PRIMARY KEY,
    number text NOT NULL,
    -- The case's version last heard; what is not newer changes nothing, so a replay opens no window twice.
    case_version integer NOT NULL,
    -- The smallest area that is sure.
    area text NOT NULL,
    department text,
    category_name text NOT NULL,
    place text,
    answer text,
    answer_photos uuid[] NOT NULL DEFAULT '{}',
    -- Grows with each closing; 0 was never closed.
    round integer NOT NULL DEFAULT 0,
    ending text,
    closed_at bigint,
    -- NULL: no window, because the case is not closed, or was reopened.
    open_until bigint,
    -- Events said on evaluations.v1 about this ticket: the version of the last one.
    said integer NOT NULL DEFAULT 0
);

-- What people said. Words come without personal numbers: nobody here needs them, so they are not kept.
CREATE TABLE evaluation (
    id uuid PRIMARY KEY,
    ticket uuid NOT NULL REFERENCES evaluable (ticket),
    round integer NOT NULL,
    party text NOT NULL,
    contacted text NOT NULL,
    solved text NOT NULL,
    satisfied text NOT NULL,
    reasons text[] NOT NULL,
    words text,
    given_at bigint NOT NULL,
    -- Who asked on the telephone, for party staff.
    asked_by text,
    -- Idempotency-Key, and the hash of the request it came with.
    idempotency text,
    body_hash bytea NOT NULL,
    -- The promise itself: one evaluation a closing and party.
    CONSTRAINT evaluation_once UNIQUE (ticket, round, party),
    CONSTRAINT evaluation_key UNIQUE (ticket, party, idempotency)
);
