-- The case that this one was merged into: its closing opens the evaluation for both.
ALTER TABLE evaluable ADD COLUMN merged_into uuid;
