-- Up Migration

-- The enforcement policy that asked, and which of its versions. NULL: a person, a key, a schedule.
ALTER TABLE flotilla.actions ADD COLUMN policy_id bigint, ADD COLUMN policy_version integer;
-- what policies did to an instance lately: few of many
CREATE INDEX actions_of_policies ON flotilla.actions (tenant_id, instance_id, requested_at DESC) WHERE policy_id IS NOT NULL;

-- Down Migration

DROP INDEX flotilla.actions_of_policies;
ALTER TABLE flotilla.actions DROP COLUMN policy_id, DROP COLUMN policy_version;
