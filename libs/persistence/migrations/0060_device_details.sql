-- Up Migration

-- What an agent knows of a GPU beside the columns: {"mig": {"profile", "gpu_instance_id", "compute_instance_id"},
-- "recovery_action", "attributes": {}, "nvlinks": [], "vgpus": []}. Shown, never searched.
ALTER TABLE flotilla.devices ADD COLUMN details jsonb NOT NULL DEFAULT '{}';

-- Down Migration

ALTER TABLE flotilla.devices DROP COLUMN details;
