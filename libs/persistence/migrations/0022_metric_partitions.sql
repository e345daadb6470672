-- Up Migration

-- Partitions are made ahead and dropped by a job of the ingest role, which owns nothing: these functions are its hands.
-- A new partition is built apart and attached, so that it never waits behind, or blocks, a running ingest.

CREATE FUNCTION flotilla.make_metric_partition(parent text, name text, from_value text, to_value text, options text) RETURNS boolean
  LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  IF to_regclass('flotilla.' || quote_ident(name)) IS NOT NULL THEN RETURN false; END IF;
  EXECUTE format('CREATE TABLE flotilla.%I (LIKE flotilla.%I INCLUDING DEFAULTS INCLUDING STORAGE) %s', name, parent, options);
  EXECUTE format('ALTER TABLE flotilla.%I ATTACH PARTITION flotilla.%I FOR VALUES FROM (%L) TO (%L)', parent, name, from_value, to_value);
  RETURN true;
END $$;
REVOKE ALL ON FUNCTION flotilla.make_metric_partition(text, text, text, text, text) FROM PUBLIC;

-- Makes the partitions that data of `from_day` to `to_day` (inclusive) needs. @returns how many are new
CREATE FUNCTION flotilla.make_metric_partitions(from_day date, to_day date) RETURNS integer
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s'
  AS $$
DECLARE made integer := 0; d date; month date;
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
    made := made + flotilla.make_metric_partition('gpu_days', 'gpu_days_' || to_char(month, 'YYYYMM'),
      month::text, (month + interval '1 month')::date::text, 'WITH (fillfactor = 80)')::integer;
  END LOOP;
  RETURN made;
END $$;

-- Drops what lies wholly before the two days. @returns the names of what was dropped
CREATE FUNCTION flotilla.drop_metric_partitions(minutes_before date, days_before date) RETURNS text[]
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

REVOKE ALL ON FUNCTION flotilla.make_metric_partitions(date, date), flotilla.drop_metric_partitions(date, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flotilla.make_metric_partitions(date, date), flotilla.drop_metric_partitions(date, date) TO flotilla_ingest;

-- Back-dated minutes are accepted for the whole raw retention, so their days exist from the first start on.
SELECT flotilla.make_metric_partitions((now() AT TIME ZONE 'UTC')::date - 31, (now() AT TIME ZONE 'UTC')::date + 3);

-- Down Migration

DROP FUNCTION flotilla.drop_metric_partitions(date, date);
DROP FUNCTION flotilla.make_metric_partitions(date, date);
DROP FUNCTION flotilla.make_metric_partition(text, text, text, text, text);
