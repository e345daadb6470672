/** A fleet that comes back after the control plane was away needs so long (5,000 agents were seen back within 90 s). */
export const HEARING_S = 150;
/** A host whose replica died looks for another one first. */
const REPLICA_DIED_S = 150;
/** Between two calls of an agent that speaks POST /sync lie 30 s, as it is told. */
const SYNC_SILENT_S = 300;
const SKEW_MS = 30_000;
/** An agent whose clock wanders around the limit does not flap. */
const SKEW_OVER_MS = 20_000;
/** An Xid is over when no other one came for so long. */
const XID_OVER = '30 minutes';

const AGENT = `
  SELECT g.*, own.id AS instance_id, own.provider_id, coalesce(own.name, g.hostname) AS label,
         g.simulated OR t.simulated OR coalesce(own.simulated, false) AS made_up, own.state,
         EXISTS (SELECT FROM flotilla.alerts x WHERE x.tenant_id = g.tenant_id AND x.ended_at IS NULL
                   AND x.identity = 'built_in:clock_skew|agent:' || g.id) AS skewed
    FROM flotilla.agents g
    JOIN flotilla.tenants t ON t.tenant_id = g.tenant_id AND t.status = 'active'
    LEFT JOIN LATERAL (SELECT i.id, i.provider_id, i.name, i.state, i.simulated FROM flotilla.instances i
                        WHERE i.tenant_id = g.tenant_id AND i.agent_id = g.id
                        ORDER BY i.last_seen_at DESC NULLS LAST, i.id DESC LIMIT 1) own ON true
   WHERE g.status = 'enrolled'`;

const GPU = `
  SELECT d.*, i.provider_id, coalesce(i.name, i.provider_id) AS instance_label, i.simulated OR t.simulated AS made_up,
         i.id || '/' || d.uuid AS subject, 'GPU ' || coalesce(d.gpu_index::text, d.uuid) || ' of ' || coalesce(i.name, i.provider_id) AS label
    FROM flotilla.devices d
    JOIN flotilla.instances i ON i.tenant_id = d.tenant_id AND i.id = d.instance_id AND i.state NOT IN ('stopped', 'terminated')
    JOIN flotilla.tenants t ON t.tenant_id = d.tenant_id AND t.status = 'active'`;

const span = (interval: string) => `date_trunc('second', ${interval})::text`;

/**
 * Everything that is wrong now and that nobody has to write a rule for: one row per built-in rule and subject. Clocks are the
 * database's. An agent of a machine that is off is not silent but off.
 */
export const CONDITIONS = `
  agent AS MATERIALIZED (${AGENT}),
  wrong AS (
    SELECT a.tenant_id, 'agent_silent' AS key, 'agent' AS subject_type, a.id::text AS subject_id, a.label, a.instance_id,
           'Silent: ' || a.label AS title,
           'Nothing was heard of the agent on ' || a.hostname || ' for ' || ${span('now() - a.last_seen_at')}
             || coalesce('. Its stream ended with: ' || a.disconnect_reason, '')
             || '. The host may be off, cut off from the network, or its agent stopped.' AS message,
           jsonb_build_object('hostname', a.hostname, 'last_seen_at', a.last_seen_at, 'disconnect_reason', a.disconnect_reason) AS evidence,
           a.made_up AS simulated
      FROM agent a
     WHERE a.last_seen_at IS NOT NULL AND coalesce(a.state, 'running') NOT IN ('stopped', 'stopping', 'terminated')
       AND (SELECT w.hearing_since < now() - interval '${HEARING_S} seconds' FROM flotilla.alert_watch w)
       AND coalesce(a.connected_until, '-infinity') <= now()
       AND CASE WHEN a.transport = 'sync' THEN a.last_seen_at < now() - interval '${SYNC_SILENT_S} seconds'
                WHEN a.disconnect_reason LIKE '%nor of the replica%' THEN a.disconnected_at < now() - interval '${REPLICA_DIED_S} seconds'
                ELSE a.last_seen_at < now() - interval '55 seconds' END
    UNION ALL
    SELECT a.tenant_id, 'clock_skew', 'agent', a.id::text, a.label, a.instance_id, 'Clock off: ' || a.label,
           'The clock of ' || a.hostname || ' is ' || round(abs(a.clock_skew_ms) / 1000.0) || ' s '
             || CASE WHEN a.clock_skew_ms > 0 THEN 'ahead' ELSE 'behind' END
             || '. Its minutes are stored under its own clock, and those more than 5 minutes ahead are refused: set it right (NTP, chrony).',
           jsonb_build_object('clock_skew_ms', a.clock_skew_ms), a.made_up
      FROM agent a
     WHERE a.connected_until > now()
       AND abs(a.clock_skew_ms) > CASE WHEN a.skewed THEN ${SKEW_OVER_MS} ELSE ${SKEW_MS} END
    UNION ALL
    SELECT a.tenant_id, 'storage_full', 'agent', a.id::text, a.label, a.instance_id, 'Agent keeps nothing on disk: ' || a.label,
           'The agent on ' || a.hostname || ' cannot write its spool: the disk is full, read-only or broken. It goes on in memory, and loses what is not sent when it restarts.',
           jsonb_build_object('buffered_entries', a.buffered_entries, 'dropped_entries', a.dropped_entries), a.made_up
      FROM agent a WHERE a.degraded AND a.connected_until > now()
    UNION ALL
    SELECT d.tenant_id, 'gpu_missing', 'gpu', d.subject, d.label, d.instance_id, 'GPU missing: ' || d.label,
           d.label || ' (' || d.uuid || ') is not found any more; it was seen last at ' || to_char(d.last_seen_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') || ' UTC.',
           jsonb_build_object('gpu_uuid', d.uuid, 'gpu_index', d.gpu_index, 'pci_bus_id', d.pci_bus_id, 'last_seen_at', d.last_seen_at), d.made_up
      FROM (${GPU} WHERE d.kind = 'gpu' AND d.presence = 'missing' AND d.last_seen_at > now() - interval '7 days') d
    UNION ALL
    SELECT d.tenant_id, 'gpu_unhealthy', 'gpu', d.subject, d.label, d.instance_id, 'GPU unhealthy: ' || d.label,
           d.label || ': ' || coalesce(d.health_reason, 'its agent does not say why') || '. Advised: ' || replace(d.advised_action, '_', ' ') || '.',
           jsonb_build_object('gpu_uuid', d.uuid, 'gpu_index', d.gpu_index, 'reason', d.health_reason, 'evidence', d.health_evidence,
             'advised_action', d.advised_action, 'since', d.health_since), d.made_up
      FROM (${GPU} WHERE d.kind = 'gpu' AND d.health = 'unhealthy' AND d.presence = 'present') d
    UNION ALL
    -- what was raised by an event goes on until it was quiet for a time
    SELECT x.tenant_id, x.built_in, x.subject_type, x.subject_id, x.subject_label, x.instance_id, x.title, x.message, x.evidence, x.simulated
      FROM flotilla.alerts x
     WHERE x.built_in = 'gpu_error' AND x.ended_at IS NULL AND x.last_fired_at > now() - interval '${XID_OVER}'
  )`;

