-- Up Migration

-- The built-in rule on full disks looks at the newest reading of every host, of all tenants at once.
GRANT SELECT ON flotilla.gpu_live TO flotilla_system;

-- Down Migration

REVOKE SELECT ON flotilla.gpu_live FROM flotilla_system;
