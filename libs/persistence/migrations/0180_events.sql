-- Up Migration

-- What happened, for webhooks, event streams and GET /events. Written in the transaction of the change.
-- Ids are given when a row is written and rows are seen when their transaction commits, so a reader that goes by id would
-- miss what commits late. Readers go by `seq`, which one sealer per tenant gives to rows that it sees, in its own
-- transaction: whoever has seen a seq has seen all before it.
CREATE TABLE flotilla.events (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  seq bigint,
  type text NOT NULL CHECK (type ~ '^[a-z_]+\.[a-z_]+$'),
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  data jsonb NOT NULL,
  simulated boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, seq)
);
CREATE INDEX events_unsealed ON flotilla.events (tenant_id, id) WHERE seq IS NULL;
CREATE INDEX events_by_type ON flotilla.events (tenant_id, type, seq DESC);
CREATE INDEX events_by_subject ON flotilla.events (tenant_id, subject_type, subject_id, seq DESC);
CREATE INDEX events_by_time ON flotilla.events (at);
SELECT flotilla.protect_tenant_table('flotilla.events', 'SELECT, INSERT');
GRANT SELECT, INSERT ON flotilla.events TO flotilla_ingest;
REVOKE UPDATE ON flotilla.events FROM flotilla_system;
GRANT UPDATE (seq) ON flotilla.events TO flotilla_system;

-- The greatest seq of each tenant; locked by whoever seals.
CREATE TABLE flotilla.event_heads (
  tenant_id uuid PRIMARY KEY REFERENCES flotilla.tenants,
  seq bigint NOT NULL DEFAULT 0
);
SELECT flotilla.protect_tenant_table('flotilla.event_heads', 'SELECT');

-- When alerts and enforcement rest.
CREATE TABLE flotilla.maintenance_windows (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  -- the first opening
  start_time timestamptz NOT NULL,
  end_time timestamptz NOT NULL,
  -- RRULE and EXDATE (RFC 5545); NULL: once
  recurrence text,
  -- by whose clock it recurs
  timezone text NOT NULL,
  -- {"all": true} | {"tags": {key: value}} | {"instance_ids": [n]}
  scope jsonb NOT NULL,
  suppress_alerts boolean NOT NULL,
  suppress_enforcement boolean NOT NULL,
  -- the opening for which maintenance.started was written and maintenance.ended was not
  open_since timestamptz,
  open_until timestamptz,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK (end_time > start_time)
);
SELECT flotilla.protect_tenant_table('flotilla.maintenance_windows');

-- Down Migration

DROP TABLE flotilla.maintenance_windows;
DROP TABLE flotilla.event_heads;
DROP TABLE flotilla.events;
