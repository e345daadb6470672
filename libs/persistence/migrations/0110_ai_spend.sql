-- Up Migration

-- What uses AI models, with a budget and an owner. Usage names it by `external_id` (or by its id), so that a workload that
-- is written down later has its spend of before too.
CREATE TABLE flotilla.ai_workloads (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  -- what usage calls it: service.name of OpenTelemetry, workload_id of POST /sync. Never digits alone: those are ids
  external_id text NOT NULL CHECK (length(external_id) BETWEEN 1 AND 256 AND external_id !~ '^[0-9]+$'),
  description text,
  owner text,
  project_id text,
  team_id text,
  cost_center text,
  business_unit text,
  -- per calendar month of the tenant
  monthly_budget numeric CHECK (monthly_budget > 0),
  currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, external_id)
);
SELECT flotilla.protect_tenant_table('flotilla.ai_workloads');

-- What usage is told apart by, each combination once: records and hours hold its number. Prices belong to it, so that what
-- is priced and what is not are never in one sum.
CREATE TABLE flotilla.ai_dimensions (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  -- of all the columns below
  digest uuid NOT NULL,
  source text NOT NULL CHECK (source IN ('otlp', 'sync')),
  provider text NOT NULL,
  model text NOT NULL,
  spend_type text NOT NULL,
  workload_ref text,
  project_id text,
  team_id text,
  cost_center text,
  business_unit text,
  run_id text,
  -- the own machine that served the tokens
  instance_id bigint,
  service_tier text,
  batch boolean,
  context_window text,
  -- of usage_quantity: what is not counted in tokens
  usage_unit text,
  -- of the cost
  currency char(3) NOT NULL,
  -- estimate: tokens × price list; provider, reported: as told; NULL: unpriced
  cost_origin text CHECK (cost_origin IN ('estimate', 'provider', 'reported')),
  -- the price list and its version; NULL: unpriced
  price_source text,
  unpriced_reason text,
  simulated boolean NOT NULL DEFAULT false,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  CHECK ((cost_origin IS NULL) = (unpriced_reason IS NOT NULL)),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, digest),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE SET NULL (instance_id)
);
SELECT flotilla.protect_tenant_table('flotilla.ai_dimensions');

-- Usage as it was told: one row per request, or per bucket of a provider's report. Kept for some weeks, to know a record
-- again and to look into; what counts for good is ai_usage_hours.
CREATE TABLE flotilla.ai_usage (
  tenant_id uuid NOT NULL,
  -- of `at`, UTC
  day date NOT NULL,
  -- first half of sha256 over what makes it the same record again, and over everything that may change about it
  record_key uuid NOT NULL,
  content uuid NOT NULL,
  at timestamptz NOT NULL,
  until timestamptz NOT NULL,
  dimension_id bigint NOT NULL,
  requests bigint,
  errors bigint NOT NULL DEFAULT 0,
  uncached_input bigint NOT NULL,
  cache_read bigint NOT NULL,
  cache_write_5m bigint NOT NULL,
  cache_write_1h bigint NOT NULL,
  output bigint NOT NULL,
  reasoning bigint,
  input_audio bigint NOT NULL,
  cache_read_audio bigint NOT NULL,
  output_audio bigint NOT NULL,
  usage_quantity numeric,
  -- NULL: unpriced
  cost numeric,
  -- parts of the cost; NULL where it was told whole
  cost_input numeric,
  cost_cached numeric,
  cost_output numeric,
  trace_id text,
  -- how often it was corrected
  revision integer NOT NULL DEFAULT 0,
  received_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, day, record_key)
) PARTITION BY RANGE (day);
CREATE INDEX ai_usage_by_time ON flotilla.ai_usage (tenant_id, at DESC, record_key);
SELECT flotilla.protect_tenant_table('flotilla.ai_usage', 'SELECT, INSERT, UPDATE');

-- Sums by hour and combination: answers every question, however long ago. Written by triggers on ai_usage alone.
CREATE TABLE flotilla.ai_usage_hours (
  tenant_id uuid NOT NULL,
  hour timestamptz NOT NULL,
  dimension_id bigint NOT NULL,
  records bigint NOT NULL,
  requests numeric NOT NULL,
  errors bigint NOT NULL,
  uncached_input numeric NOT NULL,
  cache_read numeric NOT NULL,
  cache_write_5m numeric NOT NULL,
  cache_write_1h numeric NOT NULL,
  output numeric NOT NULL,
  reasoning numeric NOT NULL,
  input_audio numeric NOT NULL,
  cache_read_audio numeric NOT NULL,
  output_audio numeric NOT NULL,
  usage_quantity numeric NOT NULL,
  cost numeric NOT NULL,
  cost_input numeric NOT NULL,
  cost_cached numeric NOT NULL,
  cost_output numeric NOT NULL,
  PRIMARY KEY (tenant_id, hour, dimension_id),
  FOREIGN KEY (tenant_id, dimension_id) REFERENCES flotilla.ai_dimensions (tenant_id, id)
) WITH (fillfactor = 70);
SELECT flotilla.protect_tenant_table('flotilla.ai_usage_hours');

