-- Up Migration

-- Who wrote a version, so that its author is not the second person for what it asks. NULL: written before this was kept.
ALTER TABLE flotilla.enforcement_policy_versions ADD COLUMN written_by_type text, ADD COLUMN written_by_id text;

-- Down Migration

ALTER TABLE flotilla.enforcement_policy_versions DROP COLUMN written_by_type, DROP COLUMN written_by_id;
