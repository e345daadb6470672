-- Up Migration

-- What things cost, from every source: bills, the providers' cost interfaces, agents, and what Flotilla metered itself.
-- One row is one charge, in the words of FOCUS 1.2. Amounts keep every digit that came.
CREATE TABLE flotilla.costs (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  -- bill: an imported bill; provider_api: a provider's cost interface; reported: POST /sync; metered: price × time in state
  origin text NOT NULL CHECK (origin IN ('bill', 'provider_api', 'reported', 'metered')),
  -- who brought it: focus, aws-cost-explorer, openai, sync, metering, ...
  source text NOT NULL CHECK (length(source) BETWEEN 1 AND 64),
  import_id bigint,
  agent_id uuid,
  -- sha256 of what makes the charge the same one again, and of everything that may change about it
  record_key bytea NOT NULL CHECK (octet_length(record_key) = 32),
  content_digest bytea NOT NULL CHECK (octet_length(content_digest) = 32),
  charge_start timestamptz NOT NULL,
  charge_end timestamptz NOT NULL,
  -- the UTC day that charge_start falls on
  charge_day date NOT NULL,
  billing_period_start timestamptz,
  billing_period_end timestamptz,
  -- aws, azure, gcp, openai, ...; the bill's own word is provider_name
  provider text NOT NULL CHECK (provider ~ '^[a-z0-9_]{1,40}$'),
  provider_name text,
  publisher_name text,
  invoice_issuer_name text,
  billing_account_id text,
  sub_account_id text,
  service text NOT NULL CHECK (length(service) BETWEEN 1 AND 256),
  service_category text,
  region text,
  resource_id text,
  resource_name text,
  resource_type text,
  instance_id bigint,
  instance_type text,
  charge_category text NOT NULL DEFAULT 'Usage' CHECK (charge_category IN ('Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment')),
  charge_class text,
  charge_frequency text,
  charge_description text,
  pricing_category text,
  sku_id text,
  sku_price_id text,
  pricing_quantity numeric,
  pricing_unit text,
  consumed_quantity numeric,
  consumed_unit text,
  commitment_discount_id text,
  commitment_discount_status text,
  -- what is invoiced; what it comes to with commitments spread; the list price; the negotiated price
  billed_cost numeric NOT NULL,
  effective_cost numeric NOT NULL,
  list_cost numeric,
  contracted_cost numeric,
  currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  tags jsonb NOT NULL DEFAULT '{}',
  -- the provider says that it will still change
  estimated boolean NOT NULL DEFAULT false,
  -- a better source has the same charge: this row is kept and not counted. Which one: the origin that replaced it
  superseded_by text CHECK (superseded_by IN ('bill', 'provider_api')),
  simulated boolean NOT NULL DEFAULT false,
  -- the rest of the columns of its FOCUS row, by their FOCUS names
  focus jsonb,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, record_key),
  CHECK (charge_end >= charge_start),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE SET NULL (instance_id)
);
CREATE INDEX costs_by_day ON flotilla.costs (tenant_id, charge_day, id) WHERE superseded_by IS NULL;
CREATE INDEX costs_by_instance ON flotilla.costs (tenant_id, instance_id, charge_day) WHERE instance_id IS NOT NULL;
CREATE INDEX costs_by_account ON flotilla.costs (tenant_id, provider, sub_account_id, charge_day, origin);
CREATE INDEX costs_by_import ON flotilla.costs (tenant_id, import_id) WHERE import_id IS NOT NULL;
SELECT flotilla.protect_tenant_table('flotilla.costs');

-- What one unit of `base` is worth in `quote`, from `day` on until the next row of the pair.
CREATE TABLE flotilla.currency_rates (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  base char(3) NOT NULL CHECK (base ~ '^[A-Z]{3}$'),
  quote char(3) NOT NULL CHECK (quote ~ '^[A-Z]{3}$' AND quote <> base),
  day date NOT NULL,
  rate numeric NOT NULL CHECK (rate > 0),
  set_by text NOT NULL,
  set_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, base, quote, day)
);
SELECT flotilla.protect_tenant_table('flotilla.currency_rates');

