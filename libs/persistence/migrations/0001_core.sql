-- Up Migration

-- Roles. They belong to the cluster, not to one database, so they may exist already; none can log in by itself: the
-- login role of the connection becomes one of them for the length of a session (libs/persistence, Db).
--   flotilla_app     requests: row-level security on every table, no ownership
--   flotilla_ingest  writes telemetry, nothing else
--   flotilla_system  work across tenants (dispatch, jobs): named policies, used only through Db.system
DO $$
DECLARE
  role_name text;
  -- from 16 on being a member and being able to become the role are two things
  become text := CASE WHEN current_setting('server_version_num')::integer >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
  FOREACH role_name IN ARRAY ARRAY['flotilla_app', 'flotilla_ingest', 'flotilla_system'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role_name) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE', role_name);
      END IF;
    EXCEPTION
      WHEN duplicate_object OR unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format(
          'the role %1$s may not create the role %2$s: give it CREATEROLE, or run as a superuser: CREATE ROLE %2$I NOLOGIN; GRANT %2$I TO %1$I;',
          current_user, role_name);
    END;
    BEGIN
      IF NOT pg_has_role(current_user, role_name, become) THEN
        EXECUTE format('GRANT %I TO CURRENT_USER', role_name);
      END IF;
    EXCEPTION
      WHEN unique_violation THEN NULL;
      WHEN insufficient_privilege THEN
        RAISE EXCEPTION USING ERRCODE = 'insufficient_privilege', MESSAGE = format(
          'the role %1$s may not become the role %2$s: run as a superuser: GRANT %2$I TO %1$I;', current_user, role_name);
    END;
  END LOOP;
END $$;

CREATE SCHEMA flotilla;
GRANT USAGE ON SCHEMA flotilla TO flotilla_app, flotilla_ingest, flotilla_system;

-- The tenant of the running transaction; NULL (no row matches) where none is set. After the first SET LOCAL the setting
-- is '' and not NULL, hence nullif.
CREATE FUNCTION flotilla.current_tenant() RETURNS uuid
  LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('flotilla.tenant_id', true), '')::uuid $$;

-- Every tenant table calls this once: row-level security for the application, named access for the system role.
CREATE FUNCTION flotilla.protect_tenant_table(table_name regclass, app_grants text DEFAULT 'SELECT, INSERT, UPDATE, DELETE')
  RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', table_name);
  EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', table_name);
  EXECUTE format('CREATE POLICY tenant ON %s TO flotilla_app, flotilla_ingest USING (tenant_id = flotilla.current_tenant()) WITH CHECK (tenant_id = flotilla.current_tenant())', table_name);
  EXECUTE format('CREATE POLICY system ON %s TO flotilla_system USING (true) WITH CHECK (true)', table_name);
  EXECUTE format('GRANT %s ON %s TO flotilla_app', app_grants, table_name);
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO flotilla_system', table_name);
END $$;
REVOKE ALL ON FUNCTION flotilla.protect_tenant_table(regclass, text) FROM PUBLIC;

