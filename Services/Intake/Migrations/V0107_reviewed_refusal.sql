-- Which refusal the last review was asked of: the moment that routing gives it. The clocks of two services are never compared.
ALTER TABLE ticket ADD COLUMN reviewed_refusal bigint;
UPDATE ticket t SET reviewed_refusal = (SELECT max(s.time) FROM progress_step s WHERE s.ticket = t.id AND s.type = 'case.declined.v1')
    WHERE t.reviewed_at IS NOT NULL;
