-- Up Migration

-- The GPU processes of an instance as they were read last. One row an instance: nobody asks for yesterday's.
CREATE TABLE flotilla.gpu_processes (
  tenant_id uuid NOT NULL,
  instance_id bigint NOT NULL,
  at timestamptz NOT NULL,
  -- [{device, pid, name, type, used_memory_mib, user}]
  processes jsonb NOT NULL,
  PRIMARY KEY (tenant_id, instance_id),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE
) WITH (fillfactor = 50);
SELECT flotilla.protect_tenant_table('flotilla.gpu_processes');

-- Down Migration

DROP TABLE flotilla.gpu_processes;
