-- Up Migration

-- A policy that says in words that machines which work are stopped, too; and the losses that a person accepted by name.
ALTER TABLE flotilla.actions ADD COLUMN even_busy boolean NOT NULL DEFAULT false, ADD COLUMN accepted text[] NOT NULL DEFAULT '{}';

-- Down Migration

ALTER TABLE flotilla.actions DROP COLUMN accepted, DROP COLUMN even_busy;
