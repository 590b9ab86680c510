-- SHA-256 of the form that asked for the last review: the same form again is no second request, another one is refused and shown again.
ALTER TABLE ticket ADD COLUMN review_hash bytea;
