-- Up Migration

-- From when on what this span costs has to be computed anew; NULL: it is computed. Kept by a trigger, so that a span that
-- is told late, closed in the past or corrected by hand is metered again, whoever changed it.
ALTER TABLE flotilla.instance_spans ADD COLUMN remeter_from timestamptz;
CREATE INDEX instance_spans_to_meter ON flotilla.instance_spans (tenant_id, instance_id) WHERE remeter_from IS NOT NULL;
CREATE INDEX instance_spans_by_end ON flotilla.instance_spans (tenant_id, until);

CREATE FUNCTION flotilla.mark_span_to_meter() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.remeter_from := NEW.since;
  ELSIF (NEW.state, NEW.hourly_cost, NEW.currency, NEW.since) IS DISTINCT FROM (OLD.state, OLD.hourly_cost, OLD.currency, OLD.since) THEN
    NEW.remeter_from := least(OLD.remeter_from, OLD.since, NEW.since);
  ELSIF NEW.until IS DISTINCT FROM OLD.until THEN
    -- what was charged up to the end that came first stands
    NEW.remeter_from := least(OLD.remeter_from, OLD.until, NEW.until);
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER instance_span_to_meter BEFORE INSERT OR UPDATE ON flotilla.instance_spans
  FOR EACH ROW EXECUTE FUNCTION flotilla.mark_span_to_meter();

SET LOCAL ROLE flotilla_system;
UPDATE flotilla.instance_spans SET remeter_from = since;
RESET ROLE;

-- Up to when a tenant's instances are metered.
CREATE TABLE flotilla.metering_progress (
  tenant_id uuid PRIMARY KEY REFERENCES flotilla.tenants,
  metered_to timestamptz NOT NULL
);
SELECT flotilla.protect_tenant_table('flotilla.metering_progress');

-- what metered and reported the same is found by day, superseded rows too
CREATE INDEX costs_below_bill ON flotilla.costs (tenant_id, charge_day) WHERE origin <> 'bill';

-- what an agent reported of an instance stands above what was metered of it
ALTER TABLE flotilla.costs DROP CONSTRAINT costs_superseded_by_check,
  ADD CONSTRAINT costs_superseded_by_check CHECK (superseded_by IN ('bill', 'provider_api', 'reported'));

-- Down Migration

UPDATE flotilla.costs SET superseded_by = NULL WHERE superseded_by = 'reported';
ALTER TABLE flotilla.costs DROP CONSTRAINT costs_superseded_by_check,
  ADD CONSTRAINT costs_superseded_by_check CHECK (superseded_by IN ('bill', 'provider_api'));
DROP INDEX flotilla.costs_below_bill;
DROP TABLE flotilla.metering_progress;
DROP TRIGGER instance_span_to_meter ON flotilla.instance_spans;
DROP FUNCTION flotilla.mark_span_to_meter();
DROP INDEX flotilla.instance_spans_by_end;
DROP INDEX flotilla.instance_spans_to_meter;
ALTER TABLE flotilla.instance_spans DROP COLUMN remeter_from;
