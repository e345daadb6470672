-- Up Migration

-- Bills that were imported.
CREATE TABLE flotilla.cost_imports (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  -- the caller's name for the file, if it gave one
  file_name text CHECK (length(file_name) <= 300),
  -- sha256 of the bytes as they came
  digest bytea NOT NULL,
  bytes bigint NOT NULL,
  rows bigint NOT NULL DEFAULT 0,
  accepted bigint NOT NULL DEFAULT 0,
  updated bigint NOT NULL DEFAULT 0,
  duplicates bigint NOT NULL DEFAULT 0,
  rejected bigint NOT NULL DEFAULT 0,
  -- the first of them: [{line, column, error}]
  rejections jsonb NOT NULL DEFAULT '[]',
  first_day date,
  last_day date,
  imported_by text NOT NULL,
  imported_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id)
);
SELECT flotilla.protect_tenant_table('flotilla.cost_imports', 'SELECT, INSERT, UPDATE');
CREATE INDEX cost_imports_by_time ON flotilla.cost_imports (tenant_id, imported_at DESC);

-- Down Migration

DROP TABLE flotilla.cost_imports;
