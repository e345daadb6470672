-- Up Migration

-- Rules may be about one account, and say how they split in the words of the interface. Nothing wrote rules before this.
ALTER TABLE flotilla.cost_allocation_rules DROP COLUMN method, DROP COLUMN usage_basis;
ALTER TABLE flotilla.cost_allocation_rules
  ADD COLUMN account text,
  ADD COLUMN method text NOT NULL DEFAULT 'even' CHECK (method IN ('even', 'weighted', 'by_usage')),
  ADD COLUMN usage_basis text CHECK (usage_basis IN ('cost', 'gpu_hours')),
  ADD CONSTRAINT cost_allocation_rules_basis CHECK ((method = 'by_usage') = (usage_basis IS NOT NULL)),
  ADD CONSTRAINT cost_allocation_rules_weights CHECK (method <> 'weighted' OR targets IS NOT NULL);

-- Down Migration

ALTER TABLE flotilla.cost_allocation_rules DROP COLUMN account, DROP COLUMN method, DROP COLUMN usage_basis;
ALTER TABLE flotilla.cost_allocation_rules
  ADD COLUMN method text NOT NULL DEFAULT 'even' CHECK (method IN ('even', 'weighted', 'usage')),
  ADD COLUMN usage_basis text CHECK (usage_basis IN ('cost', 'gpu_hours')),
  ADD CHECK ((method = 'usage') = (usage_basis IS NOT NULL)),
  ADD CHECK (method <> 'weighted' OR targets IS NOT NULL);
