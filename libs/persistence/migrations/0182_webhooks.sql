-- Up Migration

-- Who is told about events by HTTP. What it is still to be told follows from its place in the order of events: nothing
-- is written for events that it did not ask for, and no crash can lose one.
CREATE TABLE flotilla.webhooks (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  url text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  description text NOT NULL DEFAULT '',
  -- '*', 'alert.*', 'alert.triggered'
  event_types text[] NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  -- why we disabled it; NULL where people did
  disabled_reason text,
  disabled_at timestamptz,
  -- signing secrets under the tenant's data key; the one before signs as well until `previous_until`
  secret_sealed bytea NOT NULL,
  previous_sealed bytea,
  previous_until timestamptz,
  -- the last event (events.seq) that was looked at for it
  cursor bigint NOT NULL,
  -- nothing is sent before
  blocked_until timestamptz,
  failures_in_a_row integer NOT NULL DEFAULT 0,
  failing_since timestamptz,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_failure text,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
SELECT flotilla.protect_tenant_table('flotilla.webhooks');

CREATE TABLE flotilla.webhook_deliveries (
  tenant_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  webhook_id bigint NOT NULL,
  -- NULL: a test, whose body stands in `body`
  event_id bigint,
  event_type text NOT NULL,
  body text,
  status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed')),
  attempts integer NOT NULL DEFAULT 0,
  next_at timestamptz NOT NULL DEFAULT now(),
  -- a replica is at it; after a crash another one takes it from here on
  leased_until timestamptz,
  -- [{attempt, at, duration_ms, status, error}]
  log jsonb NOT NULL DEFAULT '[]',
  redelivery boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, webhook_id) REFERENCES flotilla.webhooks (tenant_id, id) ON DELETE CASCADE,
  CHECK ((event_id IS NULL) = (body IS NOT NULL))
);
CREATE INDEX webhook_deliveries_due ON flotilla.webhook_deliveries (tenant_id, webhook_id, next_at) WHERE status = 'pending';
CREATE INDEX webhook_deliveries_by_webhook ON flotilla.webhook_deliveries (tenant_id, webhook_id, id DESC);
CREATE INDEX webhook_deliveries_by_age ON flotilla.webhook_deliveries (created_at);
SELECT flotilla.protect_tenant_table('flotilla.webhook_deliveries');

-- Down Migration

DROP TABLE flotilla.webhook_deliveries;
DROP TABLE flotilla.webhooks;
