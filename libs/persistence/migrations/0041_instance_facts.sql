-- Up Migration

-- What each source says about an instance. flotilla.instances holds the effective values.
CREATE TABLE flotilla.instance_facts (
  tenant_id uuid NOT NULL,
  instance_id bigint NOT NULL,
  fact text NOT NULL CHECK (fact IN ('name', 'region', 'instance_type', 'gpu_type', 'gpu_count', 'tags', 'hourly_cost',
    'protected')),
  source text NOT NULL CHECK (source IN ('user', 'bill', 'cloud', 'agent', 'price_table')),
  -- the agent that said so; '' for sources of which there is only one
  reporter text NOT NULL DEFAULT '',
  -- money as a decimal string: {"amount": "3.0600000000", "currency": "USD"}
  value jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, instance_id, fact, source, reporter),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE
);
SELECT flotilla.protect_tenant_table('flotilla.instance_facts');

-- Lists are sorted and paged by these.
CREATE INDEX instances_by_state ON flotilla.instances (tenant_id, state, id);
CREATE INDEX instances_by_name ON flotilla.instances (tenant_id, name, id);
CREATE INDEX instances_by_cost ON flotilla.instances (tenant_id, hourly_cost, id);
CREATE INDEX instances_by_created ON flotilla.instances (tenant_id, created_at, id);
CREATE INDEX instances_by_last_seen ON flotilla.instances (tenant_id, last_seen_at, id);
CREATE INDEX instances_by_type ON flotilla.instances (tenant_id, instance_type, id);
CREATE INDEX instances_by_region ON flotilla.instances (tenant_id, region, id);

-- Who set the power state last: a verified outcome of an action outlives what the same agent's inventory says by habit.
ALTER TABLE flotilla.instances
  ADD COLUMN state_source text NOT NULL DEFAULT 'report' CHECK (state_source IN ('report', 'action')),
  ADD COLUMN state_agent_id uuid;

-- A person said that the device is repaired: the same reason does not count until the device was healthy or it changed.
ALTER TABLE flotilla.devices
  ADD COLUMN health_cleared_at timestamptz,
  ADD COLUMN health_cleared_by text,
  ADD COLUMN health_cleared_reason text;

-- Errors that agents reported (POST /sync section `errors`, Record entries).
CREATE TABLE flotilla.agent_errors (
  tenant_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  agent_id uuid NOT NULL,
  instance_id bigint,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  source text,
  code text,
  message text NOT NULL CHECK (octet_length(message) <= 4096),
  -- sha256 of what was sent: the same element twice is one row
  digest bytea NOT NULL,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, agent_id, digest),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX agent_errors_by_time ON flotilla.agent_errors (tenant_id, agent_id, at DESC, id DESC);
CREATE INDEX agent_errors_by_instance ON flotilla.agent_errors (tenant_id, instance_id, at DESC);
SELECT flotilla.protect_tenant_table('flotilla.agent_errors');

-- Down Migration

DROP TABLE flotilla.agent_errors;
ALTER TABLE flotilla.devices DROP COLUMN health_cleared_at, DROP COLUMN health_cleared_by, DROP COLUMN health_cleared_reason;
ALTER TABLE flotilla.instances DROP COLUMN state_source, DROP COLUMN state_agent_id;
DROP INDEX flotilla.instances_by_state, flotilla.instances_by_name, flotilla.instances_by_cost, flotilla.instances_by_created,
  flotilla.instances_by_last_seen, flotilla.instances_by_type, flotilla.instances_by_region;
DROP TABLE flotilla.instance_facts;
