-- Up Migration

-- A budget may be of a model: `provider/model`, or the beginning of it and *.
ALTER TABLE flotilla.budgets DROP CONSTRAINT budgets_scope_check,
  ADD CONSTRAINT budgets_scope_check CHECK (scope IN ('all', 'service', 'team', 'tag', 'provider', 'account', 'instance', 'model'));

-- Down Migration

-- row-level security binds the owner too
SET LOCAL ROLE flotilla_system;
DELETE FROM flotilla.budgets WHERE scope = 'model';
RESET ROLE;
ALTER TABLE flotilla.budgets DROP CONSTRAINT budgets_scope_check,
  ADD CONSTRAINT budgets_scope_check CHECK (scope IN ('all', 'service', 'team', 'tag', 'provider', 'account', 'instance'));
