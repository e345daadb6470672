-- Up Migration

-- What a tenant decided about the safe-stop gate; a tenant without a row has the defaults of libs/domain.
CREATE TABLE flotilla.stop_gate_settings (
  tenant_id uuid PRIMARY KEY REFERENCES flotilla.tenants,
  -- percent of the evidence's time that must be measured
  min_coverage_percent real NOT NULL DEFAULT 90 CHECK (min_coverage_percent BETWEEN 90 AND 100),
  min_running_minutes integer NOT NULL DEFAULT 30 CHECK (min_running_minutes BETWEEN 10 AND 1440),
  parked text NOT NULL DEFAULT 'refuse' CHECK (parked IN ('refuse', 'allow')),
  local_disks text NOT NULL DEFAULT 'refuse' CHECK (local_disks IN ('refuse', 'allow')),
  unknown_disks text NOT NULL DEFAULT 'refuse' CHECK (unknown_disks IN ('refuse', 'allow')),
  spot text NOT NULL DEFAULT 'refuse' CHECK (spot IN ('refuse', 'allow')),
  committed text NOT NULL DEFAULT 'refuse' CHECK (committed IN ('refuse', 'allow')),
  unknown_processes text NOT NULL DEFAULT 'refuse' CHECK (unknown_processes IN ('refuse', 'allow')),
  updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT flotilla.protect_tenant_table('flotilla.stop_gate_settings');

-- The newest answer of the gate about this action: {judged_at, allowed, class, evidence, checks}. NULL: never asked.
ALTER TABLE flotilla.actions ADD COLUMN gate jsonb;

-- none, erased or disposable: disks whose content a stop erases
ALTER TABLE flotilla.instance_facts DROP CONSTRAINT instance_facts_fact_check;
ALTER TABLE flotilla.instance_facts ADD CONSTRAINT instance_facts_fact_check CHECK (fact IN ('name', 'region',
  'instance_type', 'gpu_type', 'gpu_count', 'tags', 'hourly_cost', 'protected', 'zone', 'account', 'lifecycle',
  'auto_scaling_group', 'resource_id', 'kubernetes_node', 'slurm_node', 'slurm_cluster', 'local_disks'));

-- Down Migration

DELETE FROM flotilla.instance_facts WHERE fact = 'local_disks';
ALTER TABLE flotilla.instance_facts DROP CONSTRAINT instance_facts_fact_check;
ALTER TABLE flotilla.instance_facts ADD CONSTRAINT instance_facts_fact_check CHECK (fact IN ('name', 'region',
  'instance_type', 'gpu_type', 'gpu_count', 'tags', 'hourly_cost', 'protected', 'zone', 'account', 'lifecycle',
  'auto_scaling_group', 'resource_id', 'kubernetes_node', 'slurm_node', 'slurm_cluster'));
ALTER TABLE flotilla.actions DROP COLUMN gate;
DROP TABLE flotilla.stop_gate_settings;
