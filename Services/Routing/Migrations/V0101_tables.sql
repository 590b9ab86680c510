-- What the codes of the contracts can be. A code more is `ALTER TYPE … ADD VALUE` in a later migration.
CREATE TYPE case_state AS ENUM ('reported', 'filed', 'whistled', 'dispatched', 'disputed', 'handling', 'suspended', 'answered',
    'closed', 'evaluated', 'merged', 'declined', 'withdrawn');
CREATE TYPE case_urgency AS ENUM ('normal', 'urgent', 'critical');
CREATE TYPE case_channel AS ENUM ('plate', 'web', 'wechat', 'hotline', 'grid', 'counter', 'open311', 'import', 'sensor', 'proactive');
CREATE TYPE case_ending AS ENUM ('solved', 'answered', 'unable', 'merged');
CREATE TYPE unit_kind AS ENUM ('community', 'street', 'department', 'district', 'none');
CREATE TYPE handling_level AS ENUM ('community', 'street', 'department', 'district');
CREATE TYPE whistle_kind AS ENUM ('daily', 'tough', 'emergency');
CREATE TYPE dispatch_role AS ENUM ('lead', 'co');
CREATE TYPE dispatch_state AS ENUM ('called', 'signed', 'disputed', 'completed', 'recalled');
CREATE TYPE dispute_ground AS ENUM ('not_our_duty', 'not_our_place', 'no_power', 'wrong_lead', 'duplicate', 'unclear', 'done');
CREATE TYPE dispute_court AS ENUM ('street', 'district');
CREATE TYPE dispute_verdict AS ENUM ('uphold', 'reassign');
CREATE TYPE clock_kind AS ENUM ('accept', 'first_answer', 'dispatch', 'sign', 'arrive', 'contact', 'handle', 'adjudicate', 'verify',
    'review', 'evaluate', 'reopen', 'appeal', 'overall');
CREATE TYPE clock_unit AS ENUM ('naturalMinutes', 'naturalHours', 'naturalDays', 'workingHours', 'workingDays');

-- What a row of a version of the catalogue says: written when it first decides, kept for ever. `id` is a hash of the rest, so that
-- the cases of a group name it without asking.
CREATE TABLE catalogue_result (
    id bigint PRIMARY KEY,
    -- The rule set that decided, and the name of its catalogue's version.
    rules bigint NOT NULL,
    version text NOT NULL,
    -- Nothing when no row fitted and a person must decide.
    row_code text,
    level handling_level NOT NULL,
    lead text,
    co_handlers text[] NOT NULL,
    profile text NOT NULL,
    department_only boolean NOT NULL,
    basis text NOT NULL,
    reason text NOT NULL,
    alarm_row text,
    alarm_code text,
    alarm_reason text,
    CHECK ((alarm_row IS NULL) = (alarm_code IS NULL) AND (alarm_row IS NULL) = (alarm_reason IS NULL)),
    CHECK (level <> 'department' OR lead IS NOT NULL)
);

-- The work on one ticket. What never changes stands first: an update then logs the end of the row alone. The rows around it carry no
-- foreign keys: they are written in the same transaction, and each key would lock, and so write, this row once more.
CREATE TABLE service_case (
    ticket uuid PRIMARY KEY,
    submitted_at bigint NOT NULL,
    opened_at bigint NOT NULL,
    catalogue_result bigint NOT NULL,
    urgency case_urgency NOT NULL,
    channel case_channel NOT NULL,
    number text NOT NULL,
    street text NOT NULL,
    -- Nothing while the place is unclear.
    community text,
    grid text,
    plate text,
    place_name text NOT NULL,
    category text NOT NULL,

    -- Number of the case's events; what compare-and-set is on.
    version integer NOT NULL CHECK (version > 0),
    state case_state NOT NULL,
    changed_at bigint NOT NULL,
    -- Role and unit of who took the last step, and the person by id.
    changed_by text NOT NULL,
    changed_by_person uuid,
    -- The clock that ends next, by which queues are sorted; nothing when none runs.
    next_due bigint,
    first_answered_at bigint,
    closed_at bigint,
    owner_kind unit_kind NOT NULL,
    owner text NOT NULL,
    proposed_ending case_ending,
    ending case_ending,
    reopen_count integer NOT NULL CHECK (reopen_count >= 0),
    supervision smallint NOT NULL CHECK (supervision BETWEEN 0 AND 2),
    held_by_street boolean NOT NULL,
    accept_lapsed boolean NOT NULL CHECK (NOT accept_lapsed OR state = 'reported'),
    contacted boolean NOT NULL,
    self_handled boolean NOT NULL,
    window_over boolean NOT NULL CHECK (NOT window_over OR state IN ('closed', 'evaluated', 'merged', 'declined', 'withdrawn')),
    merged_into uuid CHECK (merged_into <> ticket),
    suspended_from bigint,
    suspended_until bigint,
    approver_kind unit_kind,
    approver text,
    resumes_to case_state,
    suspension_reason text,
    CHECK ((state IN ('closed', 'evaluated')) = (closed_at IS NOT NULL)),
    CHECK ((state IN ('closed', 'evaluated', 'merged')) = (ending IS NOT NULL)),
    CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
    CHECK (num_nulls(suspended_from, suspended_until, approver_kind, approver, resumes_to, suspension_reason)
        = CASE WHEN state = 'suspended' THEN 0 ELSE 6 END)
);
CREATE UNIQUE INDEX service_case_number ON service_case (number);
CREATE INDEX service_case_community ON service_case (community, ticket);
-- Open work stays small however many cases are done.
CREATE INDEX service_case_open ON service_case (street, state, community)
    WHERE state NOT IN ('closed', 'evaluated', 'merged', 'declined', 'withdrawn');