-- Facts of this installation that no tenant owns.
CREATE TABLE flotilla.installation (
  id boolean PRIMARY KEY DEFAULT true CHECK (id),
  installation_id uuid NOT NULL DEFAULT gen_random_uuid(),
  created_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO flotilla.installation DEFAULT VALUES;
GRANT SELECT ON flotilla.installation TO flotilla_app, flotilla_system;

CREATE TABLE flotilla.tenants (
  tenant_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
  -- shown in the public login picker
  listed boolean NOT NULL DEFAULT true,
  currency char(3) NOT NULL DEFAULT 'USD' CHECK (currency ~ '^[A-Z]{3}$'),
  timezone text NOT NULL DEFAULT 'UTC',
  rate_limit_per_minute integer NOT NULL DEFAULT 1000 CHECK (rate_limit_per_minute BETWEEN 1 AND 1000000),
  idle_below_percent real NOT NULL DEFAULT 5 CHECK (idle_below_percent > 0 AND idle_below_percent <= 100),
  idle_for_minutes integer NOT NULL DEFAULT 30 CHECK (idle_for_minutes BETWEEN 1 AND 1440),
  require_second_person boolean NOT NULL DEFAULT false,
  require_approval boolean NOT NULL DEFAULT false,
  -- at most the installation's own retention (30 days, 13 months)
  raw_retention_days integer NOT NULL DEFAULT 30 CHECK (raw_retention_days BETWEEN 1 AND 30),
  packed_retention_months integer NOT NULL DEFAULT 13 CHECK (packed_retention_months BETWEEN 1 AND 13),
  simulated boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT flotilla.protect_tenant_table('flotilla.tenants', 'SELECT, UPDATE');

-- Who did what. Insert and read only: nobody but the retention job of the owner may change or delete a row.
CREATE TABLE flotilla.audit_log (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  event_type text NOT NULL,
  actor_type text NOT NULL CHECK (actor_type IN ('user', 'api_key', 'agent', 'system', 'anonymous')),
  actor_id text,
  actor_label text NOT NULL,
  address inet,
  request_id text,
  subject_type text,
  subject_id text,
  details jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_log_by_time ON flotilla.audit_log (tenant_id, at DESC, id DESC);
CREATE INDEX audit_log_by_event ON flotilla.audit_log (tenant_id, event_type, id DESC);
SELECT flotilla.protect_tenant_table('flotilla.audit_log', 'SELECT, INSERT');
REVOKE UPDATE, DELETE ON flotilla.audit_log FROM flotilla_system;

CREATE TABLE flotilla.agents (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  hostname text NOT NULL,
  machine_fingerprint text,
  version text,
  os text,
  kernel text,
  arch text,
  -- how it speaks: the stream, or POST /sync
  transport text NOT NULL DEFAULT 'grpc' CHECK (transport IN ('grpc', 'sync')),
  status text NOT NULL DEFAULT 'enrolled' CHECK (status IN ('enrolled', 'revoked')),
  simulated boolean NOT NULL DEFAULT false,
  enrolled_at timestamptz NOT NULL DEFAULT now(),
  revoked_at timestamptz,
  -- the live session; `connected_until` is a lease that heartbeats renew, so that a dead replica's agents go offline
  replica_id uuid,
  epoch bigint NOT NULL DEFAULT 0,
  connected_at timestamptz,
  connected_until timestamptz,
  disconnected_at timestamptz,
  last_seen_at timestamptz,
  clock_skew_ms integer,
  buffered_entries bigint,
  buffered_bytes bigint,
  dropped_entries bigint NOT NULL DEFAULT 0,
  degraded boolean NOT NULL DEFAULT false,
  interval_s real,
  collectors jsonb NOT NULL DEFAULT '[]',
  inventory_hash text,
  PRIMARY KEY (tenant_id, id)
);
-- an agent's id alone finds it (its certificate names it before a tenant is known)
CREATE UNIQUE INDEX agents_by_id ON flotilla.agents (id);
CREATE INDEX agents_by_replica ON flotilla.agents (replica_id) WHERE replica_id IS NOT NULL;
SELECT flotilla.protect_tenant_table('flotilla.agents');

CREATE TABLE flotilla.instances (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  cloud_provider text NOT NULL CHECK (cloud_provider ~ '^[a-z0-9_]{1,40}$'),
  -- the id that the provider gave it; `instance_id` on the wire
  provider_id text NOT NULL CHECK (length(provider_id) BETWEEN 1 AND 256),
  name text,
  region text,
  instance_type text,
  gpu_type text,
  gpu_count integer CHECK (gpu_count >= 0),
  state text NOT NULL DEFAULT 'unknown' CHECK (state IN ('running', 'stopped', 'terminated', 'pending', 'stopping', 'unknown')),
  state_changed_at timestamptz NOT NULL DEFAULT now(),
  -- effective facts: the best source wins (instance_facts holds them all)
  hourly_cost numeric(20, 10) CHECK (hourly_cost >= 0),
  currency char(3) NOT NULL DEFAULT 'USD',
  hourly_cost_source text,
  tags jsonb NOT NULL DEFAULT '{}',
  protected boolean NOT NULL DEFAULT false,
  -- counts every start and stop; a precondition may ask for it to be unchanged
  generation integer NOT NULL DEFAULT 0,
  agent_id uuid,
  simulated boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now(),
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, cloud_provider, provider_id),
  FOREIGN KEY (tenant_id, agent_id) REFERENCES flotilla.agents (tenant_id, id)
);
CREATE INDEX instances_by_provider_id ON flotilla.instances (tenant_id, provider_id);
CREATE INDEX instances_by_agent ON flotilla.instances (tenant_id, agent_id);
CREATE INDEX instances_by_tags ON flotilla.instances USING gin (tags jsonb_path_ops);
SELECT flotilla.protect_tenant_table('flotilla.instances');

-- What has samples: a GPU, a MIG instance, or the host itself (one row of kind 'host' per instance).
CREATE TABLE flotilla.devices (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id integer GENERATED ALWAYS AS IDENTITY,
  instance_id bigint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('gpu', 'mig', 'host')),
  -- the driver's uuid; 'host' for the host; 'index:N' where a source gives no uuid
  uuid text NOT NULL CHECK (length(uuid) BETWEEN 1 AND 128),
  gpu_index smallint,
  parent_uuid text,
  model text,
  memory_total_mib bigint,
  driver_version text,
  pci_bus_id text,
  serial text,
  mig_enabled boolean,
  -- {"<metric name>": "unsupported" | "forbidden" | "fault"}
  absences jsonb NOT NULL DEFAULT '{}',
  presence text NOT NULL DEFAULT 'present' CHECK (presence IN ('present', 'missing')),
  health text NOT NULL DEFAULT 'unknown' CHECK (health IN ('healthy', 'degraded', 'unhealthy', 'unknown')),
  health_reason text,
  health_since timestamptz,
  first_seen_at timestamptz NOT NULL DEFAULT now(),
  last_seen_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, instance_id, uuid),
  FOREIGN KEY (tenant_id, instance_id) REFERENCES flotilla.instances (tenant_id, id) ON DELETE CASCADE
);
SELECT flotilla.protect_tenant_table('flotilla.devices');

-- Down Migration

DROP SCHEMA flotilla CASCADE;
