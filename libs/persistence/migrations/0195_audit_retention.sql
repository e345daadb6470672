-- Up Migration

-- Where the chain of an audit begins since its oldest rows were removed after their time: the place and the hash of the last
-- one that is gone, signed with a key that is not in the database.
CREATE TABLE flotilla.audit_checkpoints (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  seq bigint NOT NULL,
  hash bytea NOT NULL CHECK (length(hash) = 32),
  -- the UTC day that ended there
  day date NOT NULL,
  made_at timestamptz NOT NULL DEFAULT now(),
  key_id text NOT NULL,
  signature bytea NOT NULL,
  PRIMARY KEY (tenant_id, seq)
);
SELECT flotilla.protect_tenant_table('flotilla.audit_checkpoints', 'SELECT');
REVOKE UPDATE, DELETE ON flotilla.audit_checkpoints FROM flotilla_system;

-- Jobs may delete what a checkpoint stands for, and nothing else.
GRANT DELETE ON flotilla.audit_log, flotilla.audit_chain TO flotilla_system;
CREATE POLICY below_checkpoint ON flotilla.audit_chain AS RESTRICTIVE FOR DELETE TO flotilla_system
  USING (seq <= (SELECT max(c.seq) FROM flotilla.audit_checkpoints c WHERE c.tenant_id = audit_chain.tenant_id));
CREATE POLICY below_checkpoint ON flotilla.audit_log AS RESTRICTIVE FOR DELETE TO flotilla_system
  USING (EXISTS (SELECT FROM flotilla.audit_chain x WHERE x.tenant_id = audit_log.tenant_id AND x.audit_id = audit_log.id
    AND x.seq <= (SELECT max(c.seq) FROM flotilla.audit_checkpoints c WHERE c.tenant_id = audit_log.tenant_id)));

-- Down Migration

DROP POLICY below_checkpoint ON flotilla.audit_log;
DROP POLICY below_checkpoint ON flotilla.audit_chain;
REVOKE DELETE ON flotilla.audit_log, flotilla.audit_chain FROM flotilla_system;
DROP TABLE flotilla.audit_checkpoints;
