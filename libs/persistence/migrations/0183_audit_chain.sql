-- Up Migration

-- The audit is chained row by row, so that nobody can change it unseen, the owner of the database included. Writers do not
-- wait for each other: each leaves a note that its row is there, and one sealer takes what is committed, each second.
CREATE TABLE flotilla.audit_unsealed (
  tenant_id uuid NOT NULL,
  audit_id bigint NOT NULL,
  -- by the clock of the database; NULL: the row was there before the chain
  written_at timestamptz DEFAULT clock_timestamp(),
  PRIMARY KEY (tenant_id, audit_id)
);
SELECT flotilla.protect_tenant_table('flotilla.audit_unsealed', 'INSERT, SELECT');

CREATE TABLE flotilla.audit_chain (
  tenant_id uuid NOT NULL,
  seq bigint NOT NULL,
  audit_id bigint NOT NULL,
  written_at timestamptz,
  sealed_at timestamptz(3) NOT NULL,
  -- SHA-256 of the hash before and of the row
  hash bytea NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (tenant_id, seq),
  UNIQUE (tenant_id, audit_id)
);
SELECT flotilla.protect_tenant_table('flotilla.audit_chain', 'SELECT');
REVOKE UPDATE, DELETE ON flotilla.audit_chain FROM flotilla_system;

-- Where the chain ended on each UTC day, signed with a key that is not in the database.
CREATE TABLE flotilla.audit_heads (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  day date NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  key_id text NOT NULL,
  signature bytea NOT NULL,
  PRIMARY KEY (tenant_id, day)
);
SELECT flotilla.protect_tenant_table('flotilla.audit_heads', 'SELECT');
REVOKE DELETE ON flotilla.audit_heads FROM flotilla_system;

CREATE FUNCTION flotilla.note_audit() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  INSERT INTO flotilla.audit_unsealed (tenant_id, audit_id) VALUES (NEW.tenant_id, NEW.id);
  RETURN NULL;
END $$;
CREATE TRIGGER audit_noted AFTER INSERT ON flotilla.audit_log FOR EACH ROW EXECUTE FUNCTION flotilla.note_audit();

-- row-level security binds the owner too
SET LOCAL ROLE flotilla_system;
INSERT INTO flotilla.audit_unsealed (tenant_id, audit_id, written_at) SELECT a.tenant_id, a.id, NULL FROM flotilla.audit_log a;
RESET ROLE;

-- Down Migration

DROP TRIGGER audit_noted ON flotilla.audit_log;
DROP FUNCTION flotilla.note_audit();
DROP TABLE flotilla.audit_heads;
DROP TABLE flotilla.audit_chain;
DROP TABLE flotilla.audit_unsealed;
