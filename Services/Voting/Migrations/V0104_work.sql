-- The case whose work was evaluated: the ticket's own, or the one that it was merged into at the time. Both count their closings from 1.
ALTER TABLE evaluation ADD COLUMN work uuid;
UPDATE evaluation SET work = coalesce(
    (SELECT t.ticket FROM evaluable e JOIN evaluable t ON t.ticket = e.merged_into WHERE e.ticket = evaluation.ticket), ticket);
ALTER TABLE evaluation ALTER COLUMN work SET NOT NULL;
ALTER TABLE evaluation DROP CONSTRAINT evaluation_once;
-- One evaluation a closing, party and ticket.
ALTER TABLE evaluation ADD CONSTRAINT evaluation_once UNIQUE (ticket, work, round, party);