-- The rate of a day; NULL where nobody gave one: such an amount is listed apart and never added up.
CREATE FUNCTION flotilla.currency_rate(tenant uuid, base_currency char(3), quote_currency char(3), on_day date) RETURNS numeric
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$
    SELECT CASE WHEN base_currency = quote_currency THEN 1 ELSE
      (SELECT r.rate FROM flotilla.currency_rates r
        WHERE r.tenant_id = tenant AND r.base = base_currency AND r.quote = quote_currency AND r.day <= on_day
        ORDER BY r.day DESC LIMIT 1) END
  $$;

-- How long an instance was in which state at which price: what metering and savings are computed from. The open span has
-- no end. Written by triggers on flotilla.instances, so that no way of changing an instance can forget it.
CREATE TABLE flotilla.instance_spans (
  tenant_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  instance_id bigint NOT NULL,
  state text NOT NULL,
  -- NULL: the price was not known
  hourly_cost numeric(20, 10),
  currency char(3) NOT NULL,
  hourly_cost_source text,
  since timestamptz NOT NULL,
  until timestamptz CHECK (until >= since),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX instance_spans_open ON flotilla.instance_spans (tenant_id, instance_id) WHERE until IS NULL;
CREATE INDEX instance_spans_by_time ON flotilla.instance_spans (tenant_id, instance_id, since);
SELECT flotilla.protect_tenant_table('flotilla.instance_spans', 'SELECT, INSERT, UPDATE');

CREATE FUNCTION flotilla.span_instance() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
DECLARE
  -- a change of state may be known to have happened earlier than now; a price counts from the moment it is known
  at timestamptz := clock_timestamp();
  started timestamptz;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW.state IS DISTINCT FROM OLD.state THEN at := least(NEW.state_changed_at, clock_timestamp()); END IF;
    SELECT s.since INTO started FROM flotilla.instance_spans s
      WHERE s.tenant_id = NEW.tenant_id AND s.instance_id = NEW.id AND s.until IS NULL;
    at := greatest(at, started);
    UPDATE flotilla.instance_spans SET until = at
      WHERE tenant_id = NEW.tenant_id AND instance_id = NEW.id AND until IS NULL;
  END IF;
  INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, hourly_cost_source, since)
    VALUES (NEW.tenant_id, NEW.id, NEW.state, NEW.hourly_cost, NEW.currency, NEW.hourly_cost_source, at);
  RETURN NULL;
END $$;
CREATE TRIGGER instance_first_span AFTER INSERT ON flotilla.instances
  FOR EACH ROW EXECUTE FUNCTION flotilla.span_instance();
CREATE TRIGGER instance_next_span AFTER UPDATE OF state, hourly_cost, currency, hourly_cost_source ON flotilla.instances
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state OR OLD.hourly_cost IS DISTINCT FROM NEW.hourly_cost
    OR OLD.currency IS DISTINCT FROM NEW.currency OR OLD.hourly_cost_source IS DISTINCT FROM NEW.hourly_cost_source)
  EXECUTE FUNCTION flotilla.span_instance();

-- what stands already: known in this state since then, at the price of today
SET LOCAL ROLE flotilla_system;
INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, hourly_cost_source, since)
SELECT i.tenant_id, i.id, i.state, i.hourly_cost, i.currency, i.hourly_cost_source, greatest(i.state_changed_at, i.first_seen_at)
  FROM flotilla.instances i;
RESET ROLE;

-- Down Migration

DROP TRIGGER instance_next_span ON flotilla.instances;
DROP TRIGGER instance_first_span ON flotilla.instances;
DROP FUNCTION flotilla.span_instance();
DROP TABLE flotilla.instance_spans;
DROP FUNCTION flotilla.currency_rate(uuid, char, char, date);
DROP TABLE flotilla.currency_rates;
DROP TABLE flotilla.costs;