-- What the resident said, and how it was understood: written once.
CREATE TABLE case_report (
    ticket uuid PRIMARY KEY,
    lat double precision,
    lng double precision,
    -- Whether there is a way to reach the resident; which one, intake alone knows.
    has_contact boolean NOT NULL,
    photos uuid[],
    text text,
    -- Why this place and this class; why this unit says the catalogue's result.
    reason text NOT NULL,
    CHECK ((lat IS NULL) = (lng IS NULL))
);

-- The clocks of a case: those that run, each a place in the arrays. A list that would say the same of every clock is left out.
CREATE TABLE case_clock (
    ticket uuid PRIMARY KEY,
    -- When the due scan must look: at the next warning, or the next end; nothing when no clock will fire.
    fires_at bigint,
    -- The overall clock of a case that is over: it runs on when the case is reopened.
    overall_rests boolean NOT NULL,
    kinds clock_kind[] NOT NULL,
    -- Nothing in a place for a clock of the case as a whole.
    departments text[],
    started_at bigint[] NOT NULL,
    due_at bigint[] NOT NULL,
    limits integer[] NOT NULL CHECK (1 <= ALL (limits) AND 100000 >= ALL (limits)),
    units clock_unit[] NOT NULL,
    -- Milliseconds that were left when an approved suspension began.
    held_with bigint[],
    -- The highest percentage that was announced.
    warned smallint[],
    overdue boolean[],
    CHECK (cardinality(kinds) = ALL (ARRAY[cardinality(started_at), cardinality(due_at), cardinality(limits), cardinality(units)])),
    CHECK (coalesce(cardinality(departments), cardinality(kinds)) = cardinality(kinds)),
    CHECK (coalesce(cardinality(held_with), cardinality(kinds)) = cardinality(kinds)),
    CHECK (coalesce(cardinality(warned), cardinality(kinds)) = cardinality(kinds)),
    CHECK (coalesce(cardinality(overdue), cardinality(kinds)) = cardinality(kinds)),
    CHECK (NOT overall_rests OR 'overall' = ANY (kinds))
);
CREATE INDEX case_clock_fires ON case_clock (fires_at, ticket) WHERE fires_at IS NOT NULL;
CREATE INDEX case_clock_overdue ON case_clock (ticket) WHERE overdue IS NOT NULL;

-- A community's call for help 吹哨; at most one of a case is open.
CREATE TABLE whistle (
    id uuid PRIMARY KEY,
    ticket uuid NOT NULL,
    kind whistle_kind NOT NULL,
    by_kind unit_kind NOT NULL,
    by_unit text NOT NULL,
    reason text NOT NULL,
    at bigint NOT NULL,
    closed_at bigint
);
CREATE INDEX whistle_ticket ON whistle (ticket);
CREATE UNIQUE INDEX whistle_open ON whistle (ticket) WHERE closed_at IS NULL;

-- One unit called to one case 派单.
CREATE TABLE dispatch_order (
    id uuid PRIMARY KEY,
    ticket uuid NOT NULL,
    whistle uuid,
    called_at bigint NOT NULL,
    -- Its place among the case's orders.
    ordinal smallint NOT NULL,
    role dispatch_role NOT NULL,
    department text NOT NULL,
    state dispatch_state NOT NULL,
    deemed_signed boolean NOT NULL,
    signed_at bigint,
    arrived_at bigint,
    completed_at bigint,
    recalled_at bigint,
    CHECK (NOT deemed_signed OR signed_at IS NOT NULL),
    CHECK (state NOT IN ('signed', 'completed') OR signed_at IS NOT NULL),
    CHECK (state <> 'completed' OR completed_at IS NOT NULL),
    CHECK ((state = 'recalled') = (recalled_at IS NOT NULL))
);
CREATE INDEX dispatch_order_ticket ON dispatch_order (ticket);
CREATE INDEX dispatch_order_department ON dispatch_order (department, ticket);

-- A unit's statement that a case is not its own 派单异议: one for each order.
CREATE TABLE dispute (
    dispatch_order uuid PRIMARY KEY,
    at bigint NOT NULL,
    -- Its place among the case's disputes.
    ordinal smallint NOT NULL,
    ground dispute_ground NOT NULL,
    court dispute_court NOT NULL,
    verdict dispute_verdict,
    text text
);

-- Whose tickets were merged into a case. A row stays when its ticket has left again.
CREATE TABLE case_party (
    ticket uuid NOT NULL,
    -- The case's version that says so.
    version integer NOT NULL,
    party uuid NOT NULL CHECK (party <> ticket),
    number text NOT NULL,
    joined_at bigint NOT NULL,
    joined_by text NOT NULL,
    left_at bigint,
    PRIMARY KEY (ticket, version)
);
-- A ticket is part of one case at a time.
CREATE UNIQUE INDEX case_party_present ON case_party (party) WHERE left_at IS NULL;

-- The course of a case as its staff read it: a row for each event but the opening.
CREATE TABLE case_note (
    ticket uuid NOT NULL,
    version integer NOT NULL,
    at bigint NOT NULL,
    -- Its code, as the action that leaves it declares it.
    kind text NOT NULL,
    said_by text NOT NULL,
    -- Who took the step, by id; nothing for residents, rules and units' own systems.
    person uuid,
    text text,
    photos uuid[],
    -- The called unit that somebody else says it about.
    about text,
    PRIMARY KEY (ticket, version)
);

-- Compare-and-set: a group of rows is written whole or not at all. A conflict, so that the work is done again from the start.
CREATE FUNCTION expect_rows(changed bigint, wanted bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF changed <> wanted THEN
        RAISE EXCEPTION '% rows had the expected version, not %', changed, wanted USING ERRCODE = '40001';
    END IF;
END $$;
