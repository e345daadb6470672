-- Up Migration

-- merge: the file adds and corrects; replace: its bills are in the ledger as the file has them, and nothing else of them.
ALTER TABLE flotilla.cost_imports
  ADD COLUMN mode text NOT NULL DEFAULT 'merge' CHECK (mode IN ('merge', 'replace')),
  -- charges that the file does not have any more
  ADD COLUMN removed bigint NOT NULL DEFAULT 0;

-- Down Migration

ALTER TABLE flotilla.cost_imports DROP COLUMN removed, DROP COLUMN mode;
