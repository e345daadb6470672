-- Up Migration

-- Where an instance stands and how it is paid for, as its provider's metadata, its scheduler or its operator say.
ALTER TABLE flotilla.instance_facts DROP CONSTRAINT instance_facts_fact_check;
ALTER TABLE flotilla.instance_facts ADD CONSTRAINT instance_facts_fact_check CHECK (fact IN ('name', 'region',
  'instance_type', 'gpu_type', 'gpu_count', 'tags', 'hourly_cost', 'protected', 'zone', 'account', 'lifecycle',
  'auto_scaling_group', 'resource_id', 'kubernetes_node', 'slurm_node', 'slurm_cluster'));
-- fact → text, the effective ones; what nobody said is not there
ALTER TABLE flotilla.instances ADD COLUMN placement jsonb NOT NULL DEFAULT '{}';

-- Down Migration

ALTER TABLE flotilla.instances DROP COLUMN placement;
DELETE FROM flotilla.instance_facts WHERE fact IN ('zone', 'account', 'lifecycle', 'auto_scaling_group', 'resource_id',
  'kubernetes_node', 'slurm_node', 'slurm_cluster');
ALTER TABLE flotilla.instance_facts DROP CONSTRAINT instance_facts_fact_check;
ALTER TABLE flotilla.instance_facts ADD CONSTRAINT instance_facts_fact_check CHECK (fact IN ('name', 'region',
  'instance_type', 'gpu_type', 'gpu_count', 'tags', 'hourly_cost', 'protected'));
