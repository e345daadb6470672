-- Up Migration

-- A bill has a million charges, and what is looked at for each of them is what an import costs.
-- Nothing reads charges by their import.
DROP INDEX flotilla.costs_by_import;
-- Each check was a query of its own, up to half of an import. Who stores charges has looked the instance up in the same
-- transaction, and row-level security holds the tenant to the caller's.
ALTER TABLE flotilla.costs DROP CONSTRAINT costs_tenant_id_fkey, DROP CONSTRAINT costs_tenant_id_instance_id_fkey;

-- What the foreign key did for charges of an instance that is deleted: they stay, and name it no longer.
CREATE FUNCTION flotilla.unlink_costs() RETURNS trigger
  LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  UPDATE flotilla.costs c SET instance_id = NULL FROM gone g WHERE c.tenant_id = g.tenant_id AND c.instance_id = g.id;
  RETURN NULL;
END $$;
CREATE TRIGGER instance_costs_unlinked AFTER DELETE ON flotilla.instances
  REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION flotilla.unlink_costs();

-- Down Migration

DROP TRIGGER instance_costs_unlinked ON flotilla.instances;
DROP FUNCTION flotilla.unlink_costs();
-- row-level security binds the owner too
SET LOCAL ROLE flotilla_system;
UPDATE flotilla.costs c SET instance_id = NULL
 WHERE c.instance_id IS NOT NULL
   AND NOT EXISTS (SELECT FROM flotilla.instances i WHERE i.tenant_id = c.tenant_id AND i.id = c.instance_id);
RESET ROLE;
ALTER TABLE flotilla.costs
  ADD CONSTRAINT costs_tenant_id_fkey FOREIGN KEY (tenant_id) REFERENCES flotilla.tenants,
  ADD CONSTRAINT costs_tenant_id_instance_id_fkey FOREIGN KEY (tenant_id, instance_id)
    REFERENCES flotilla.instances (tenant_id, id) ON DELETE SET NULL (instance_id);
CREATE INDEX costs_by_import ON flotilla.costs (tenant_id, import_id) WHERE import_id IS NOT NULL;