/** Built-in rules that are judged here; the others are evaluated with the minutes. */
export const KEYS = [
  'agent_silent',
  'clock_skew',
  'storage_full',
  'gpu_missing',
  'gpu_unhealthy',
  'gpu_error',
] as const;

/** What is wrong and no alert is open for. */
export const BEGUN = `
  WITH ${CONDITIONS}
  SELECT w.* FROM wrong w
   WHERE NOT EXISTS (SELECT FROM flotilla.alerts a WHERE a.tenant_id = w.tenant_id AND a.ended_at IS NULL
                       AND a.identity = 'built_in:' || w.key || '|' || w.subject_type || ':' || w.subject_id)
     AND NOT EXISTS (SELECT FROM flotilla.built_in_rules b WHERE b.tenant_id = w.tenant_id AND b.key = w.key AND NOT b.enabled)
   ORDER BY w.tenant_id, w.key, w.subject_id`;

/** Open alerts of built-in rules that nothing is wrong for any more. */
export const OVER = `
  WITH ${CONDITIONS}
  SELECT a.tenant_id, a.built_in AS key, a.subject_type, a.subject_id FROM flotilla.alerts a
   WHERE a.built_in = ANY ($1::text[]) AND a.ended_at IS NULL AND NOT (a.built_in = 'storage_full' AND a.subject_type <> 'agent')
     AND NOT EXISTS (SELECT FROM wrong w WHERE w.tenant_id = a.tenant_id AND w.key = a.built_in
                       AND w.subject_type = a.subject_type AND w.subject_id = a.subject_id)
   ORDER BY a.tenant_id, a.id`;

/** The newest Xid of each GPU of the last minutes that no alert knows yet. */
export const XIDS = `
  SELECT x.* FROM (
  SELECT DISTINCT ON (e.tenant_id, e.agent_id, e.device) e.tenant_id, 'gpu_error' AS key, 'gpu' AS subject_type,
         i.id || '/' || coalesce(nullif(e.device, ''), 'unknown') AS subject_id, i.id AS instance_id,
         coalesce('GPU ' || d.gpu_index, nullif(e.device, ''), 'A GPU') || ' of ' || coalesce(i.name, i.provider_id) AS label,
         'Xid ' || coalesce(e.details ->> 'xid', '') || ': ' || coalesce(i.name, i.provider_id) AS title, e.message,
         e.details || jsonb_build_object('event', e.agent_id || ':' || e.wal_epoch || ':' || e.seq, 'at', e.at) AS evidence,
         i.simulated OR t.simulated AS simulated
    FROM flotilla.agent_events e
    JOIN flotilla.tenants t ON t.tenant_id = e.tenant_id AND t.status = 'active'
    JOIN LATERAL (SELECT n.* FROM flotilla.instances n WHERE n.tenant_id = e.tenant_id AND n.agent_id = e.agent_id
                   ORDER BY n.last_seen_at DESC NULLS LAST, n.id DESC LIMIT 1) i ON true
    LEFT JOIN flotilla.devices d ON d.tenant_id = e.tenant_id AND d.instance_id = i.id AND d.uuid = e.device
   WHERE e.kind = 'xid' AND e.severity IN ('high', 'critical') AND e.received_at > now() - interval '2 minutes'
     -- after a day without a network nobody wants to be woken for what was
     AND e.at > now() - interval '1 hour'
   ORDER BY e.tenant_id, e.agent_id, e.device, e.received_at DESC, e.seq DESC) x
   WHERE NOT EXISTS (SELECT FROM flotilla.alerts a WHERE a.tenant_id = x.tenant_id AND a.built_in = 'gpu_error'
                       AND a.subject_id = x.subject_id AND a.evidence ->> 'event' = x.evidence ->> 'event')`;

/** That the house looks now; and since when it has done so without a break. */
export const LOOK = `
  UPDATE flotilla.alert_watch SET looked_at = now(),
    hearing_since = CASE WHEN looked_at < now() - interval '45 seconds' THEN now() ELSE hearing_since END`;
