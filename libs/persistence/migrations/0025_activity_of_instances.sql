-- Up Migration

-- The idle list looks at the activity of the whole fleet first, and at the devices of the few instances in question only
-- then: for that an activity row knows its instance. The foreign key keeps it right when a device moves, and takes the row
-- away with its device.
ALTER TABLE flotilla.devices ADD CONSTRAINT devices_of_instances UNIQUE (tenant_id, id, instance_id);
ALTER TABLE flotilla.gpu_activity ADD COLUMN instance_id bigint;

-- row-level security binds the owner too; the ingest may read whose a device is
SET LOCAL ROLE flotilla_ingest;
DELETE FROM flotilla.gpu_activity a
WHERE NOT EXISTS (SELECT FROM flotilla.devices d WHERE d.tenant_id = a.tenant_id AND d.id = a.device_id);
UPDATE flotilla.gpu_activity a SET instance_id = d.instance_id
FROM flotilla.devices d WHERE d.tenant_id = a.tenant_id AND d.id = a.device_id;
RESET ROLE;

-- so that a replica of the version before, which does not know the column, fills it too
CREATE FUNCTION flotilla.find_instance_of_activity() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  SELECT d.instance_id INTO NEW.instance_id FROM flotilla.devices d WHERE d.tenant_id = NEW.tenant_id AND d.id = NEW.device_id;
  RETURN NEW;
END $$;
CREATE TRIGGER find_instance BEFORE INSERT ON flotilla.gpu_activity
  FOR EACH ROW EXECUTE FUNCTION flotilla.find_instance_of_activity();

ALTER TABLE flotilla.gpu_activity ALTER instance_id SET NOT NULL,
  ADD CONSTRAINT gpu_activity_of_device FOREIGN KEY (tenant_id, device_id, instance_id)
    REFERENCES flotilla.devices (tenant_id, id, instance_id) ON UPDATE CASCADE ON DELETE CASCADE;

CREATE OR REPLACE VIEW flotilla.my_gpu_activity WITH (security_barrier) AS
  SELECT a.device_id, a.last_minute, a.last_interval_s, a.gpu_utilization, a.memory_utilization, a.memory_used_mib, a.power_draw,
    a.levels, a.starts, a.instance_id
  FROM flotilla.gpu_activity a
  WHERE a.tenant_id = (SELECT flotilla.current_tenant());

-- Down Migration

DROP VIEW flotilla.my_gpu_activity;
CREATE VIEW flotilla.my_gpu_activity WITH (security_barrier) AS
  SELECT a.device_id, a.last_minute, a.last_interval_s, a.gpu_utilization, a.memory_utilization, a.memory_used_mib, a.power_draw,
    a.levels, a.starts
  FROM flotilla.gpu_activity a
  WHERE a.tenant_id = (SELECT flotilla.current_tenant());
GRANT SELECT ON flotilla.my_gpu_activity TO flotilla_app, flotilla_system;
DROP TRIGGER find_instance ON flotilla.gpu_activity;
DROP FUNCTION flotilla.find_instance_of_activity();
ALTER TABLE flotilla.gpu_activity DROP COLUMN instance_id;
ALTER TABLE flotilla.devices DROP CONSTRAINT devices_of_instances;
