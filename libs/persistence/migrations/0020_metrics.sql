-- Up Migration

-- Metric tables carry the tenant but neither row-level security (TimescaleDB refuses compression on such tables) nor
-- grants to the application: they are written by flotilla_ingest alone and read through the views of 0021.

-- One row is one device for one minute. `metrics` names the rows of `stats` and `slots` (numbers of the catalogue in
-- libs/domain), so that a new metric needs no DDL. Columns stand in the order of their alignment.
CREATE FUNCTION flotilla.gpu_minutes_columns() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT $columns$
  minute timestamptz NOT NULL,
  tenant_id uuid NOT NULL,
  device_id integer NOT NULL,
  -- seconds between two samples as configured; 0: unknown
  interval_s real NOT NULL,
  -- seconds that have a value of at least one metric
  sample_count smallint NOT NULL,
  metrics smallint[] NOT NULL,
  -- metric × (min, avg, max, count); bitmasks: (bits set throughout, bits set at any time, the same, count)
  stats real[] NOT NULL,
  -- metric × second 1 to 60, NULL where there is no sample
  slots real[] NOT NULL
$columns$ $$;

DO $$
DECLARE has_timescale boolean := false; extension_schema text;
BEGIN
  -- The library must be preloaded: its loader brings this setting, and CREATE EXTENSION without it ends the session. The
  -- licence is known only once the extension is there, unless the server's configuration names it.
  IF EXISTS (SELECT FROM pg_settings WHERE name = 'timescaledb.disable_load')
    AND EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb')
    AND coalesce(current_setting('timescaledb.license', true), 'timescale') = 'timescale' THEN
    BEGIN
      CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public;
      -- presence is not enough: under its Apache licence TimescaleDB refuses compression and retention
      has_timescale := current_setting('timescaledb.license') = 'timescale';
    EXCEPTION WHEN insufficient_privilege OR feature_not_supported OR duplicate_object THEN
      RAISE NOTICE 'TimescaleDB is loaded but may not be created in this database: plain partitions are used';
    END;
  END IF;
  EXECUTE format('CREATE TABLE flotilla.gpu_minutes (%s, PRIMARY KEY (tenant_id, device_id, minute)) %s',
    flotilla.gpu_minutes_columns(), CASE WHEN has_timescale THEN '' ELSE 'PARTITION BY RANGE (minute)' END);
  -- partitions and chunks take it over from here; STORAGE within CREATE TABLE is for PostgreSQL 16 and newer
  ALTER TABLE flotilla.gpu_minutes ALTER metrics SET STORAGE PLAIN, ALTER stats SET STORAGE PLAIN;
  -- the fleet's newest minutes, whatever their device: rows lie in the order of time
  CREATE INDEX gpu_minutes_by_time ON flotilla.gpu_minutes USING brin (minute) WITH (pages_per_range = 16);
  IF has_timescale THEN
    ALTER TABLE flotilla.gpu_minutes SET (toast_tuple_target = 128);
    SELECT e.extnamespace::regnamespace::text INTO extension_schema FROM pg_extension e WHERE e.extname = 'timescaledb';
    EXECUTE format($sql$SELECT %s.create_hypertable('flotilla.gpu_minutes', 'minute', chunk_time_interval => interval '1 day', create_default_indexes => false)$sql$, extension_schema);
    EXECUTE $sql$ALTER TABLE flotilla.gpu_minutes SET (timescaledb.compress, timescaledb.compress_segmentby = 'tenant_id, device_id', timescaledb.compress_orderby = 'minute')$sql$;
    EXECUTE format($sql$SELECT %s.add_compression_policy('flotilla.gpu_minutes', interval '2 days')$sql$, extension_schema);
    EXECUTE format($sql$SELECT %s.add_retention_policy('flotilla.gpu_minutes', interval '31 days')$sql$, extension_schema);
  END IF;
END $$;
DROP FUNCTION flotilla.gpu_minutes_columns();

-- Closed days, packed: one row is one metric of one device for one day, so that a chart reads nothing of the others.
-- `hours` also holds the hours of today so far (flotilla.metric_packing says through when).
CREATE TABLE flotilla.gpu_days (
  tenant_id uuid NOT NULL,
  device_id integer NOT NULL,
  day date NOT NULL,
  metric smallint NOT NULL,
  -- 24 hours × (min, avg, max, count), one after the other; NULL where there is no sample
  hours real[] NOT NULL,
  -- (min, avg, max, count) × 1,440 minutes, NULL where there is no sample; NULL until the day is closed
  minutes real[],
  PRIMARY KEY (tenant_id, metric, day, device_id)
) PARTITION BY RANGE (day);
ALTER TABLE flotilla.gpu_days ALTER hours SET STORAGE PLAIN;

