-- How often the reporter has asked for a review of a refusal; `reviewed_at` is the last time.
ALTER TABLE ticket ADD COLUMN reviews integer NOT NULL DEFAULT 0;
ALTER TABLE ticket ADD COLUMN reviewed_at bigint;
