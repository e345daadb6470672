-- Up Migration

-- Events of things whose state stands in a row come from the row itself: many statements change it (requests, dispatch,
-- reports of agents, jobs), and none may forget to tell.

CREATE FUNCTION flotilla.add_event(tenant uuid, event_type text, subject_type text, subject_id text, data jsonb, simulated boolean)
  RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  INSERT INTO flotilla.events (tenant_id, type, subject_type, subject_id, data, simulated)
  VALUES (tenant, event_type, subject_type, subject_id, data, simulated);
  PERFORM pg_notify('flotilla_events_written', '');
END $$;
REVOKE ALL ON FUNCTION flotilla.add_event(uuid, text, text, text, jsonb, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION flotilla.add_event(uuid, text, text, text, jsonb, boolean) TO flotilla_app, flotilla_ingest, flotilla_system;

-- Every step of an action; a dry run touches nothing and tells nothing.
CREATE FUNCTION flotilla.tell_action() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
DECLARE
  a record;
BEGIN
  SELECT x.verb, x.instance_id, x.requester_label, x.reason, x.dry_run, i.provider_id, i.simulated INTO a
    FROM flotilla.actions x JOIN flotilla.instances i ON i.tenant_id = x.tenant_id AND i.id = x.instance_id
   WHERE x.tenant_id = NEW.tenant_id AND x.id = NEW.action_id;
  IF NOT FOUND OR a.dry_run THEN RETURN NULL; END IF;
  PERFORM flotilla.add_event(NEW.tenant_id,
    CASE WHEN NEW.from_status IS NULL THEN 'action.requested'
         WHEN NEW.from_status = 'pending_approval' AND NEW.to_status = 'queued' THEN 'action.approved'
         ELSE 'action.' || NEW.to_status END,
    'action', NEW.action_id,
    jsonb_build_object('action_id', NEW.action_id, 'type', a.verb, 'instance_id', a.instance_id, 'provider_id', a.provider_id,
      'status', NEW.to_status, 'requested_by', a.requester_label, 'actor', NEW.actor_label, 'reason', a.reason, 'message', NEW.note),
    a.simulated);
  RETURN NULL;
END $$;
CREATE TRIGGER action_told AFTER INSERT ON flotilla.action_transitions
  FOR EACH ROW WHEN (NEW.from_status IS DISTINCT FROM NEW.to_status) EXECUTE FUNCTION flotilla.tell_action();

CREATE FUNCTION flotilla.tell_instance_state() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  PERFORM flotilla.add_event(NEW.tenant_id,
    CASE WHEN NEW.state = 'running' AND OLD.state <> 'unknown' THEN 'instance.started'
         WHEN NEW.state IN ('stopped', 'terminated') THEN 'instance.' || NEW.state
         ELSE 'instance.state_changed' END,
    'instance', NEW.id::text,
    jsonb_build_object('instance_id', NEW.id, 'provider_id', NEW.provider_id, 'cloud_provider', NEW.cloud_provider,
      'name', NEW.name, 'from', OLD.state, 'to', NEW.state),
    NEW.simulated);
  RETURN NULL;
END $$;
CREATE TRIGGER instance_state_told AFTER UPDATE OF state ON flotilla.instances
  FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION flotilla.tell_instance_state();

CREATE FUNCTION flotilla.tell_gpu_health() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
DECLARE
  i record;
BEGIN
  SELECT x.provider_id, x.simulated INTO i FROM flotilla.instances x WHERE x.tenant_id = NEW.tenant_id AND x.id = NEW.instance_id;
  PERFORM flotilla.add_event(NEW.tenant_id,
    CASE WHEN NEW.presence = 'missing' AND OLD.presence <> 'missing' THEN 'gpu.missing' ELSE 'gpu.' || NEW.health END,
    'gpu', NEW.uuid,
    jsonb_build_object('instance_id', NEW.instance_id, 'provider_id', i.provider_id, 'uuid', NEW.uuid, 'gpu_index', NEW.gpu_index,
      'health', NEW.health, 'before', OLD.health, 'reason', NEW.health_reason),
    coalesce(i.simulated, false));
  RETURN NULL;
END $$;
-- a GPU that is looked at for the first time was never ill, so that it is well is no news
CREATE TRIGGER gpu_health_told AFTER UPDATE OF health, presence ON flotilla.devices
  FOR EACH ROW WHEN (NEW.kind = 'gpu' AND (
    NEW.presence = 'missing' AND OLD.presence <> 'missing'
    OR NEW.health IN ('degraded', 'unhealthy') AND OLD.health <> NEW.health
    OR NEW.health = 'healthy' AND OLD.health IN ('degraded', 'unhealthy')))
  EXECUTE FUNCTION flotilla.tell_gpu_health();

-- Since when an agent is known to be silent and agent.silent was told; NULL: it is heard.
ALTER TABLE flotilla.agents ADD COLUMN silent_since timestamptz;
SET LOCAL ROLE flotilla_system;
UPDATE flotilla.agents SET silent_since = coalesce(disconnected_at, connected_until, last_seen_at, now())
 WHERE connected_until IS NULL OR connected_until < now();
RESET ROLE;
CREATE INDEX agents_silent ON flotilla.agents (tenant_id, id) WHERE silent_since IS NOT NULL;

CREATE FUNCTION flotilla.tell_agent() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  PERFORM flotilla.add_event(NEW.tenant_id,
    CASE WHEN TG_OP = 'INSERT' THEN 'agent.enrolled'
         WHEN NEW.status = 'revoked' AND OLD.status <> 'revoked' THEN 'agent.revoked'
         WHEN NEW.silent_since IS NULL THEN 'agent.connected'
         ELSE 'agent.silent' END,
    'agent', NEW.id::text,
    jsonb_build_object('agent_id', NEW.id, 'hostname', NEW.hostname,
      'last_seen_at', to_char(NEW.last_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')),
    NEW.simulated);
  RETURN NULL;
END $$;
CREATE TRIGGER agent_enrolled_told AFTER INSERT ON flotilla.agents FOR EACH ROW EXECUTE FUNCTION flotilla.tell_agent();
CREATE TRIGGER agent_told AFTER UPDATE OF status, silent_since ON flotilla.agents
  FOR EACH ROW WHEN (NEW.status = 'revoked' AND OLD.status <> 'revoked'
    OR NEW.status <> 'revoked' AND (NEW.silent_since IS NULL) <> (OLD.silent_since IS NULL))
  EXECUTE FUNCTION flotilla.tell_agent();

CREATE FUNCTION flotilla.tell_budget() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
BEGIN
  PERFORM flotilla.add_event(NEW.tenant_id, 'budget.threshold_crossed', 'budget', coalesce(NEW.budget_id::text, ''),
    jsonb_build_object('alert_id', NEW.id, 'budget_id', NEW.budget_id, 'name', NEW.budget_name, 'basis', NEW.basis,
      'percent', NEW.percent, 'actual', trim_scale(NEW.actual)::text, 'amount', trim_scale(NEW.amount)::text, 'currency', NEW.currency,
      'period_start', NEW.period_start::text, 'period_end', NEW.period_end::text,
      'message', format('%s: %s %% of %s %s reached (%s); spent so far: %s %s.', NEW.budget_name, trim_scale(NEW.percent),
        trim_scale(NEW.amount), NEW.currency, NEW.basis, trim_scale(NEW.actual), NEW.currency)),
    (SELECT t.simulated FROM flotilla.tenants t WHERE t.tenant_id = NEW.tenant_id));
  RETURN NULL;
END $$;
CREATE TRIGGER budget_told AFTER INSERT ON flotilla.budget_alerts FOR EACH ROW EXECUTE FUNCTION flotilla.tell_budget();

-- Who may do what: the audit knows who changed it.
CREATE FUNCTION flotilla.tell_security() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog
  AS $$
DECLARE
  u record;
  told text;
BEGIN
  IF NEW.subject_type = 'user' THEN
    SELECT x.email, x.role, x.status INTO u FROM flotilla.users x WHERE x.tenant_id = NEW.tenant_id AND x.id::text = NEW.subject_id;
    IF NOT FOUND THEN RETURN NULL; END IF;
    told := CASE
      WHEN NEW.event_type = 'user.invited' THEN 'user.invited'
      WHEN NEW.details -> 'after' ->> 'status' IS DISTINCT FROM NEW.details -> 'before' ->> 'status'
        THEN CASE u.status WHEN 'disabled' THEN 'user.disabled' ELSE 'user.enabled' END
      WHEN NEW.details -> 'after' ->> 'role' IS DISTINCT FROM NEW.details -> 'before' ->> 'role' THEN 'user.role_changed' END;
    IF told IS NULL THEN RETURN NULL; END IF;
    PERFORM flotilla.add_event(NEW.tenant_id, told, 'user', NEW.subject_id,
      jsonb_build_object('user_id', NEW.subject_id::bigint, 'email', u.email, 'role', u.role, 'actor', NEW.actor_label), false);
  ELSE
    PERFORM flotilla.add_event(NEW.tenant_id, CASE NEW.event_type WHEN 'api_key.issued' THEN 'api_key.created' ELSE NEW.event_type END,
      'api_key', NEW.subject_id,
      jsonb_build_object('key_id', NEW.subject_id, 'actor', NEW.actor_label, 'name',
        (SELECT k.name FROM flotilla.api_keys k WHERE k.tenant_id = NEW.tenant_id AND k.id = NEW.subject_id)), false);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER security_told AFTER INSERT ON flotilla.audit_log
  FOR EACH ROW WHEN (NEW.event_type IN ('user.invited', 'user.updated', 'api_key.issued', 'api_key.rotated', 'api_key.revoked'))
  EXECUTE FUNCTION flotilla.tell_security();

-- Down Migration

DROP TRIGGER security_told ON flotilla.audit_log;
DROP FUNCTION flotilla.tell_security();
DROP TRIGGER budget_told ON flotilla.budget_alerts;
DROP FUNCTION flotilla.tell_budget();
DROP TRIGGER agent_told ON flotilla.agents;
DROP TRIGGER agent_enrolled_told ON flotilla.agents;
DROP FUNCTION flotilla.tell_agent();
ALTER TABLE flotilla.agents DROP COLUMN silent_since;
DROP TRIGGER gpu_health_told ON flotilla.devices;
DROP FUNCTION flotilla.tell_gpu_health();
DROP TRIGGER instance_state_told ON flotilla.instances;
DROP FUNCTION flotilla.tell_instance_state();
DROP TRIGGER action_told ON flotilla.action_transitions;
DROP FUNCTION flotilla.tell_action();
DROP FUNCTION flotilla.add_event(uuid, text, text, text, jsonb, boolean);