-- Days whose records are gone: a record of such a day can no longer be known again, so it is refused and not counted twice.
CREATE TABLE flotilla.ai_usage_closed_days (
  tenant_id uuid NOT NULL,
  day date NOT NULL,
  PRIMARY KEY (tenant_id, day)
);
SELECT flotilla.protect_tenant_table('flotilla.ai_usage_closed_days', 'SELECT');

-- The transition tables hold what this very statement changed, so two that correct one record at once cannot both count.
CREATE FUNCTION flotilla.roll_ai_usage() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    INSERT INTO flotilla.ai_usage_hours AS h
    SELECT n.tenant_id, date_trunc('hour', n.at, 'UTC'), n.dimension_id, count(*), coalesce(sum(n.requests), 0), sum(n.errors),
           sum(n.uncached_input), sum(n.cache_read), sum(n.cache_write_5m), sum(n.cache_write_1h), sum(n.output),
           coalesce(sum(n.reasoning), 0), sum(n.input_audio), sum(n.cache_read_audio), sum(n.output_audio),
           coalesce(sum(n.usage_quantity), 0), coalesce(sum(n.cost), 0), coalesce(sum(n.cost_input), 0),
           coalesce(sum(n.cost_cached), 0), coalesce(sum(n.cost_output), 0)
      FROM new_rows n GROUP BY 1, 2, 3 ORDER BY 2, 3
    ON CONFLICT (tenant_id, hour, dimension_id) DO UPDATE SET
      records = h.records + excluded.records, requests = h.requests + excluded.requests, errors = h.errors + excluded.errors,
      uncached_input = h.uncached_input + excluded.uncached_input, cache_read = h.cache_read + excluded.cache_read,
      cache_write_5m = h.cache_write_5m + excluded.cache_write_5m, cache_write_1h = h.cache_write_1h + excluded.cache_write_1h,
      output = h.output + excluded.output, reasoning = h.reasoning + excluded.reasoning,
      input_audio = h.input_audio + excluded.input_audio, cache_read_audio = h.cache_read_audio + excluded.cache_read_audio,
      output_audio = h.output_audio + excluded.output_audio, usage_quantity = h.usage_quantity + excluded.usage_quantity,
      cost = h.cost + excluded.cost, cost_input = h.cost_input + excluded.cost_input,
      cost_cached = h.cost_cached + excluded.cost_cached, cost_output = h.cost_output + excluded.cost_output;
    RETURN NULL;
  END IF;
  INSERT INTO flotilla.ai_usage_hours AS h
  SELECT c.tenant_id, date_trunc('hour', c.at, 'UTC'), c.dimension_id, sum(c.sign), coalesce(sum(c.sign * c.requests), 0),
         sum(c.sign * c.errors), sum(c.sign * c.uncached_input), sum(c.sign * c.cache_read), sum(c.sign * c.cache_write_5m),
         sum(c.sign * c.cache_write_1h), sum(c.sign * c.output), coalesce(sum(c.sign * c.reasoning), 0),
         sum(c.sign * c.input_audio), sum(c.sign * c.cache_read_audio), sum(c.sign * c.output_audio),
         coalesce(sum(c.sign * c.usage_quantity), 0), coalesce(sum(c.sign * c.cost), 0),
         coalesce(sum(c.sign * c.cost_input), 0), coalesce(sum(c.sign * c.cost_cached), 0), coalesce(sum(c.sign * c.cost_output), 0)
    FROM (SELECT 1 AS sign, n.* FROM new_rows n UNION ALL SELECT -1, o.* FROM old_rows o) c
   GROUP BY 1, 2, 3 ORDER BY 2, 3
  ON CONFLICT (tenant_id, hour, dimension_id) DO UPDATE SET
    records = h.records + excluded.records, requests = h.requests + excluded.requests, errors = h.errors + excluded.errors,
    uncached_input = h.uncached_input + excluded.uncached_input, cache_read = h.cache_read + excluded.cache_read,
    cache_write_5m = h.cache_write_5m + excluded.cache_write_5m, cache_write_1h = h.cache_write_1h + excluded.cache_write_1h,
    output = h.output + excluded.output, reasoning = h.reasoning + excluded.reasoning,
    input_audio = h.input_audio + excluded.input_audio, cache_read_audio = h.cache_read_audio + excluded.cache_read_audio,
    output_audio = h.output_audio + excluded.output_audio, usage_quantity = h.usage_quantity + excluded.usage_quantity,
    cost = h.cost + excluded.cost, cost_input = h.cost_input + excluded.cost_input,
    cost_cached = h.cost_cached + excluded.cost_cached, cost_output = h.cost_output + excluded.cost_output;
  -- an hour that a correction emptied is no hour with usage
  DELETE FROM flotilla.ai_usage_hours h USING (SELECT DISTINCT o.tenant_id, date_trunc('hour', o.at, 'UTC') AS hour, o.dimension_id FROM old_rows o) e
    WHERE h.tenant_id = e.tenant_id AND h.hour = e.hour AND h.dimension_id = e.dimension_id AND h.records = 0;
  RETURN NULL;
