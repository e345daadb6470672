-- Up Migration

-- How cost that belongs to nobody, or to all, is split over the values of a tag.
CREATE TABLE flotilla.cost_allocation_rules (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  -- the tag: team, project, cost_center, business_unit, ...
  key text NOT NULL CHECK (length(key) BETWEEN 1 AND 128),
  -- which charges; NULL: any. only_untagged leaves charges that carry the key alone
  service text,
  provider text,
  tag_key text,
  tag_value text,
  only_untagged boolean NOT NULL DEFAULT true,
  method text NOT NULL CHECK (method IN ('even', 'weighted', 'usage')),
  usage_basis text CHECK (usage_basis IN ('cost', 'gpu_hours')),
  -- [{value, weight}], in this order; NULL: every value that has cost of its own in the window
  targets jsonb,
  -- the smaller one takes a charge first
  priority integer NOT NULL DEFAULT 100,
  -- cost days, both included
  valid_from date,
  valid_to date,
  created_by text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, name),
  CHECK ((tag_key IS NULL) = (tag_value IS NULL)),
  CHECK ((method = 'usage') = (usage_basis IS NOT NULL)),
  CHECK (method <> 'weighted' OR targets IS NOT NULL),
  CHECK (valid_to >= valid_from)
);
SELECT flotilla.protect_tenant_table('flotilla.cost_allocation_rules');

-- Down Migration

DROP TABLE flotilla.cost_allocation_rules;
