-- Up Migration

-- A person in one tenant; the same e-mail may exist in several.
CREATE TABLE flotilla.users (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id bigint GENERATED ALWAYS AS IDENTITY,
  email text NOT NULL CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role text NOT NULL CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  -- may create and suspend tenants
  platform_operator boolean NOT NULL DEFAULT false,
  status text NOT NULL CHECK (status IN ('invited', 'active', 'disabled')),
  -- argon2id in PHC form; NULL until an invitation is accepted
  password_hash text,
  password_changed_at timestamptz,
  last_login_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  UNIQUE (tenant_id, email)
);
CREATE INDEX users_by_email ON flotilla.users (email);
SELECT flotilla.protect_tenant_table('flotilla.users');

-- A login and everything that was refreshed from it: the refresh family.
CREATE TABLE flotilla.login_sessions (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id uuid NOT NULL DEFAULT gen_random_uuid(),
  user_id bigint NOT NULL,
  address inet,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  revoked_at timestamptz,
  revoked_reason text,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES flotilla.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX login_sessions_by_user ON flotilla.login_sessions (tenant_id, user_id);
SELECT flotilla.protect_tenant_table('flotilla.login_sessions');

CREATE TABLE flotilla.refresh_tokens (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id uuid NOT NULL,
  session_id uuid NOT NULL,
  -- the token that this one was exchanged for; NULL for the login's own
  parent_id uuid,
  token_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  used_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, session_id) REFERENCES flotilla.login_sessions (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX refresh_tokens_by_session ON flotilla.refresh_tokens (tenant_id, session_id);
CREATE INDEX refresh_tokens_by_parent ON flotilla.refresh_tokens (tenant_id, parent_id);
SELECT flotilla.protect_tenant_table('flotilla.refresh_tokens');

-- A link with which its holder sets a password: an invitation, or a reset by an admin.
CREATE TABLE flotilla.invitations (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  id uuid NOT NULL,
  user_id bigint NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('invitation', 'password_reset')),
  token_hash bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  expires_at timestamptz NOT NULL,
  accepted_at timestamptz,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES flotilla.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX invitations_by_user ON flotilla.invitations (tenant_id, user_id);
SELECT flotilla.protect_tenant_table('flotilla.invitations');

CREATE TABLE flotilla.api_keys (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  -- the public part of the key
  id text NOT NULL CHECK (id ~ '^[0-9A-Za-z]{12}$'),
  name text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
  role text CHECK (role IN ('viewer', 'operator', 'admin', 'owner')),
  scopes text[] NOT NULL DEFAULT '{}' CHECK (scopes <@ ARRAY['agent', 'read', 'operate', 'admin', 'mcp']),
  -- SHA-256: the secret is random, so a slow hash would protect nothing more
  secret_hash bytea NOT NULL,
  last4 text NOT NULL,
  created_by bigint,
  rotated_from text,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, id),
  CHECK (role IS NOT NULL OR cardinality(scopes) > 0)
);
-- a key names itself before its tenant is known
CREATE UNIQUE INDEX api_keys_by_id ON flotilla.api_keys (id);
SELECT flotilla.protect_tenant_table('flotilla.api_keys');

-- Keys that sign access tokens; the private half is encrypted with the master key.
CREATE TABLE flotilla.signing_keys (
  kid text PRIMARY KEY,
  public_key text NOT NULL,
  private_key_sealed bytea NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  -- tokens of this key are refused from here on
  ends_at timestamptz NOT NULL
);
GRANT SELECT, INSERT, DELETE ON flotilla.signing_keys TO flotilla_system;

-- Look-ups before login, when no tenant is known yet. They run as flotilla_system (the owner of the tables is itself
-- bound by forced row security where it is no superuser).
CREATE FUNCTION flotilla.find_users_by_email(wanted text)
  RETURNS TABLE (tenant_id uuid, tenant_name text, tenant_status text, user_id bigint, status text, password_hash text)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT u.tenant_id, t.name, t.status, u.id, u.status, u.password_hash
      FROM flotilla.users u JOIN flotilla.tenants t ON t.tenant_id = u.tenant_id
     WHERE u.email = lower(wanted)
  $$;

CREATE FUNCTION flotilla.find_api_key(wanted text)
  RETURNS TABLE (tenant_id uuid, tenant_status text, rate_limit_per_minute integer, name text, role text, scopes text[],
                 secret_hash bytea, expires_at timestamptz, revoked_at timestamptz)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT k.tenant_id, t.status, t.rate_limit_per_minute, k.name, k.role, k.scopes, k.secret_hash, k.expires_at, k.revoked_at
      FROM flotilla.api_keys k JOIN flotilla.tenants t ON t.tenant_id = k.tenant_id
     WHERE k.id = wanted
  $$;

GRANT CREATE ON SCHEMA flotilla TO flotilla_system;
ALTER FUNCTION flotilla.find_users_by_email(text) OWNER TO flotilla_system;
ALTER FUNCTION flotilla.find_api_key(text) OWNER TO flotilla_system;
REVOKE CREATE ON SCHEMA flotilla FROM flotilla_system;
REVOKE ALL ON FUNCTION flotilla.find_users_by_email(text), flotilla.find_api_key(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flotilla.find_users_by_email(text), flotilla.find_api_key(text) TO flotilla_app;

GRANT INSERT ON flotilla.tenants TO flotilla_system;

-- Down Migration

DROP FUNCTION flotilla.find_api_key(text);
DROP FUNCTION flotilla.find_users_by_email(text);
DROP TABLE flotilla.signing_keys;
DROP TABLE flotilla.api_keys;
DROP TABLE flotilla.invitations;
DROP TABLE flotilla.refresh_tokens;
DROP TABLE flotilla.login_sessions;
DROP TABLE flotilla.users;
