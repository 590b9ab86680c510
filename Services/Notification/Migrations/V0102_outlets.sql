-- What a delivery leaves by. When one is shut, all that would leave by it waits: a channel's gateway, or one receiver of webhooks.
-- Residents' messages stand apart, because they also need to be told a number by intake.
ALTER TABLE delivery ADD COLUMN outlet text NOT NULL GENERATED ALWAYS AS (
    CASE WHEN channel = 'webhook' THEN recipient WHEN audience = 'resident' THEN channel || '/resident' ELSE channel END) STORED;
CREATE INDEX delivery_outlet ON delivery (outlet, due_at) WHERE state = 'queued';

-- Whether one address is told the same thing twice is decided when it is planned: what differs in its words is no repetition.
-- So no trace of an address, not even a hash, is needed any more.
ALTER TABLE delivery DROP COLUMN address_hash;
