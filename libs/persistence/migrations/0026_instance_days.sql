-- Up Migration

-- Beside gpu_days and made from it by the packing: the hours of all devices of an instance together, so that a question over
-- the fleet reads one row per instance and not one per GPU. Bitmasks are not asked over the fleet and left out.
CREATE TABLE flotilla.instance_days (
  tenant_id uuid NOT NULL,
  instance_id bigint NOT NULL,
  day date NOT NULL,
  metric smallint NOT NULL,
  -- one element per hour of the day, NULL where there is no sample: the sum of the samples, how many, lowest, highest
  sums float8[] NOT NULL,
  counts integer[] NOT NULL,
  lows real[] NOT NULL,
  highs real[] NOT NULL,
  PRIMARY KEY (tenant_id, metric, day, instance_id)
) PARTITION BY RANGE (day);
ALTER TABLE flotilla.instance_days ALTER sums SET STORAGE PLAIN, ALTER counts SET STORAGE PLAIN, ALTER lows SET STORAGE PLAIN,
  ALTER highs SET STORAGE PLAIN;

-- Instances whose rows are not there yet or not right any more: whose device moved or was deleted. While a tenant has any, a
-- question over its fleet is answered from gpu_days.
CREATE TABLE flotilla.instance_days_to_make (
  tenant_id uuid NOT NULL,
  instance_id bigint NOT NULL,
  PRIMARY KEY (tenant_id, instance_id)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON flotilla.instance_days, flotilla.instance_days_to_make TO flotilla_ingest;

-- what is packed already; row-level security binds the owner too, the ingest may read whose a device is
SET LOCAL ROLE flotilla_ingest;
INSERT INTO flotilla.instance_days_to_make
SELECT DISTINCT d.tenant_id, d.instance_id FROM flotilla.devices d WHERE EXISTS (SELECT FROM flotilla.gpu_days);
RESET ROLE;

-- Whoever moves or deletes a device has no business in metric tables.
CREATE FUNCTION flotilla.make_instance_days_again() RETURNS trigger
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
  AS $$
BEGIN
  -- DO UPDATE and not DO NOTHING: it waits for a packing that is just taking the row away, and then sets it again
  INSERT INTO flotilla.instance_days_to_make VALUES (OLD.tenant_id, OLD.instance_id)
  ON CONFLICT (tenant_id, instance_id) DO UPDATE SET instance_id = excluded.instance_id;
  IF TG_OP = 'UPDATE' THEN
    INSERT INTO flotilla.instance_days_to_make VALUES (NEW.tenant_id, NEW.instance_id)
    ON CONFLICT (tenant_id, instance_id) DO UPDATE SET instance_id = excluded.instance_id;
  END IF;
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION flotilla.make_instance_days_again() FROM PUBLIC;
CREATE TRIGGER device_moved AFTER UPDATE OF instance_id ON flotilla.devices
  FOR EACH ROW WHEN (OLD.instance_id IS DISTINCT FROM NEW.instance_id) EXECUTE FUNCTION flotilla.make_instance_days_again();
CREATE TRIGGER device_deleted AFTER DELETE ON flotilla.devices
  FOR EACH ROW EXECUTE FUNCTION flotilla.make_instance_days_again();

CREATE VIEW flotilla.my_instance_days WITH (security_barrier) AS
  SELECT d.instance_id, d.day, d.metric, d.sums, d.counts, d.lows, d.highs
  FROM flotilla.instance_days d
  WHERE d.tenant_id = (SELECT flotilla.current_tenant())
    AND d.day >= (SELECT (now() - make_interval(months => r.packed_months))::date FROM flotilla.metric_retention r WHERE r.tenant_id = flotilla.current_tenant());
CREATE VIEW flotilla.my_instance_days_to_make WITH (security_barrier) AS
  SELECT m.instance_id FROM flotilla.instance_days_to_make m WHERE m.tenant_id = (SELECT flotilla.current_tenant());
GRANT SELECT ON flotilla.my_instance_days, flotilla.my_instance_days_to_make TO flotilla_app, flotilla_system;

-- as in 0022, and the months of instance_days
CREATE OR REPLACE FUNCTION flotilla.make_metric_partitions(from_day date, to_day date) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s'
  AS $$
DECLARE made integer := 0; d date; month date; packed text;
BEGIN
  -- two replicas may come at once
  PERFORM pg_advisory_xact_lock(hashtext('flotilla.make_metric_partitions'));
  -- relkind r: a TimescaleDB hypertable makes its own chunks
  IF (SELECT relkind FROM pg_class WHERE oid = 'flotilla.gpu_minutes'::regclass) = 'p' THEN
    FOR d IN SELECT generate_series(from_day, to_day, interval '1 day')::date LOOP
      -- a minute is 3 kB: the samples leave the row as soon as it is over 2 kB, the aggregates stay in it
      made := made + flotilla.make_metric_partition('gpu_minutes', 'gpu_minutes_' || to_char(d, 'YYYYMMDD'),
        d || ' 00:00:00+00', (d + 1) || ' 00:00:00+00', 'WITH (toast_tuple_target = 128)')::integer;
    END LOOP;
  END IF;
  FOR month IN SELECT generate_series(date_trunc('month', from_day::timestamp), to_day::timestamp, interval '1 month')::date LOOP
    FOREACH packed IN ARRAY ARRAY['gpu_days', 'instance_days'] LOOP
      made := made + flotilla.make_metric_partition(packed, packed || '_' || to_char(month, 'YYYYMM'),
        month::text, (month + interval '1 month')::date::text, 'WITH (fillfactor = 80)')::integer;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;

CREATE OR REPLACE FUNCTION flotilla.drop_metric_partitions(minutes_before date, days_before date) RETURNS text[]
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s'
  AS $$
DECLARE dropped text[] := '{}'; part record;
BEGIN
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('flotilla.gpu_minutes'::regclass, 'flotilla.gpu_days'::regclass, 'flotilla.instance_days'::regclass)
      AND CASE
        WHEN c.relname ~ '^gpu_minutes_\d{8}$' THEN to_date(right(c.relname, 8), 'YYYYMMDD') < minutes_before
        WHEN c.relname ~ '^(gpu|instance)_days_\d{6}$' THEN to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= days_before
        ELSE false END
    ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE flotilla.%I', part.relname);
    dropped := dropped || part.relname::text;
  END LOOP;
  RETURN dropped;
END $$;

-- a month for every month of gpu_days that there is, and those to come
SELECT flotilla.make_metric_partition('instance_days', replace(m.name, 'gpu_', 'instance_'), to_date(right(m.name, 6), 'YYYYMM')::text,
  (to_date(right(m.name, 6), 'YYYYMM') + interval '1 month')::date::text, 'WITH (fillfactor = 80)')
FROM (SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'flotilla.gpu_days'::regclass AND c.relname ~ '^gpu_days_\d{6}$') m;

-- Down Migration

DROP VIEW flotilla.my_instance_days_to_make, flotilla.my_instance_days;
DROP TRIGGER device_deleted ON flotilla.devices;
DROP TRIGGER device_moved ON flotilla.devices;
DROP FUNCTION flotilla.make_instance_days_again();

CREATE OR REPLACE FUNCTION flotilla.make_metric_partitions(from_day date, to_day date) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s'
  AS $$
DECLARE made integer := 0; d date; month date;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtext('flotilla.make_metric_partitions'));
  IF (SELECT relkind FROM pg_class WHERE oid = 'flotilla.gpu_minutes'::regclass) = 'p' THEN
    FOR d IN SELECT generate_series(from_day, to_day, interval '1 day')::date LOOP
      made := made + flotilla.make_metric_partition('gpu_minutes', 'gpu_minutes_' || to_char(d, 'YYYYMMDD'),
        d || ' 00:00:00+00', (d + 1) || ' 00:00:00+00', 'WITH (toast_tuple_target = 128)')::integer;
    END LOOP;
  END IF;
  FOR month IN SELECT generate_series(date_trunc('month', from_day::timestamp), to_day::timestamp, interval '1 month')::date LOOP
    made := made + flotilla.make_metric_partition('gpu_days', 'gpu_days_' || to_char(month, 'YYYYMM'),
      month::text, (month + interval '1 month')::date::text, 'WITH (fillfactor = 80)')::integer;
  END LOOP;
  RETURN made;
END $$;
CREATE OR REPLACE FUNCTION flotilla.drop_metric_partitions(minutes_before date, days_before date) RETURNS text[]
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s'
  AS $$
DECLARE dropped text[] := '{}'; part record;
BEGIN
  FOR part IN
    SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent IN ('flotilla.gpu_minutes'::regclass, 'flotilla.gpu_days'::regclass)
      AND CASE
        WHEN c.relname ~ '^gpu_minutes_\d{8}$' THEN to_date(right(c.relname, 8), 'YYYYMMDD') < minutes_before
        WHEN c.relname ~ '^gpu_days_\d{6}$' THEN to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month' <= days_before
        ELSE false END
    ORDER BY c.relname
  LOOP
    EXECUTE format('DROP TABLE flotilla.%I', part.relname);
    dropped := dropped || part.relname::text;
  END LOOP;
  RETURN dropped;
END $$;
DROP TABLE flotilla.instance_days, flotilla.instance_days_to_make;
