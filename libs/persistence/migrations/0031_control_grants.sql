-- Up Migration

-- Which controls that act from outside (clouds, BMCs, clusters) an agent may announce: without a grant it acts on its
-- own host alone, and no other machine's orders reach it.
ALTER TABLE flotilla.enrollment_tokens ADD COLUMN controls text[] NOT NULL DEFAULT '{}';
ALTER TABLE flotilla.agents
  ADD COLUMN controls text[] NOT NULL DEFAULT '{}',
  -- what it announced last and may not
  ADD COLUMN refused_controls text[] NOT NULL DEFAULT '{}';

-- Down Migration

ALTER TABLE flotilla.agents DROP COLUMN controls, DROP COLUMN refused_controls;
ALTER TABLE flotilla.enrollment_tokens DROP COLUMN controls;
