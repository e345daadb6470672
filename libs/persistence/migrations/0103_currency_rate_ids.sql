-- Up Migration

-- an address for each rate
ALTER TABLE flotilla.currency_rates ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY, ADD UNIQUE (tenant_id, id);

-- Down Migration

ALTER TABLE flotilla.currency_rates DROP COLUMN id;
