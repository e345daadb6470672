-- Up Migration

-- The books of the ingest: what every agent's spool was stored up to, batch by batch. Row-level security as everywhere;
-- the ingest commits batches of many tenants together, hence its policies across tenants, by name.

CREATE TABLE flotilla.ingest_positions (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  -- the agent's random 64 bits, as a signed number
  wal_epoch bigint NOT NULL,
  -- everything up to here is committed, or refused for good
  acked_seq bigint NOT NULL CHECK (acked_seq >= 0),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, agent_id, wal_epoch),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);

CREATE TABLE flotilla.ingest_ledger (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  wal_epoch bigint NOT NULL,
  first_seq bigint NOT NULL,
  last_seq bigint NOT NULL CHECK (last_seq >= first_seq),
  -- entries before first_seq that the agent had lost before it could send them
  lost_before bigint NOT NULL DEFAULT 0,
  minutes integer NOT NULL,
  -- values (metric × second)
  stored integer NOT NULL,
  duplicates integer NOT NULL,
  conflicts integer NOT NULL,
  -- entries that were refused, each with its reason in ingest_quarantine
  rejected integer NOT NULL,
  -- SHA-256 over what was stored, as it came
  digest bytea NOT NULL,
  stored_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, agent_id, wal_epoch, first_seq)
);
CREATE INDEX ingest_ledger_by_time ON flotilla.ingest_ledger USING brin (stored_at);

-- What could not be stored, and why. One row per agent, device and kind of fault, counted, so that a broken sensor cannot
-- fill the disk.
CREATE TABLE flotilla.ingest_quarantine (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  -- 0: not known
  device_id integer NOT NULL,
  -- unreadable, unknown_device, unknown_metric, out_of_range, in_the_future, too_old, conflict, refused_by_database
  kind text NOT NULL,
  occurrences bigint NOT NULL,
  first_at timestamptz NOT NULL DEFAULT now(),
  last_at timestamptz NOT NULL DEFAULT now(),
  -- the newest one
  reason text NOT NULL,
  wal_epoch bigint,
  seq bigint,
  minute timestamptz,
  payload bytea,
  PRIMARY KEY (tenant_id, agent_id, device_id, kind)
);

SELECT flotilla.protect_tenant_table('flotilla.ingest_positions', 'SELECT');
SELECT flotilla.protect_tenant_table('flotilla.ingest_ledger', 'SELECT');
SELECT flotilla.protect_tenant_table('flotilla.ingest_quarantine', 'SELECT');

CREATE POLICY ingest ON flotilla.ingest_positions TO flotilla_ingest USING (true) WITH CHECK (true);
CREATE POLICY ingest ON flotilla.ingest_ledger TO flotilla_ingest USING (true) WITH CHECK (true);
CREATE POLICY ingest ON flotilla.ingest_quarantine TO flotilla_ingest USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON flotilla.ingest_positions, flotilla.ingest_ledger, flotilla.ingest_quarantine TO flotilla_ingest;

-- Whose a device is: the ingest takes nothing on a caller's word.
CREATE POLICY ingest_reads ON flotilla.devices FOR SELECT TO flotilla_ingest USING (true);
GRANT SELECT (tenant_id, id, instance_id, kind) ON flotilla.devices TO flotilla_ingest;

-- Down Migration

DROP POLICY ingest_reads ON flotilla.devices;
REVOKE SELECT (tenant_id, id, instance_id, kind) ON flotilla.devices FROM flotilla_ingest;
DROP TABLE flotilla.ingest_quarantine, flotilla.ingest_ledger, flotilla.ingest_positions;
