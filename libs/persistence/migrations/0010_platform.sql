-- Up Migration

-- Which replica runs an exclusive job, and when it is due again.
CREATE TABLE flotilla.job_claims (
  name text PRIMARY KEY,
  holder uuid NOT NULL,
  leased_until timestamptz,
  due_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON flotilla.job_claims TO flotilla_system;

-- Requests counted per key and window. Unlogged: a crash forgets at most a minute of counting, and counting costs no WAL.
CREATE UNLOGGED TABLE flotilla.rate_windows (
  key text PRIMARY KEY,
  used bigint NOT NULL,
  ends_at timestamptz NOT NULL
);
CREATE INDEX rate_windows_by_end ON flotilla.rate_windows (ends_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON flotilla.rate_windows TO flotilla_system;

-- The first answer of a request that carried Idempotency-Key. `answer` NULL: the first one is still running, or was cut
-- off by a crash (then `running_until` is over, and nobody knows what it did).
CREATE TABLE flotilla.idempotency_keys (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  principal text NOT NULL,
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
  request_hash bytea NOT NULL,
  running_until timestamptz NOT NULL,
  status smallint,
  answer jsonb,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, principal, key)
);
CREATE INDEX idempotency_keys_by_age ON flotilla.idempotency_keys (tenant_id, created_at);
SELECT flotilla.protect_tenant_table('flotilla.idempotency_keys');

-- Down Migration

DROP TABLE flotilla.idempotency_keys;
DROP TABLE flotilla.rate_windows;
DROP TABLE flotilla.job_claims;
