-- Up Migration

-- Images differ in price by their size, which usage tells in its kind.
ALTER TABLE flotilla.prices ADD spend_type text CHECK (length(spend_type) BETWEEN 1 AND 64),
  ADD CONSTRAINT prices_spend_type CHECK (spend_type IS NULL OR usage_unit IS NOT NULL);

-- Keeps writers away from a day's records until the end of the transaction, so that none of them is dropped uncounted.
CREATE FUNCTION flotilla.lock_ai_usage_day(gone date) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET lock_timeout = '5s'
  AS $$
DECLARE name text := 'ai_usage_' || to_char(gone, 'YYYYMMDD');
BEGIN
  IF to_regclass('flotilla.' || name) IS NOT NULL THEN
    EXECUTE format('LOCK TABLE flotilla.%I IN SHARE ROW EXCLUSIVE MODE', name);
  END IF;
END $$;
REVOKE ALL ON FUNCTION flotilla.lock_ai_usage_day(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flotilla.lock_ai_usage_day(date) TO flotilla_system;

-- Down Migration

DROP FUNCTION flotilla.lock_ai_usage_day(date);
ALTER TABLE flotilla.prices DROP CONSTRAINT prices_spend_type, DROP spend_type;