-- Device-days that got samples after their time was packed.
CREATE TABLE flotilla.gpu_days_to_pack (
  tenant_id uuid NOT NULL,
  device_id integer NOT NULL,
  day date NOT NULL,
  PRIMARY KEY (tenant_id, device_id, day)
);

-- How far the packing is; one row.
CREATE TABLE flotilla.metric_packing (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  -- minutes before this are in the hours of gpu_days
  hours_through timestamptz NOT NULL DEFAULT '-infinity',
  -- a minute before this that is stored now comes too late for the packing under way: its day goes to gpu_days_to_pack
  late_before timestamptz NOT NULL DEFAULT '-infinity',
  -- days before this have their minutes packed
  days_through date NOT NULL DEFAULT '-infinity'
);
INSERT INTO flotilla.metric_packing DEFAULT VALUES;

-- The newest values of a device: lossy, at most every 5 s.
CREATE TABLE flotilla.gpu_live (
  at timestamptz NOT NULL,
  tenant_id uuid NOT NULL,
  device_id integer NOT NULL,
  metrics smallint[] NOT NULL,
  -- one per metric, NULL: no value
  readings real[] NOT NULL,
  PRIMARY KEY (tenant_id, device_id)
) WITH (fillfactor = 50);

-- The recent past of a device as a staircase (libs/domain, idle/staircase.ts): from starts[i] to last_minute no minute was
-- above levels[i]. Levels ascend. Times are whole minutes since 1970.
CREATE TABLE flotilla.gpu_activity (
  tenant_id uuid NOT NULL,
  device_id integer NOT NULL,
  last_minute integer NOT NULL,
  last_interval_s real NOT NULL,
  -- of the newest minute, for evidence; NULL: not reported
  gpu_utilization real,
  memory_utilization real,
  memory_used_mib real,
  power_draw real,
  levels real[] NOT NULL,
  starts integer[] NOT NULL,
  PRIMARY KEY (tenant_id, device_id)
) WITH (fillfactor = 50);
ALTER TABLE flotilla.gpu_activity ALTER levels SET STORAGE PLAIN, ALTER starts SET STORAGE PLAIN;

-- A tenant's own, shorter retention, where the views of the owner can read it (row-level security binds the owner too).
CREATE TABLE flotilla.metric_retention (
  tenant_id uuid PRIMARY KEY,
  raw_days integer NOT NULL,
  packed_months integer NOT NULL
);
CREATE FUNCTION flotilla.keep_metric_retention() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
  AS $$
BEGIN
  INSERT INTO flotilla.metric_retention AS r VALUES (NEW.tenant_id, NEW.raw_retention_days, NEW.packed_retention_months)
  ON CONFLICT (tenant_id) DO UPDATE SET raw_days = excluded.raw_days, packed_months = excluded.packed_months;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION flotilla.keep_metric_retention() FROM PUBLIC;
CREATE TRIGGER keep_metric_retention AFTER INSERT OR UPDATE OF raw_retention_days, packed_retention_months ON flotilla.tenants
  FOR EACH ROW EXECUTE FUNCTION flotilla.keep_metric_retention();
INSERT INTO flotilla.metric_retention SELECT tenant_id, raw_retention_days, packed_retention_months FROM flotilla.tenants;

-- The catalogue of libs/domain for people who read SQL; refreshed at start.
CREATE TABLE flotilla.metric_names (
  metric smallint PRIMARY KEY,
  name text NOT NULL UNIQUE,
  unit text NOT NULL
);

GRANT SELECT, INSERT, UPDATE, DELETE ON flotilla.gpu_minutes, flotilla.gpu_days, flotilla.gpu_days_to_pack, flotilla.gpu_live,
  flotilla.gpu_activity TO flotilla_ingest;
GRANT SELECT, UPDATE ON flotilla.metric_packing TO flotilla_ingest;
GRANT SELECT ON flotilla.metric_retention TO flotilla_ingest;
GRANT SELECT, INSERT, UPDATE ON flotilla.metric_names TO flotilla_ingest;
GRANT SELECT ON flotilla.metric_names, flotilla.metric_packing TO flotilla_app, flotilla_system;

-- Down Migration

DROP TRIGGER keep_metric_retention ON flotilla.tenants;
DROP FUNCTION flotilla.keep_metric_retention();
DROP TABLE flotilla.gpu_minutes, flotilla.gpu_days, flotilla.gpu_days_to_pack, flotilla.metric_packing, flotilla.gpu_live,
  flotilla.gpu_activity, flotilla.metric_retention, flotilla.metric_names;
