-- Up Migration

-- The boot of the host under which its state was set by an action: the same boot's inventory does not contradict a
-- verified outcome by habit, a later boot's does.
ALTER TABLE flotilla.instances ADD COLUMN state_boot_id text;

-- What this agent said last: the same again is a duplicate.
ALTER TABLE flotilla.instance_reports ADD COLUMN digest bytea;

-- Down Migration

ALTER TABLE flotilla.instance_reports DROP COLUMN digest;
ALTER TABLE flotilla.instances DROP COLUMN state_boot_id;
