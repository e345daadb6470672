-- Up Migration

-- The installation's own certificate authority for agents. One row, made by whichever replica starts first; the key is
-- sealed with the master key, which the database never sees.
CREATE TABLE flotilla.agent_authority (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  certificate_pem text NOT NULL,
  sealed_private_key bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
GRANT SELECT, INSERT ON flotilla.agent_authority TO flotilla_system;

CREATE TABLE flotilla.enrollment_tokens (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id text NOT NULL CHECK (id ~ '^[0-9a-f]{16}$'),
  -- the secret has 160 random bits, so one round of SHA-256 is enough
  secret_sha256 bytea NOT NULL CHECK (length(secret_sha256) = 32),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  multi_use boolean NOT NULL,
  uses integer NOT NULL DEFAULT 0,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  last_used_at timestamptz,
  revoked_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  CHECK (multi_use OR uses <= 1),
  CHECK (expires_at <= created_at + CASE WHEN multi_use THEN interval '366 days' ELSE interval '24 hours 1 minute' END)
);
-- a token is shown before a tenant is known
CREATE UNIQUE INDEX enrollment_tokens_by_id ON flotilla.enrollment_tokens (id);
SELECT flotilla.protect_tenant_table('flotilla.enrollment_tokens');

ALTER TABLE flotilla.agents
  ADD COLUMN enrollment_token_id text,
  -- an agent that speaks POST /sync belongs to one API key
  ADD COLUMN api_key_id text,
  ADD COLUMN address inet,
  -- SHA-256 of the public key that last opened a stream, and of one that was certified since (a candidate until it does)
  ADD COLUMN key_sha256 bytea,
  ADD COLUMN candidate_key_sha256 bytea,
  ADD COLUMN certificate_not_after timestamptz,
  ADD COLUMN previous_machine_fingerprint text,
  ADD COLUMN fingerprint_changed_at timestamptz,
  ADD COLUMN clone_suspected_at timestamptz,
  ADD COLUMN boot_id text,
  ADD COLUMN wal_epoch bigint,
  ADD COLUMN protocol integer,
  ADD COLUMN capabilities jsonb NOT NULL DEFAULT '[]',
  ADD COLUMN disconnect_reason text,
  ADD COLUMN newest_minute_at timestamptz,
  ADD COLUMN rejected_entries bigint NOT NULL DEFAULT 0,
  ADD COLUMN future_samples bigint NOT NULL DEFAULT 0,
  ADD COLUMN last_error text,
  ADD COLUMN last_error_at timestamptz;
CREATE UNIQUE INDEX agents_by_api_key ON flotilla.agents (tenant_id, api_key_id) WHERE api_key_id IS NOT NULL;
-- heartbeats rewrite rows all the time: room on the page keeps those updates out of the indexes
ALTER TABLE flotilla.agents SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05);

-- What agents told about themselves that is not a measurement: a GPU lost, an Xid, a collector's fault, dropped entries.
CREATE TABLE flotilla.agent_events (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  -- the entry's place in the agent's spool: a repeated entry is the same row
  wal_epoch bigint NOT NULL,
  seq bigint NOT NULL,
  at timestamptz NOT NULL,
  received_at timestamptz NOT NULL DEFAULT now(),
  kind text NOT NULL,
  severity text NOT NULL,
  device text,
  message text NOT NULL,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, agent_id, wal_epoch, seq),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX agent_events_by_time ON flotilla.agent_events (tenant_id, agent_id, received_at DESC);
CREATE INDEX agent_events_to_retire ON flotilla.agent_events (received_at);
SELECT flotilla.protect_tenant_table('flotilla.agent_events', 'SELECT, INSERT');

-- Down Migration

DROP TABLE flotilla.agent_events;
DROP INDEX flotilla.agents_by_api_key;
ALTER TABLE flotilla.agents
  DROP COLUMN enrollment_token_id, DROP COLUMN api_key_id, DROP COLUMN address, DROP COLUMN key_sha256,
  DROP COLUMN candidate_key_sha256, DROP COLUMN certificate_not_after, DROP COLUMN previous_machine_fingerprint,
  DROP COLUMN fingerprint_changed_at, DROP COLUMN clone_suspected_at, DROP COLUMN boot_id, DROP COLUMN wal_epoch,
  DROP COLUMN protocol, DROP COLUMN capabilities, DROP COLUMN disconnect_reason, DROP COLUMN newest_minute_at,
  DROP COLUMN rejected_entries, DROP COLUMN future_samples, DROP COLUMN last_error, DROP COLUMN last_error_at;
DROP TABLE flotilla.enrollment_tokens;
DROP TABLE flotilla.agent_authority;