END $$;
CREATE TRIGGER ai_usage_added AFTER INSERT ON flotilla.ai_usage
  REFERENCING NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION flotilla.roll_ai_usage();
CREATE TRIGGER ai_usage_corrected AFTER UPDATE ON flotilla.ai_usage
  REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows FOR EACH STATEMENT EXECUTE FUNCTION flotilla.roll_ai_usage();

-- Makes the partitions of these days. Providers tell usage of a year back, so days come into being when they are told.
CREATE FUNCTION flotilla.make_ai_usage_days(days date[]) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s'
  AS $$
DECLARE made integer := 0; d date; name text;
BEGIN
  FOR d IN SELECT DISTINCT x FROM unnest(days) x ORDER BY 1 LOOP
    name := 'ai_usage_' || to_char(d, 'YYYYMMDD');
    IF to_regclass('flotilla.' || name) IS NOT NULL THEN CONTINUE; END IF;
    IF d < current_date - 500 OR d > current_date + 8 THEN
      RAISE EXCEPTION USING ERRCODE = 'invalid_parameter_value', MESSAGE = format('no usage is kept for the day %s', d);
    END IF;
    PERFORM pg_advisory_xact_lock(hashtext('flotilla.make_ai_usage_days'));
    IF to_regclass('flotilla.' || name) IS NOT NULL THEN CONTINUE; END IF;
    EXECUTE format('CREATE TABLE flotilla.%I (LIKE flotilla.ai_usage INCLUDING DEFAULTS INCLUDING STORAGE)', name);
    EXECUTE format('ALTER TABLE flotilla.ai_usage ATTACH PARTITION flotilla.%I FOR VALUES FROM (%L) TO (%L)', name, d, d + 1);
    made := made + 1;
  END LOOP;
  RETURN made;
END $$;

-- Drops the records of a day; its hours stay.
CREATE FUNCTION flotilla.drop_ai_usage_day(gone date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '5s'
  AS $$
BEGIN
  EXECUTE format('DROP TABLE IF EXISTS flotilla.%I', 'ai_usage_' || to_char(gone, 'YYYYMMDD'));
END $$;

-- The days that have a partition.
CREATE FUNCTION flotilla.ai_usage_days() RETURNS SETOF date
  LANGUAGE sql STABLE SET search_path = pg_catalog
  AS $$
    SELECT to_date(right(c.relname, 8), 'YYYYMMDD') FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'flotilla.ai_usage'::regclass AND c.relname ~ '^ai_usage_\d{8}$'
  $$;

REVOKE ALL ON FUNCTION flotilla.make_ai_usage_days(date[]), flotilla.drop_ai_usage_day(date), flotilla.ai_usage_days() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flotilla.make_ai_usage_days(date[]) TO flotilla_app, flotilla_system;
GRANT EXECUTE ON FUNCTION flotilla.drop_ai_usage_day(date), flotilla.ai_usage_days() TO flotilla_system;

-- Down Migration

DROP FUNCTION flotilla.ai_usage_days();
DROP FUNCTION flotilla.drop_ai_usage_day(date);
DROP FUNCTION flotilla.make_ai_usage_days(date[]);
DROP TABLE flotilla.ai_usage_closed_days;
DROP TABLE flotilla.ai_usage;
DROP FUNCTION flotilla.roll_ai_usage();
DROP TABLE flotilla.ai_usage_hours;
DROP TABLE flotilla.ai_dimensions;
DROP TABLE flotilla.ai_workloads;
