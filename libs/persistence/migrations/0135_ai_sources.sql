-- Up Migration

-- A provider's own usage report, read by an agent's collector, is another witness than what applications say of themselves.
ALTER TABLE flotilla.ai_dimensions DROP CONSTRAINT ai_dimensions_source_check,
  ADD CONSTRAINT ai_dimensions_source_check CHECK (source IN ('provider_api', 'otlp', 'sync'));

-- How long single records of usage are kept after they came. Their sums by the hour stay.
ALTER TABLE flotilla.tenants ADD ai_usage_retention_days integer NOT NULL DEFAULT 30
  CHECK (ai_usage_retention_days BETWEEN 2 AND 400);

-- Prices of what is not counted in tokens: per unit, as usage spells it (calls, images, seconds, hours, …).
ALTER TABLE flotilla.prices ADD usage_unit text CHECK (length(usage_unit) BETWEEN 1 AND 64),
  ADD unit_cost numeric CHECK (unit_cost >= 0),
  ADD CONSTRAINT prices_unit CHECK (num_nonnulls(usage_unit, unit_cost) IN (0, 2)
    AND (usage_unit IS NULL OR (kind = 'model' AND num_nonnulls(service_tier, batch, input_cost, output_cost, cache_read_cost,
      cache_write_5m_cost, cache_write_1h_cost, input_audio_cost, output_audio_cost, request_cost) = 0)));
ALTER TABLE flotilla.prices DROP CONSTRAINT prices_check1,
  ADD CONSTRAINT prices_kind CHECK (CASE kind
    WHEN 'model' THEN model_name IS NOT NULL AND num_nonnulls(input_cost, output_cost, request_cost, unit_cost) > 0
      AND num_nonnulls(instance_type, region, hourly_cost) = 0
    ELSE instance_type IS NOT NULL AND hourly_cost IS NOT NULL
      AND num_nonnulls(model_name, service_tier, batch, input_cost, output_cost, cache_read_cost, cache_write_5m_cost, cache_write_1h_cost, input_audio_cost, output_audio_cost, request_cost, usage_unit, unit_cost) = 0
    END);

-- Usage that had no price when it came and has one now. `prices_mark`: of which prices a tenant's unpriced usage was looked at.
CREATE TABLE flotilla.ai_repricings (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT now(),
  prices_mark text NOT NULL,
  records bigint NOT NULL,
  -- [{currency, price_source, records, cost}]
  amounts jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id)
);
SELECT flotilla.protect_tenant_table('flotilla.ai_repricings', 'SELECT, INSERT');
CREATE INDEX ai_dimensions_unpriced ON flotilla.ai_dimensions (tenant_id, id) WHERE cost_origin IS NULL;

-- Drops a tenant's records of a day, and answers how many they were. Nothing but the sums by the hour is left of them.
CREATE FUNCTION flotilla.drop_ai_usage_of(tenant uuid, gone date) RETURNS bigint
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '5s'
  AS $$
DECLARE name text := 'ai_usage_' || to_char(gone, 'YYYYMMDD'); dropped bigint;
BEGIN
  IF to_regclass('flotilla.' || name) IS NULL THEN RETURN 0; END IF;
  EXECUTE format('DELETE FROM flotilla.%I WHERE tenant_id = $1', name) USING tenant;
  GET DIAGNOSTICS dropped = ROW_COUNT;
  RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION flotilla.drop_ai_usage_of(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flotilla.drop_ai_usage_of(uuid, date) TO flotilla_system;

-- Down Migration

DROP FUNCTION flotilla.drop_ai_usage_of(uuid, date);
DROP INDEX flotilla.ai_dimensions_unpriced;
DROP TABLE flotilla.ai_repricings;
SET LOCAL ROLE flotilla_system;
DELETE FROM flotilla.prices WHERE usage_unit IS NOT NULL;
UPDATE flotilla.ai_dimensions SET source = 'sync' WHERE source = 'provider_api';
RESET ROLE;
ALTER TABLE flotilla.prices DROP CONSTRAINT prices_kind, DROP CONSTRAINT prices_unit, DROP unit_cost, DROP usage_unit,
  ADD CONSTRAINT prices_check1 CHECK (CASE kind
    WHEN 'model' THEN model_name IS NOT NULL AND num_nonnulls(input_cost, output_cost, request_cost) > 0 AND num_nonnulls(instance_type, region, hourly_cost) = 0
    ELSE instance_type IS NOT NULL AND hourly_cost IS NOT NULL
      AND num_nonnulls(model_name, service_tier, batch, input_cost, output_cost, cache_read_cost, cache_write_5m_cost, cache_write_1h_cost, input_audio_cost, output_audio_cost, request_cost) = 0
    END);
ALTER TABLE flotilla.tenants DROP ai_usage_retention_days;
ALTER TABLE flotilla.ai_dimensions DROP CONSTRAINT ai_dimensions_source_check,
  ADD CONSTRAINT ai_dimensions_source_check CHECK (source IN ('otlp', 'sync'));
