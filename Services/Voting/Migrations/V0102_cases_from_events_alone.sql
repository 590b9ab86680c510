-- What is known of cases is folded from events and nothing else, so that it can be rebuilt from them. The version of the last event
-- on evaluations.v1 is the number of evaluations; nothing refers to a row that a rebuild replaces.
ALTER TABLE evaluable DROP COLUMN said;
ALTER TABLE evaluation DROP CONSTRAINT evaluation_ticket_fkey;
