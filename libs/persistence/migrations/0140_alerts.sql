-- Up Migration

-- What people want to be told of. A threshold is in the unit of its metric (libs/domain, catalogue).
CREATE TABLE flotilla.alert_rules (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  rule_name text NOT NULL CHECK (length(rule_name) BETWEEN 1 AND 200),
  description text,
  alert_type text NOT NULL CHECK (alert_type ~ '^[a-z0-9_]{1,64}$'),
  metric text NOT NULL,
  operator text NOT NULL CHECK (operator IN ('gt', 'lt', 'gte', 'lte', 'eq', 'not_eq')),
  threshold double precision NOT NULL,
  -- where it is over again; NULL: as soon as the condition is not met
  recovery_threshold double precision,
  duration_minutes integer NOT NULL CHECK (duration_minutes BETWEEN 0 AND 1440),
  -- it must be over for so long before it is resolved
  keep_firing_minutes integer NOT NULL DEFAULT 0 CHECK (keep_firing_minutes BETWEEN 0 AND 1440),
  cooldown_minutes integer NOT NULL DEFAULT 30 CHECK (cooldown_minutes BETWEEN 0 AND 10080),
  severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  scope text NOT NULL DEFAULT 'all' CHECK (scope IN ('all', 'tagged', 'specific_instance')),
  -- {tag_key, tag_value} or {instance_ids: [numbers of instances]}
  scope_filter jsonb NOT NULL DEFAULT '{}',
  -- NULL: any for "greater", all for "less"
  across_gpus text CHECK (across_gpus IN ('any', 'all')),
  missing_data text NOT NULL DEFAULT 'breaks' CHECK (missing_data IN ('breaks', 'ignored')),
  -- NULL: every channel that takes the alert type
  notification_channel_ids bigint[],
  -- [{after_minutes, notification_channel_ids}]
  escalation jsonb NOT NULL DEFAULT '[]',
  group_notifications boolean NOT NULL DEFAULT true,
  enabled boolean NOT NULL DEFAULT true,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, rule_name)
);
SELECT flotilla.protect_tenant_table('flotilla.alert_rules');

-- What a tenant changed of the rules that are built in; no row: as they come.
CREATE TABLE flotilla.built_in_rules (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  key text NOT NULL,
  enabled boolean NOT NULL DEFAULT true,
  -- NULL: as it comes
  severity text CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  notification_channel_ids bigint[],
  escalation jsonb NOT NULL DEFAULT '[]',
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, key)
);
SELECT flotilla.protect_tenant_table('flotilla.built_in_rules');

-- One row is one alert: what fires again while it is open is the same one.
CREATE TABLE flotilla.alerts (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  -- rule and subject: what makes a repeated one the same
  identity text NOT NULL CHECK (length(identity) <= 600),
  alert_type text NOT NULL,
  source text NOT NULL CHECK (source IN ('rule', 'built_in', 'agent', 'budget', 'policy')),
  rule_id bigint,
  rule_name text,
  built_in text,
  subject_type text NOT NULL,
  subject_id text NOT NULL,
  subject_label text NOT NULL,
  instance_id bigint,
  severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'resolved', 'ignored')),
  title text NOT NULL,
  message text NOT NULL,
  -- the numbers that made it fire last
  evidence jsonb NOT NULL DEFAULT '{}',
  occurrences integer NOT NULL DEFAULT 1,
  first_fired_at timestamptz NOT NULL,
  last_fired_at timestamptz NOT NULL,
  -- the condition is over; NULL: it goes on, whatever a person said about it
  ended_at timestamptz,
  acknowledged_at timestamptz,
  acknowledged_by text,
  resolved_at timestamptz,
  resolved_by text,
  ignored_at timestamptz,
  ignored_by text,
  comment text,
  -- resolved by a person while it goes on: not before then does it fire anew
  quiet_until timestamptz,
  cooldown_minutes integer NOT NULL DEFAULT 0,
  -- NULL: every channel that takes the alert type
  channel_ids bigint[],
  escalation jsonb NOT NULL DEFAULT '[]',
  -- one key through trigger, acknowledge and resolve; alerts that were told of together share it
  notification_key text,
  group_notifications boolean NOT NULL DEFAULT false,
  -- when the outside was told last that it fires
  triggered_at timestamptz,
  -- whether the outside believes that it fires
  announced boolean NOT NULL DEFAULT false,
  -- why it was not told: {window_id, window_name, ends_at}
  suppressed jsonb,
  escalation_step integer NOT NULL DEFAULT 0,
  announce_at timestamptz,
  escalate_at timestamptz,
  simulated boolean NOT NULL DEFAULT false,
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, rule_id) REFERENCES flotilla.alert_rules (tenant_id, id) ON DELETE SET NULL (rule_id),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE SET NULL (instance_id)
);
-- whoever fires, on whatever replica: one open alert of a rule and subject
CREATE UNIQUE INDEX alerts_open ON flotilla.alerts (tenant_id, identity) WHERE ended_at IS NULL;
CREATE INDEX alerts_by_identity ON flotilla.alerts (tenant_id, identity, id DESC);
CREATE INDEX alerts_by_time ON flotilla.alerts (tenant_id, last_fired_at DESC, id DESC);
CREATE INDEX alerts_active ON flotilla.alerts (tenant_id, last_fired_at DESC, id DESC) WHERE status = 'active';
CREATE INDEX alerts_of_instance ON flotilla.alerts (tenant_id, instance_id, last_fired_at DESC);
CREATE INDEX alerts_of_rule ON flotilla.alerts (tenant_id, rule_id) WHERE rule_id IS NOT NULL;
CREATE INDEX alerts_told_together ON flotilla.alerts (tenant_id, notification_key) WHERE announced;
-- what waits to be told or to be escalated: few of many
CREATE INDEX alerts_due ON flotilla.alerts (least(announce_at, escalate_at))
  WHERE announce_at IS NOT NULL OR escalate_at IS NOT NULL;
SELECT flotilla.protect_tenant_table('flotilla.alerts');

-- What happened to an alert, and the numbers at that time.
CREATE TABLE flotilla.alert_history (
  tenant_id uuid NOT NULL,
  alert_id bigint NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  rule_id bigint,
  at timestamptz NOT NULL,
  kind text NOT NULL CHECK (kind IN ('fired', 'fired_again', 'notified', 'suppressed', 'escalated', 'acknowledged', 'ignored', 'resolved', 'ended')),
  -- who; NULL: the house itself
  actor text,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, alert_id, id),
  FOREIGN KEY (tenant_id, alert_id) REFERENCES flotilla.alerts (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX alert_history_of_rule ON flotilla.alert_history (tenant_id, rule_id, at DESC, id DESC) WHERE rule_id IS NOT NULL;
SELECT flotilla.protect_tenant_table('flotilla.alert_history', 'SELECT, INSERT, DELETE');

-- Which replica decides for a tenant, and through which minute (Unix minutes) it did.
CREATE TABLE flotilla.decision_rounds (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  holder uuid,
  leased_until timestamptz,
  decided_through integer,
  decided_at timestamptz,
  PRIMARY KEY (tenant_id)
);
SELECT flotilla.protect_tenant_table('flotilla.decision_rounds');

-- Down Migration

DROP TABLE flotilla.decision_rounds;
DROP TABLE flotilla.alert_history;
DROP TABLE flotilla.alerts;
DROP TABLE flotilla.built_in_rules;
DROP TABLE flotilla.alert_rules;
