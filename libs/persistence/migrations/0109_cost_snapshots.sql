-- Up Migration

-- What a tenant's costs were known to be, hour by hour: charges are corrected afterwards, these are not.
CREATE TABLE flotilla.cost_snapshots (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  -- the UTC hour that it stands for
  hour timestamptz NOT NULL,
  -- when it was taken: the first time within that hour
  at timestamptz NOT NULL,
  currency text NOT NULL,
  month_to_date numeric NOT NULL,
  last_24h numeric NOT NULL,
  -- [{"service", "month_to_date", "last_24h"}], the dearest of the month first
  by_service jsonb NOT NULL,
  -- [{"currency", "amount", "record_count"}] of the month: in no sum, for want of a rate
  unconverted jsonb NOT NULL,
  simulated boolean NOT NULL,
  PRIMARY KEY (tenant_id, hour)
);
SELECT flotilla.protect_tenant_table('flotilla.cost_snapshots');
CREATE INDEX cost_snapshots_by_hour ON flotilla.cost_snapshots (hour);

CREATE TABLE flotilla.cost_snapshot_services (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  service text NOT NULL,
  first_seen_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  currency text NOT NULL,
  month_to_date numeric NOT NULL,
  last_24h numeric NOT NULL,
  PRIMARY KEY (tenant_id, service)
);
SELECT flotilla.protect_tenant_table('flotilla.cost_snapshot_services');

-- Down Migration

DROP TABLE flotilla.cost_snapshot_services;
DROP TABLE flotilla.cost_snapshots;
