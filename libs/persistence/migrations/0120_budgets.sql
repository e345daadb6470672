-- Up Migration

-- How much a part of the cost may come to in a period. Amounts keep every digit that came.
CREATE TABLE flotilla.budgets (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  scope text NOT NULL CHECK (scope IN ('all', 'service', 'team', 'tag', 'provider', 'account', 'instance')),
  -- the tag's key with scope team and tag
  scope_key text,
  -- an instance by its number; NULL with scope all only
  scope_value text,
  amount numeric NOT NULL CHECK (amount >= 0 AND amount < 1e30),
  currency char(3) NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  cost_type text NOT NULL DEFAULT 'billed' CHECK (cost_type IN ('billed', 'effective')),
  period text NOT NULL CHECK (period IN ('day', 'week', 'month', 'quarter', 'year', 'custom')),
  anchor text NOT NULL DEFAULT 'calendar' CHECK (anchor IN ('calendar', 'start')),
  -- local dates in the tenant's time zone, both included
  starts_on date,
  ends_on date,
  -- [{basis, percent}]
  thresholds jsonb NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name),
  CHECK ((scope = 'all') = (scope_value IS NULL)),
  CHECK ((scope IN ('team', 'tag')) = (scope_key IS NOT NULL)),
  CHECK (ends_on >= starts_on),
  CHECK (period <> 'custom' OR (starts_on IS NOT NULL AND ends_on IS NOT NULL)),
  CHECK (anchor = 'calendar' OR starts_on IS NOT NULL)
);
SELECT flotilla.protect_tenant_table('flotilla.budgets');

-- What fired, with the numbers that made it fire. The unique key is what lets a threshold fire once in a period, whatever
-- replica looks and however often it starts anew. A budget's history stays when the budget goes.
CREATE TABLE flotilla.budget_alerts (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  budget_id bigint,
  budget_name text NOT NULL,
  period_start date NOT NULL,
  period_end date NOT NULL,
  basis text NOT NULL CHECK (basis IN ('actual', 'forecast_p50', 'forecast_p80', 'burn_rate')),
  percent numeric NOT NULL,
  fired_at timestamptz NOT NULL DEFAULT now(),
  amount numeric NOT NULL,
  currency char(3) NOT NULL,
  actual numeric NOT NULL,
  -- {method, projected, p50, p80, interval_80, interval_95, overrun_probability, burn_rate_day, burn_rate_week, ...}
  figures jsonb NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, budget_id, period_start, basis, percent),
  FOREIGN KEY (tenant_id, budget_id) REFERENCES flotilla.budgets (tenant_id, id) ON DELETE SET NULL (budget_id)
);
CREATE INDEX budget_alerts_by_time ON flotilla.budget_alerts (tenant_id, fired_at DESC, id DESC);
SELECT flotilla.protect_tenant_table('flotilla.budget_alerts', 'SELECT, INSERT, UPDATE');

-- What was known of a cost day when it was that many days old, in the tenant's currency: how late each provider is.
CREATE TABLE flotilla.cost_day_sightings (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  provider text NOT NULL,
  cost_day date NOT NULL,
  age_days smallint NOT NULL CHECK (age_days BETWEEN 1 AND 40),
  amount numeric NOT NULL,
  PRIMARY KEY (tenant_id, provider, cost_day, age_days)
);
SELECT flotilla.protect_tenant_table('flotilla.cost_day_sightings');

-- Down Migration

DROP TABLE flotilla.cost_day_sightings;
DROP TABLE flotilla.budget_alerts;
DROP TABLE flotilla.budgets;
