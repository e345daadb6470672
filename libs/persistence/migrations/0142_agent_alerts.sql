-- Up Migration

-- Alerts that agents raised, by their content: the same one twice is a duplicate.
CREATE TABLE flotilla.agent_alerts (
  tenant_id uuid NOT NULL,
  agent_id uuid NOT NULL,
  digest bytea NOT NULL CHECK (length(digest) = 32),
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, agent_id, digest),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX agent_alerts_to_forget ON flotilla.agent_alerts (at);
SELECT flotilla.protect_tenant_table('flotilla.agent_alerts', 'SELECT, INSERT');

-- Down Migration

DROP TABLE flotilla.agent_alerts;
