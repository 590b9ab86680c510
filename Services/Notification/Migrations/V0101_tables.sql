-- From directory.v1: what codes are called.
CREATE TABLE name (
    kind text NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    -- No longer in use: the name stays for what is still told of it.
    retired boolean NOT NULL DEFAULT false,
    PRIMARY KEY (kind, code)
);

-- Events that something is to be said about. A message is rendered from its event when it is sent, so no text is kept.
CREATE TABLE told_event (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    subject text NOT NULL,
    version integer NOT NULL,
    time bigint NOT NULL,
    payload bytea NOT NULL
);

-- One row per event and recipient. No address is kept: the resident's is asked for when it is sent, a desk's is configuration.
CREATE TABLE delivery (
    id uuid PRIMARY KEY,
    -- The order in which a recipient is told.
    pos bigint GENERATED ALWAYS AS IDENTITY,
    event uuid NOT NULL REFERENCES told_event (id),
    ticket uuid NOT NULL,
    -- Where its matter lies: the smallest area that is sure.
    area text NOT NULL,
    -- 'resident', or the organisation's code.
    audience text NOT NULL,
    -- 'resident', or organisation, channel and a keyed hash of the address.
    recipient text NOT NULL,
    -- Whose messages keep their order: the recipient, and for residents the ticket.
    lane text NOT NULL,
    channel text NOT NULL,
    template text NOT NULL,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sending', 'sent', 'failed', 'unknown', 'skipped')),
    -- queued: not before; sending: the claim is abandoned after.
    due_at bigint NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    -- Attempts made before the last manual retry: the schedule begins anew there.
    attempts_before integer NOT NULL DEFAULT 0,
    -- Keyed hash of the address it went to, so that one address is told of one event once.
    address_hash bytea,
    -- Code of the last trouble; never an address, never an answer's text.
    trouble text,
    created_at bigint NOT NULL,
    settled_at bigint,
    -- How often it was settled: the version of its events.
    settlements integer NOT NULL DEFAULT 0,
    UNIQUE (event, recipient),
    UNIQUE (event, channel, address_hash)
);
CREATE INDEX delivery_due ON delivery (due_at) WHERE state IN ('queued', 'sending');
CREATE INDEX delivery_lane ON delivery (lane, pos) WHERE state IN ('queued', 'sending');
CREATE INDEX delivery_ticket ON delivery (ticket, pos);

-- What was tried, and what came of it.
CREATE TABLE delivery_attempt (
    delivery uuid NOT NULL REFERENCES delivery (id),
    attempt integer NOT NULL,
    ended_at bigint NOT NULL,
    outcome text NOT NULL,
    trouble text,
    PRIMARY KEY (delivery, attempt)
);
