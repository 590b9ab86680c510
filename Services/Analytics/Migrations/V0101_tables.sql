-- What is known of each ticket, from events alone. Times are milliseconds since 1970.
-- Each group of columns has one topic as its source, so topics may arrive in any order between each other.
CREATE TABLE case_fact (
    ticket uuid PRIMARY KEY,
    -- tickets.v1; cases.v1 wins where both say it
    number text,
    channel text,
    category text COLLATE "C",
    submitted_at bigint,
    withdrawn_at bigint,
    -- cases.v1: the newest snapshot
    case_version bigint NOT NULL DEFAULT 0,
    case_state text,
    community text COLLATE "C",
    grid text,
    plate text,
    category_name text COLLATE "C",
    urgency text,
    lead text COLLATE "C",
    whistle text,
    self_handled boolean,
    ending text,
    opened_at bigint,
    first_answered_at bigint,
    closed_at bigint,
    reopen_count integer NOT NULL DEFAULT 0,
    next_due bigint,
    -- cases.v1: gathered over its events
    first_answer_due bigint,
    contact_due bigint,
    overdue_count integer NOT NULL DEFAULT 0,
    -- evaluations.v1, the resident's
    evaluation_version integer NOT NULL DEFAULT 0,
    evaluated_at bigint,
    contacted text,
    solved text,
    satisfied text,
    -- deliveries.v1
    messages_sent integer NOT NULL DEFAULT 0,
    messages_unsent integer NOT NULL DEFAULT 0,
    -- derived
    state text NOT NULL GENERATED ALWAYS AS (
        coalesce(case_state, CASE WHEN withdrawn_at IS NULL THEN 'reported' ELSE 'withdrawn' END)) STORED,
    is_open boolean NOT NULL GENERATED ALWAYS AS (
        coalesce(case_state, CASE WHEN withdrawn_at IS NULL THEN 'reported' ELSE 'withdrawn' END)
            NOT IN ('closed', 'evaluated', 'merged', 'declined', 'withdrawn')) STORED,
    response_due bigint GENERATED ALWAYS AS (coalesce(first_answer_due, contact_due, submitted_at + 54000000)) STORED,
    first_answer_minutes integer GENERATED ALWAYS AS (
        -- greatest() and least() pass over NULL, and no answer is not an answer within a minute.
        CASE WHEN first_answered_at IS NOT NULL AND submitted_at IS NOT NULL
        THEN least(greatest((first_answered_at - submitted_at) / 60000, 0), 2147483647)::integer END) STORED
) WITH (fillfactor = 80);
-- Neither index holds a column that changes while a case is worked on: most updates stay within their page.
CREATE INDEX case_fact_period ON case_fact (submitted_at);
CREATE INDEX case_fact_open ON case_fact (submitted_at) WHERE is_open;

-- Names, by code. What is retired has a line only where it has figures.
CREATE TABLE area (
    code text PRIMARY KEY,
    version integer NOT NULL,
    name text NOT NULL,
    level text NOT NULL,
    retired boolean NOT NULL DEFAULT false
);
CREATE TABLE department (
    code text PRIMARY KEY,
    version integer NOT NULL,
    name text NOT NULL,
    retired boolean NOT NULL DEFAULT false
);

-- The newest event of each topic that is in the facts.
CREATE TABLE heard (topic text PRIMARY KEY, latest bigint NOT NULL);
