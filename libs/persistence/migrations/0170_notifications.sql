-- Up Migration

-- The data key of a tenant, wrapped by the master key: what a tenant keeps secret is sealed with it, so that a change of
-- the master key wraps a few keys anew and touches no secret.
CREATE TABLE flotilla.tenant_keys (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  version integer NOT NULL CHECK (version > 0),
  wrapped bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, version)
);
SELECT flotilla.protect_tenant_table('flotilla.tenant_keys', 'SELECT, INSERT');

-- Where a tenant's notifications go.
CREATE TABLE flotilla.notification_channels (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  channel_type text NOT NULL
    CHECK (channel_type IN ('slack', 'pagerduty', 'email', 'webhook', 'teams', 'discord', 'opsgenie')),
  -- as it is shown: secrets are masked here, and whole in `sealed` only
  config jsonb NOT NULL,
  -- {field: secret} as JSON under the tenant's data key; NULL: nothing secret
  sealed bytea,
  enabled boolean NOT NULL DEFAULT true,
  -- empty: every type
  alert_types text[] NOT NULL DEFAULT '{}',
  min_priority text NOT NULL DEFAULT 'low' CHECK (min_priority IN ('low', 'medium', 'high', 'critical')),
  -- NULL: as the tenant's policy says
  digest_mode text CHECK (digest_mode IN ('instant', 'batched')),
  digest_interval_minutes integer CHECK (digest_interval_minutes BETWEEN 1 AND 1440),
  -- {title, text}; NULL: the tenant's, else our own words
  template jsonb,
  rate_per_minute integer NOT NULL DEFAULT 60 CHECK (rate_per_minute BETWEEN 1 AND 600),
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name)
);
SELECT flotilla.protect_tenant_table('flotilla.notification_channels');

-- What sending to a channel has come to; apart from the channel, which people change.
CREATE TABLE flotilla.notification_channel_states (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  channel_id bigint NOT NULL,
  -- the channel's own limit is used up to here
  paced_until timestamptz,
  -- nothing is sent before: the other side asked for it, or failed often
  blocked_until timestamptz,
  failures_in_a_row integer NOT NULL DEFAULT 0,
  failing_since timestamptz,
  last_success_at timestamptz,
  last_failure_at timestamptz,
  last_failure text,
  -- said to people once per outage
  unhealthy_since timestamptz,
  PRIMARY KEY (tenant_id, channel_id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES flotilla.notification_channels (tenant_id, id) ON DELETE CASCADE
);
SELECT flotilla.protect_tenant_table('flotilla.notification_channel_states');

-- What one channel is to be told of one notice: written in the transaction of what it tells of, so that neither is
-- without the other.
CREATE TABLE flotilla.notification_outbox (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  -- also the order of what concerns one dedup_key
  id bigint GENERATED ALWAYS AS IDENTITY,
  -- travels with every attempt, so that a receiver can tell a repeat
  message_id uuid NOT NULL DEFAULT gen_random_uuid(),
  channel_id bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('trigger', 'acknowledge', 'resolve', 'escalate', 'message', 'digest')),
  alert_id bigint,
  alert_type text NOT NULL,
  rule_name text,
  severity text NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
  dedup_key text NOT NULL,
  title text NOT NULL,
  body text NOT NULL,
  -- [[label, value], …]
  fields jsonb NOT NULL DEFAULT '[]',
  -- path within the console
  link text,
  happened_at timestamptz NOT NULL,
  simulated boolean NOT NULL,
  -- waiting: for its digest. held: by quiet hours. sending: leased. digested: told by the row `digest_id`
  state text NOT NULL CHECK (state IN ('pending', 'waiting', 'held', 'sending', 'sent', 'digested', 'dead')),
  due_at timestamptz NOT NULL DEFAULT now(),
  attempts integer NOT NULL DEFAULT 0,
  lease_until timestamptz,
  leased_by uuid,
  digest_id bigint,
  last_error text,
  created_at timestamptz NOT NULL DEFAULT now(),
  settled_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES flotilla.notification_channels (tenant_id, id) ON DELETE CASCADE
);
-- what is not told yet is little, whatever the past has gathered
CREATE INDEX notification_outbox_open ON flotilla.notification_outbox (tenant_id, channel_id, dedup_key, id)
  WHERE state IN ('pending', 'waiting', 'held', 'sending');
CREATE INDEX notification_outbox_due ON flotilla.notification_outbox (due_at) WHERE state IN ('pending', 'waiting');
CREATE INDEX notification_outbox_leased ON flotilla.notification_outbox (lease_until) WHERE state = 'sending';
CREATE INDEX notification_outbox_by_key ON flotilla.notification_outbox (tenant_id, dedup_key, channel_id);
CREATE INDEX notification_outbox_by_channel ON flotilla.notification_outbox (tenant_id, channel_id, id DESC);
CREATE INDEX notification_outbox_settled ON flotilla.notification_outbox (tenant_id, settled_at);
SELECT flotilla.protect_tenant_table('flotilla.notification_outbox');

-- Every attempt to tell, and what came of it.
CREATE TABLE flotilla.notification_deliveries (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  outbox_id bigint NOT NULL,
  attempt integer NOT NULL,
  started_at timestamptz NOT NULL,
  duration_ms integer NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('delivered', 'retry', 'dead')),
  status_code integer,
  reason text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, outbox_id) REFERENCES flotilla.notification_outbox (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX notification_deliveries_by_message ON flotilla.notification_deliveries (tenant_id, outbox_id, id);
SELECT flotilla.protect_tenant_table('flotilla.notification_deliveries');

-- What holds for all channels of a tenant; no row: the defaults.
CREATE TABLE flotilla.notification_policies (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  min_priority text NOT NULL DEFAULT 'low' CHECK (min_priority IN ('low', 'medium', 'high', 'critical')),
  -- {timezone, active_hours: {start, end}, active_days}; NULL: none
  quiet_hours jsonb,
  critical_passes boolean NOT NULL DEFAULT true,
  digest_mode text NOT NULL DEFAULT 'instant' CHECK (digest_mode IN ('instant', 'batched')),
  digest_interval_minutes integer NOT NULL DEFAULT 30 CHECK (digest_interval_minutes BETWEEN 1 AND 1440),
  template jsonb,
  -- domains that e-mail may go to; NULL: any
  email_domains text[],
  notification_trigger_mode text NOT NULL DEFAULT 'waste_only'
    CHECK (notification_trigger_mode IN ('scan_complete', 'waste_only')),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id)
);
SELECT flotilla.protect_tenant_table('flotilla.notification_policies');

-- Down Migration

DROP TABLE flotilla.notification_policies;
DROP TABLE flotilla.notification_deliveries;
DROP TABLE flotilla.notification_outbox;
DROP TABLE flotilla.notification_channel_states;
DROP TABLE flotilla.notification_channels;
DROP TABLE flotilla.tenant_keys;
