-- Up Migration

-- What is to happen by itself. `definition` is what its versions keep: everything but whether it is on.
CREATE TABLE flotilla.enforcement_policies (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  policy_name text NOT NULL CHECK (length(policy_name) BETWEEN 1 AND 200),
  version integer NOT NULL DEFAULT 1,
  enabled boolean NOT NULL DEFAULT true,
  -- Unix minute: from then on it decides, by this version
  start_minute integer NOT NULL,
  -- in wire names, as libs/contracts has it
  definition jsonb NOT NULL,
  template_id text,
  created_by text NOT NULL,
  updated_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  -- gone for everybody but its history
  deleted_at timestamptz,
  PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX enforcement_policies_names ON flotilla.enforcement_policies (tenant_id, policy_name) WHERE deleted_at IS NULL;
SELECT flotilla.protect_tenant_table('flotilla.enforcement_policies', 'SELECT, INSERT, UPDATE');

-- What it said when it acted, and who wrote that.
CREATE TABLE flotilla.enforcement_policy_versions (
  tenant_id uuid NOT NULL,
  policy_id bigint NOT NULL,
  version integer NOT NULL,
  definition jsonb NOT NULL,
  written_by text NOT NULL,
  written_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, policy_id, version),
  FOREIGN KEY (tenant_id, policy_id) REFERENCES flotilla.enforcement_policies (tenant_id, id)
);
SELECT flotilla.protect_tenant_table('flotilla.enforcement_policy_versions', 'SELECT, INSERT');

-- What the tenant wants of all its policies; no row: as it comes.
CREATE TABLE flotilla.enforcement_settings (
  tenant_id uuid PRIMARY KEY REFERENCES flotilla.tenants,
  -- [{key, value | null}]
  protection_tags jsonb NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT flotilla.protect_tenant_table('flotilla.enforcement_settings');

-- Through which minute (Unix minutes) the policies of a tenant decided. Written with what they decided, so that a minute is
-- neither left out nor decided twice, whoever dies in between.
CREATE TABLE flotilla.policy_progress (
  tenant_id uuid PRIMARY KEY REFERENCES flotilla.tenants,
  decided_through integer NOT NULL
);
SELECT flotilla.protect_tenant_table('flotilla.policy_progress');

-- A policy that triggered at a minute of data, or would have but for its schedule or its cooldown.
CREATE TABLE flotilla.policy_runs (
  tenant_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  policy_id bigint NOT NULL,
  policy_version integer NOT NULL,
  minute integer NOT NULL,
  kind text NOT NULL CHECK (kind IN ('triggered', 'schedule', 'cooldown')),
  -- tenant: no condition looks at an instance, and `instance_ids` is empty
  subject text NOT NULL CHECK (subject IN ('instance', 'tenant')),
  execution_mode text NOT NULL,
  -- the instances that triggered (or would have): with the minute, this is all that later decisions need
  instance_ids bigint[] NOT NULL,
  -- [{instance_id, conditions_met}] of the first of them; instance_id null: the tenant
  matched jsonb NOT NULL,
  decided_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  simulated boolean NOT NULL DEFAULT false,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, policy_id, minute, kind),
  FOREIGN KEY (tenant_id, policy_id) REFERENCES flotilla.enforcement_policies (tenant_id, id)
);
SELECT flotilla.protect_tenant_table('flotilla.policy_runs', 'SELECT, INSERT, DELETE');
CREATE INDEX policy_runs_by_time ON flotilla.policy_runs (tenant_id, policy_id, id DESC);
CREATE INDEX policy_runs_of_instances ON flotilla.policy_runs USING gin (instance_ids);

-- What a run did, action by action and instance by instance, and what it left alone and why.
CREATE TABLE flotilla.policy_outcomes (
  tenant_id uuid NOT NULL,
  run_id bigint NOT NULL,
  ordinal integer NOT NULL,
  action_type text NOT NULL,
  -- NULL: not about one instance
  instance_id bigint,
  outcome text NOT NULL CHECK (outcome IN ('requested', 'awaits_approval', 'would_act', 'tagged', 'notified', 'blocked')),
  blocked_by text,
  reason text NOT NULL,
  action_id text,
  -- checks of the gate
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, run_id, ordinal),
  FOREIGN KEY (tenant_id, run_id) REFERENCES flotilla.policy_runs (tenant_id, id) ON DELETE CASCADE,
  CHECK ((outcome = 'blocked') = (blocked_by IS NOT NULL))
);
SELECT flotilla.protect_tenant_table('flotilla.policy_outcomes', 'SELECT, INSERT');

-- Policies that are kept off an instance because they fought over it.
CREATE TABLE flotilla.policy_standoffs (
  tenant_id uuid NOT NULL,
  policy_id bigint NOT NULL,
  instance_id bigint NOT NULL,
  -- a newer version may act again
  policy_version integer NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (tenant_id, policy_id, instance_id),
  FOREIGN KEY (tenant_id, policy_id) REFERENCES flotilla.enforcement_policies (tenant_id, id),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE
);
SELECT flotilla.protect_tenant_table('flotilla.policy_standoffs');

-- Down Migration

DROP TABLE flotilla.policy_standoffs;
DROP TABLE flotilla.policy_outcomes;
DROP TABLE flotilla.policy_runs;
DROP TABLE flotilla.policy_progress;
DROP TABLE flotilla.enforcement_settings;
DROP TABLE flotilla.enforcement_policy_versions;
DROP TABLE flotilla.enforcement_policies;
