-- Up Migration

-- What is next for a channel, by one look, however much waits for another one.
CREATE INDEX notification_outbox_next ON flotilla.notification_outbox (tenant_id, channel_id, due_at) WHERE state = 'pending';
DROP INDEX flotilla.notification_outbox_due;
CREATE INDEX notification_outbox_waiting ON flotilla.notification_outbox (due_at) WHERE state = 'waiting';
CREATE INDEX notification_outbox_held ON flotilla.notification_outbox (tenant_id) WHERE state = 'held';

-- Three days from here on it is given up; a redelivery begins them anew.
ALTER TABLE flotilla.notification_outbox ADD COLUMN trying_since timestamptz NOT NULL DEFAULT now();

-- A channel that was made has a state to lock.
CREATE FUNCTION flotilla.begin_channel_state() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO flotilla.notification_channel_states (tenant_id, channel_id) VALUES (NEW.tenant_id, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER begin_channel_state AFTER INSERT ON flotilla.notification_channels
  FOR EACH ROW EXECUTE FUNCTION flotilla.begin_channel_state();

-- Down Migration

ALTER TABLE flotilla.notification_outbox DROP COLUMN trying_since;
DROP TRIGGER begin_channel_state ON flotilla.notification_channels;
DROP FUNCTION flotilla.begin_channel_state();
DROP INDEX flotilla.notification_outbox_held;
DROP INDEX flotilla.notification_outbox_waiting;
CREATE INDEX notification_outbox_due ON flotilla.notification_outbox (due_at) WHERE state IN ('pending', 'waiting');
DROP INDEX flotilla.notification_outbox_next;
