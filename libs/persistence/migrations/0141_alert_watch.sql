-- Up Migration

-- Since when the house has been able to hear its agents without a break: before, their silence means nothing. One row.
CREATE TABLE flotilla.alert_watch (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  looked_at timestamptz NOT NULL DEFAULT '-infinity',
  hearing_since timestamptz NOT NULL DEFAULT now()
);
INSERT INTO flotilla.alert_watch DEFAULT VALUES;
GRANT SELECT, INSERT, UPDATE ON flotilla.alert_watch TO flotilla_system;

CREATE INDEX devices_missing ON flotilla.devices (tenant_id, instance_id) WHERE kind = 'gpu' AND presence = 'missing';

-- Down Migration

DROP INDEX flotilla.devices_missing;
DROP TABLE flotilla.alert_watch;
