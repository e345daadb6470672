-- Up Migration

-- What agents announced that they can act on. Replaced whole by each announcement.
CREATE TABLE flotilla.controllers (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  ordinal smallint NOT NULL,
  kind text NOT NULL CHECK (length(kind) BETWEEN 1 AND 64),
  verbs text[] NOT NULL,
  -- 'self', provider ids, or empty together with scope
  instance_ids text[] NOT NULL DEFAULT '{}',
  scope jsonb NOT NULL DEFAULT '{}',
  level text NOT NULL CHECK (level IN ('power', 'workload')),
  announced_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, agent_id, ordinal),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX controllers_by_instance ON flotilla.controllers USING gin (instance_ids);
CREATE INDEX controllers_by_scope ON flotilla.controllers (tenant_id) WHERE scope <> '{}';
SELECT flotilla.protect_tenant_table('flotilla.controllers');

-- Which agents reported which instance: who may write to it, and what an agent on POST /sync controls by reporting it.
CREATE TABLE flotilla.instance_reports (
  tenant_id uuid NOT NULL,
  instance_id bigint NOT NULL,
  agent_id uuid NOT NULL,
  first_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, instance_id, agent_id),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE
);
SELECT flotilla.protect_tenant_table('flotilla.instance_reports');

-- Agents that speak POST /sync: when they called, and whether reporting an instance means controlling it.
CREATE TABLE flotilla.sync_agents (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  controls_reported boolean NOT NULL DEFAULT true,
  last_sync_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, agent_id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE
);
SELECT flotilla.protect_tenant_table('flotilla.sync_agents');

-- The queue.
CREATE TABLE flotilla.actions (
  tenant_id uuid NOT NULL,
  id text NOT NULL CHECK (id ~ '^act_[0-9a-z]{26}$'),
  verb text NOT NULL CHECK (verb IN ('start', 'stop')),
  instance_id bigint NOT NULL,
  status text NOT NULL CHECK (status IN ('pending_approval', 'queued', 'dispatched', 'running', 'succeeded', 'failed',
    'refused', 'expired', 'cancelled', 'rejected', 'unknown')),
  -- holds the instance: no second action may be requested. False in every terminal status, and for an action whose
  -- outcome is still unknown after its deadline.
  open boolean NOT NULL DEFAULT true,
  force boolean NOT NULL DEFAULT false,
  reason text,
  requester_type text NOT NULL,
  requester_id text,
  requester_label text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- until then it must have been accepted by its agent (or, while it waits for approval, have been approved)
  deadline timestamptz NOT NULL,
  -- who acts, and how
  agent_id uuid NOT NULL,
  control_kind text NOT NULL,
  level text NOT NULL CHECK (level IN ('power', 'workload')),
  -- the controller runs on the very machine that it acts on
  own_host boolean NOT NULL,
  arguments jsonb NOT NULL DEFAULT '{}',
  idle_since timestamptz,
  idle_below_percent real,
  instance_generation integer NOT NULL,
  -- grows with every offer
  fence bigint NOT NULL DEFAULT 0,
  -- offers, all together and since it was queued last
  attempts integer NOT NULL DEFAULT 0,
  round_offers smallint NOT NULL DEFAULT 0,
  -- no offer before then
  not_before timestamptz,
  lease_until timestamptz,
  query_after timestamptz,
  offered_at timestamptz,
  accepted_at timestamptz,
  -- an offer is out that is void now: the agent must hear of it
  cancel_pending boolean NOT NULL DEFAULT false,
  approval_required boolean NOT NULL DEFAULT false,
  second_person boolean NOT NULL DEFAULT false,
  decision text CHECK (decision IN ('approved', 'rejected', 'cancelled')),
  decided_by_type text,
  decided_by_id text,
  decided_by_label text,
  decided_at timestamptz,
  decision_comment text,
  -- the result as the agent sent it
  result_outcome text CHECK (result_outcome IN ('succeeded', 'failed', 'refused', 'unknown')),
  result_at timestamptz,
  result_message text,
  exit_code integer,
  output text CHECK (octet_length(output) <= 65536),
  output_truncated boolean NOT NULL DEFAULT false,
  observed_state text CHECK (observed_state IN ('running', 'stopped')),
  verified boolean NOT NULL DEFAULT false,
  host_started_at timestamptz,
  host_finished_at timestamptz,
  -- why it stands where it stands, for a person
  message text,
  transitions smallint NOT NULL DEFAULT 0,
  updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id)
) WITH (fillfactor = 70);
-- one open action an instance
CREATE UNIQUE INDEX actions_one_open ON flotilla.actions (tenant_id, instance_id) WHERE open;
-- what dispatch and the watch over leases and deadlines look at: the few that are not finished
CREATE INDEX actions_unfinished ON flotilla.actions (agent_id)
  WHERE open OR cancel_pending OR status = 'unknown';
CREATE INDEX actions_by_instance ON flotilla.actions (tenant_id, instance_id, id DESC);
CREATE INDEX actions_by_status ON flotilla.actions (tenant_id, status, id DESC);
SELECT flotilla.protect_tenant_table('flotilla.actions', 'SELECT, INSERT, UPDATE');

-- One row for every step of an action, written with its effect. `from_status` = `to_status`: a remark.
CREATE TABLE flotilla.action_transitions (
  tenant_id uuid NOT NULL,
  action_id text NOT NULL,
  seq smallint NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  from_status text,
  to_status text NOT NULL,
  actor_type text NOT NULL,
  actor_id text,
  actor_label text NOT NULL,
  fence bigint,
  note text,
  PRIMARY KEY (tenant_id, action_id, seq),
  FOREIGN KEY (tenant_id, action_id) REFERENCES flotilla.actions (tenant_id, id) ON DELETE CASCADE
);
SELECT flotilla.protect_tenant_table('flotilla.action_transitions', 'SELECT, INSERT');

-- What runs on the machine, where an agent starts and stops workloads and not the machine. NULL: not known.
ALTER TABLE flotilla.instances ADD COLUMN workload_state text CHECK (workload_state IN ('running', 'stopped'));

-- Down Migration

ALTER TABLE flotilla.instances DROP COLUMN workload_state;
DROP TABLE flotilla.action_transitions, flotilla.actions, flotilla.sync_agents, flotilla.instance_reports, flotilla.controllers;
