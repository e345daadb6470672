-- Up Migration

-- Whose session tokens a tenant accepts besides our own: one issuer per tenant.
CREATE TABLE flotilla.tenant_oidc (
  tenant_id uuid PRIMARY KEY REFERENCES flotilla.tenants,
  -- `iss` of the tokens, letter by letter
  issuer text NOT NULL CHECK (length(issuer) BETWEEN 1 AND 300),
  jwks_url text NOT NULL CHECK (length(jwks_url) BETWEEN 1 AND 500),
  audience text NOT NULL CHECK (length(audience) BETWEEN 1 AND 300),
  default_role text NOT NULL CHECK (default_role IN ('viewer', 'operator', 'admin')),
  -- whether people who are not known yet become users
  create_users boolean NOT NULL,
  email_claim text NOT NULL CHECK (length(email_claim) BETWEEN 1 AND 100),
  name_claim text NOT NULL CHECK (length(name_claim) BETWEEN 1 AND 100),
  -- believes addresses without email_verified
  trust_email boolean NOT NULL,
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX tenant_oidc_by_issuer ON flotilla.tenant_oidc (issuer);
SELECT flotilla.protect_tenant_table('flotilla.tenant_oidc');

-- Which user a `sub` of an issuer is. Made at first sight by a verified e-mail; from then on the e-mail does not matter.
CREATE TABLE flotilla.user_identities (
  tenant_id uuid NOT NULL REFERENCES flotilla.tenants,
  issuer text NOT NULL,
  subject text NOT NULL CHECK (length(subject) BETWEEN 1 AND 255),
  user_id bigint NOT NULL,
  linked_at timestamptz NOT NULL DEFAULT now(),
  -- renewed at most once an hour
  seen_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, issuer, subject),
  FOREIGN KEY (tenant_id, user_id) REFERENCES flotilla.users (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX user_identities_by_user ON flotilla.user_identities (tenant_id, user_id);
SELECT flotilla.protect_tenant_table('flotilla.user_identities');

-- A token names its issuer before its tenant is known.
CREATE FUNCTION flotilla.find_oidc(wanted text)
  RETURNS TABLE (tenant_id uuid, issuer text, jwks_url text, audience text, default_role text, create_users boolean,
                 email_claim text, name_claim text, trust_email boolean)
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
  AS $$
    SELECT o.tenant_id, o.issuer, o.jwks_url, o.audience, o.default_role, o.create_users, o.email_claim, o.name_claim, o.trust_email
      FROM flotilla.tenant_oidc o JOIN flotilla.tenants t ON t.tenant_id = o.tenant_id
     WHERE o.issuer = wanted AND t.status = 'active'
     ORDER BY o.tenant_id
  $$;
GRANT CREATE ON SCHEMA flotilla TO flotilla_system;
ALTER FUNCTION flotilla.find_oidc(text) OWNER TO flotilla_system;
REVOKE CREATE ON SCHEMA flotilla FROM flotilla_system;
REVOKE ALL ON FUNCTION flotilla.find_oidc(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flotilla.find_oidc(text) TO flotilla_app;

-- Down Migration

DROP FUNCTION flotilla.find_oidc(text);
DROP TABLE flotilla.user_identities;
DROP TABLE flotilla.tenant_oidc;
