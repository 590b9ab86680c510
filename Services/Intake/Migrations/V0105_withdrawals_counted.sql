-- How often the reporter has asked to have the ticket back; `withdrawn_at` is the last time. Routing answers each with an event, so
-- that one not answered yet can be told from one that was.
ALTER TABLE ticket ADD COLUMN withdrawals integer NOT NULL DEFAULT 0;
UPDATE ticket SET withdrawals = 1 WHERE withdrawn_at IS NOT NULL;
