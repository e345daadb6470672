-- Up Migration

-- What a tenant pays where it is not what the lists say: models per million tokens, instances per hour.
CREATE TABLE flotilla.prices (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  kind text NOT NULL CHECK (kind IN ('model', 'instance')),
  provider text NOT NULL CHECK (length(provider) BETWEEN 1 AND 64),
  -- model: its name, or the beginning of it and *
  model_name text CHECK (length(model_name) BETWEEN 1 AND 256),
  -- NULL: whatever the tier, and however it ran
  service_tier text,
  batch boolean,
  input_cost numeric CHECK (input_cost >= 0),
  output_cost numeric CHECK (output_cost >= 0),
  cache_read_cost numeric CHECK (cache_read_cost >= 0),
  cache_write_5m_cost numeric CHECK (cache_write_5m_cost >= 0),
  cache_write_1h_cost numeric CHECK (cache_write_1h_cost >= 0),
  input_audio_cost numeric CHECK (input_audio_cost >= 0),
  output_audio_cost numeric CHECK (output_audio_cost >= 0),
  -- per 1,000 requests
  request_cost numeric CHECK (request_cost >= 0),
  instance_type text CHECK (length(instance_type) BETWEEN 1 AND 128),
  -- NULL: in every region
  region text,
  hourly_cost numeric CHECK (hourly_cost >= 0),
  currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- UTC days, both included; no end: until further notice
  valid_from date NOT NULL,
  valid_to date CHECK (valid_to >= valid_from),
  note text,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK (CASE kind
    WHEN 'model' THEN model_name IS NOT NULL AND num_nonnulls(input_cost, output_cost, request_cost) > 0 AND num_nonnulls(instance_type, region, hourly_cost) = 0
    ELSE instance_type IS NOT NULL AND hourly_cost IS NOT NULL
      AND num_nonnulls(model_name, service_tier, batch, input_cost, output_cost, cache_read_cost, cache_write_5m_cost, cache_write_1h_cost, input_audio_cost, output_audio_cost, request_cost) = 0
    END)
);
CREATE INDEX prices_of_instances ON flotilla.prices (tenant_id, provider, instance_type) WHERE kind = 'instance';
SELECT flotilla.protect_tenant_table('flotilla.prices');

ALTER TABLE flotilla.instance_facts DROP CONSTRAINT instance_facts_source_check,
  ADD CONSTRAINT instance_facts_source_check CHECK (source IN ('user', 'bill', 'own_price', 'cloud', 'agent', 'price_table'));

-- Down Migration

SET LOCAL ROLE flotilla_system;
DELETE FROM flotilla.instance_facts WHERE source = 'own_price';
RESET ROLE;
ALTER TABLE flotilla.instance_facts DROP CONSTRAINT instance_facts_source_check,
  ADD CONSTRAINT instance_facts_source_check CHECK (source IN ('user', 'bill', 'cloud', 'agent', 'price_table'));
DROP TABLE flotilla.prices;
