-- Up Migration

-- Which instances a controller names, one row each: under row-level security only operators that cannot leak reach an
-- index, and "array contains" is none of them (2 s for one look-up among 2,000 controllers, measured).
CREATE TABLE flotilla.controller_instances (
  tenant_id uuid NOT NULL,
  provider_id text NOT NULL,
  agent_id uuid NOT NULL,
  ordinal smallint NOT NULL,
  PRIMARY KEY (tenant_id, provider_id, agent_id, ordinal),
  FOREIGN KEY (tenant_id, agent_id, ordinal) REFERENCES flotilla.controllers (tenant_id, agent_id, ordinal) ON DELETE CASCADE
);
CREATE INDEX controller_instances_by_agent ON flotilla.controller_instances (tenant_id, agent_id);
SELECT flotilla.protect_tenant_table('flotilla.controller_instances');
INSERT INTO flotilla.controller_instances
  SELECT DISTINCT c.tenant_id, named.id, c.agent_id, c.ordinal
    FROM flotilla.controllers c CROSS JOIN LATERAL unnest(c.instance_ids) AS named(id)
   WHERE named.id <> 'self';
DROP INDEX flotilla.controllers_by_instance;

-- Down Migration

CREATE INDEX controllers_by_instance ON flotilla.controllers USING gin (instance_ids);
DROP TABLE flotilla.controller_instances;
