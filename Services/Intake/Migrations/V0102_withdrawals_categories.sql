-- The reporter took the ticket back. Routing decides what becomes of the case.
ALTER TABLE ticket ADD COLUMN withdrawn_at bigint;
-- Reports at the same plate: the hint that somebody has reported it.
CREATE INDEX ticket_plate ON ticket (plate, submitted_at) WHERE plate IS NOT NULL;

-- From directory.v1: what may be reported even where no plate offers it.
CREATE TABLE category (
    code text PRIMARY KEY,
    version integer NOT NULL,
    name text NOT NULL,
    retired boolean NOT NULL DEFAULT false
);
