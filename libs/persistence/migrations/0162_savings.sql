-- Up Migration

-- What stops saved: one row a verified stop through Flotilla, one row a UTC day of what its machine would have cost.
CREATE TABLE flotilla.savings (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  -- the ledger outlives the machine
  instance_id bigint,
  provider_id text NOT NULL,
  cloud_provider text NOT NULL,
  action_id text NOT NULL,
  -- NULL: a person or a key asked for it
  policy_id bigint,
  policy_version integer,
  requested_by text NOT NULL,
  -- as they were when it was stopped
  tags jsonb NOT NULL,
  hourly_cost numeric(20, 10),
  currency char(3) NOT NULL,
  billing_model text NOT NULL CHECK (billing_model IN ('running', 'always_on')),
  -- part of it that is paid whether it runs or not, by the bills before the stop
  committed_share numeric NOT NULL DEFAULT 0 CHECK (committed_share BETWEEN 0 AND 1),
  started_at timestamptz NOT NULL,
  -- no credit from then on: the horizon, or the next stop of the same machine
  capped_at timestamptz NOT NULL CHECK (capped_at > started_at),
  ended_at timestamptz,
  end_reason text CHECK (end_reason IN ('started', 'terminated', 'horizon')),
  -- the promise of the moment it was stopped; NULL: nobody knew its price
  estimated numeric,
  estimated_hours numeric NOT NULL,
  estimate_basis text NOT NULL CHECK (estimate_basis IN ('history', 'default')),
  off_seconds numeric NOT NULL DEFAULT 0,
  unpriced_seconds numeric NOT NULL DEFAULT 0,
  unknown_seconds numeric NOT NULL DEFAULT 0,
  -- every day of it stands against a bill
  verified_at timestamptz,
  advanced_at timestamptz,
  simulated boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, action_id),
  -- a dollar counts once: two stops cannot begin in the same moment, and each is capped where the next begins
  UNIQUE (tenant_id, instance_id, started_at),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE SET NULL (instance_id)
);
CREATE INDEX savings_by_time ON flotilla.savings (tenant_id, started_at DESC, id DESC);
SELECT flotilla.protect_tenant_table('flotilla.savings');

CREATE TABLE flotilla.saving_days (
  tenant_id uuid NOT NULL,
  saving_id bigint NOT NULL,
  day date NOT NULL,
  currency char(3) NOT NULL,
  off_seconds numeric NOT NULL,
  observed numeric NOT NULL CHECK (observed >= 0),
  -- what the bill charged the machine on this day, in the same currency; NULL: no bill tells of this day
  billed numeric,
  verified numeric CHECK (verified >= 0),
  PRIMARY KEY (tenant_id, saving_id, day, currency),
  FOREIGN KEY (tenant_id, saving_id) REFERENCES flotilla.savings (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX saving_days_by_day ON flotilla.saving_days (tenant_id, day);
SELECT flotilla.protect_tenant_table('flotilla.saving_days');

-- stops that were done and have no entry yet
CREATE INDEX actions_done_stops ON flotilla.actions (tenant_id, result_at)
  WHERE verb = 'stop' AND status = 'succeeded' AND level = 'power' AND NOT dry_run;

-- Down Migration

DROP INDEX flotilla.actions_done_stops;
DROP TABLE flotilla.saving_days, flotilla.savings;
