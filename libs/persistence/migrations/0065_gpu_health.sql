-- Up Migration

-- What speaks for a device's health: the evidence word for word, what to do, and the driver's errors as episodes:
-- [{"kind", "code", "class", "count", "first_seen", "last_seen"}], newest first.
ALTER TABLE flotilla.devices
  ADD COLUMN health_evidence text,
  ADD COLUMN advised_action text NOT NULL DEFAULT 'none'
    CHECK (advised_action IN ('none', 'restart_workload', 'drain', 'reset_gpu', 'reboot', 'rma')),
  ADD COLUMN health_episodes jsonb NOT NULL DEFAULT '[]';

-- The list of instances with a sick GPU: few of many.
CREATE INDEX devices_not_healthy ON flotilla.devices (tenant_id, health, instance_id)
  WHERE kind <> 'host' AND health IN ('degraded', 'unhealthy');

-- People's words that a device is repaired, on their way to the agent that has to know it too.
CREATE TABLE flotilla.health_clears (
  tenant_id uuid NOT NULL,
  id bigint GENERATED ALWAYS AS IDENTITY,
  agent_id uuid NOT NULL,
  instance_id bigint NOT NULL,
  device_uuid text NOT NULL CHECK (length(device_uuid) BETWEEN 1 AND 128),
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL DEFAULT now(),
  -- the agent confirmed it
  taken_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id) ON DELETE CASCADE,
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX health_clears_waiting ON flotilla.health_clears (tenant_id, agent_id, id) WHERE taken_at IS NULL;
SELECT flotilla.protect_tenant_table('flotilla.health_clears');

-- Down Migration

DROP TABLE flotilla.health_clears;
DROP INDEX flotilla.devices_not_healthy;
ALTER TABLE flotilla.devices DROP COLUMN health_evidence, DROP COLUMN advised_action, DROP COLUMN health_episodes;
