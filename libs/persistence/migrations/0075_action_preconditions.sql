-- Up Migration

-- A dry run is an action that ends with a sentence and changes nothing. It is never `open`: it holds no instance, and the
-- unique index over open actions stays as it is for replicas of the version before.
ALTER TABLE flotilla.actions ADD COLUMN dry_run boolean NOT NULL DEFAULT false;
ALTER TABLE flotilla.actions ADD CONSTRAINT actions_dry_run_holds_nothing CHECK (NOT (dry_run AND open));
-- [{device, pid, name, started_at_ms}]: the GPU processes that were known when it was requested. NULL: not asked.
ALTER TABLE flotilla.actions ADD COLUMN known_processes jsonb;
CREATE INDEX actions_live ON flotilla.actions (agent_id)
  WHERE open OR (dry_run AND status IN ('queued', 'dispatched', 'running'));

-- Down Migration

DELETE FROM flotilla.actions WHERE dry_run;
DROP INDEX flotilla.actions_live;
ALTER TABLE flotilla.actions DROP COLUMN known_processes;
ALTER TABLE flotilla.actions DROP CONSTRAINT actions_dry_run_holds_nothing;
ALTER TABLE flotilla.actions DROP COLUMN dry_run;
