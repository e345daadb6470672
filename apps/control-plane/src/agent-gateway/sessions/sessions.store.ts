import type { AgentRef } from '@flotilla/domain';
import type { ReadTx, SystemTx } from '@flotilla/persistence';
import type { AgentEvent } from './entries.js';

/** How long an agent counts as connected after it was heard last: three heartbeats, and what writing it down may take. */
export const LEASE_S = 55;

/** A stream that wants to be the one of its agent. */
export interface Claim extends AgentRef {
  readonly keySha256: Buffer | null;
  readonly address: string | null;
  readonly bootId: string;
  readonly walEpoch: number;
  readonly hostname: string | null;
  readonly version: string | null;
  readonly os: string | null;
  readonly kernel: string | null;
  readonly arch: string | null;
  readonly fingerprint: string | null;
  readonly protocol: number;
  readonly capabilities: readonly string[];
  readonly intervalS: number | null;
  readonly clockSkewMs: number | null;
}

export interface Claimed {
  readonly id: string;
  readonly epoch: number;
  readonly inventory_hash: string | null;
  readonly hostname: string;
  /** Two machines with one identity took turns; told once an hour. */
  readonly clone_alarm: boolean;
  /** Devices of its own instance that are known already. */
  devices?: { readonly uuid: string; readonly id: number }[];
}

/**
 * Gives each agent a new epoch, owned by this replica. Agents that are not there, revoked, or of a suspended tenant are
 * missing in the answer.
 */
export const claimSessions = (tx: SystemTx, replicaId: string, claims: readonly Claim[]) =>
  tx.rows<Claimed>(
    `UPDATE flotilla.agents a
        SET epoch = a.epoch + 1, replica_id = $1, connected_at = now(), connected_until = now() + $2 * interval '1 second',
            disconnected_at = NULL, disconnect_reason = NULL, last_seen_at = now(), transport = 'grpc',
            address = v.address, boot_id = v.boot_id, wal_epoch = v.wal_epoch, protocol = v.protocol,
            hostname = coalesce(v.hostname, a.hostname), version = coalesce(v.version, a.version),
            os = coalesce(v.os, a.os), kernel = coalesce(v.kernel, a.kernel), arch = coalesce(v.arch, a.arch),
            capabilities = v.capabilities, interval_s = v.interval_s, clock_skew_ms = v.clock_skew_ms,
            key_sha256 = coalesce(v.key_sha256, a.key_sha256),
            candidate_key_sha256 = CASE WHEN a.candidate_key_sha256 = v.key_sha256 THEN NULL ELSE a.candidate_key_sha256 END,
            machine_fingerprint = coalesce(v.fingerprint, a.machine_fingerprint),
            previous_machine_fingerprint =
              CASE WHEN v.fingerprint <> a.machine_fingerprint THEN a.machine_fingerprint ELSE a.previous_machine_fingerprint END,
            fingerprint_changed_at = CASE WHEN v.fingerprint <> a.machine_fingerprint THEN now() ELSE a.fingerprint_changed_at END,
            clone_suspected_at =
              CASE WHEN v.fingerprint <> a.machine_fingerprint AND v.fingerprint = a.previous_machine_fingerprint
                    AND a.fingerprint_changed_at > now() - interval '1 day'
                    AND coalesce(a.clone_suspected_at, '-infinity') < now() - interval '1 hour'
                   THEN now() ELSE a.clone_suspected_at END
       FROM jsonb_to_recordset($3::jsonb) v (tenant_id uuid, id uuid, key_sha256 bytea, address inet, boot_id text,
              wal_epoch bigint, hostname text, version text, os text, kernel text, arch text, fingerprint text,
              protocol integer, capabilities jsonb, interval_s real, clock_skew_ms integer)
       JOIN flotilla.tenants o ON o.tenant_id = v.tenant_id AND o.status = 'active'
      WHERE a.tenant_id = v.tenant_id AND a.id = v.id AND a.status = 'enrolled'
      RETURNING a.id, a.epoch, a.inventory_hash, a.hostname, coalesce(a.clone_suspected_at = now(), false) AS clone_alarm`,
    [replicaId, LEASE_S, JSON.stringify(claims.map(toRow))],
  );

/** The devices of the agents' own instances (the registry's rule: the one seen last), in one question for a fleet. */
export const ownDevices = (tx: SystemTx, agents: readonly AgentRef[]) =>
  tx.rows<{ agent_id: string; uuid: string; id: number }>(
    `SELECT u.agent_id, d.uuid, d.id
       FROM unnest($1::uuid[], $2::uuid[]) AS u (tenant_id, agent_id)
      CROSS JOIN LATERAL (
        SELECT i.id FROM flotilla.instances i WHERE i.tenant_id = u.tenant_id AND i.agent_id = u.agent_id
         ORDER BY i.last_seen_at DESC NULLS LAST, i.id DESC LIMIT 1) own
       JOIN flotilla.devices d ON d.tenant_id = u.tenant_id AND d.instance_id = own.id`,
    [agents.map((agent) => agent.tenantId), agents.map((agent) => agent.agentId)],
  );

const toRow = (claim: Claim) => ({
  tenant_id: claim.tenantId,
  id: claim.agentId,
  key_sha256: claim.keySha256 && `\\x${claim.keySha256.toString('hex')}`,
  address: claim.address,
  boot_id: claim.bootId,
  wal_epoch: claim.walEpoch,
  hostname: claim.hostname,
  version: claim.version,
  os: claim.os,
  kernel: claim.kernel,
  arch: claim.arch,
  fingerprint: claim.fingerprint,
  protocol: claim.protocol,
  capabilities: claim.capabilities,
  interval_s: claim.intervalS,
  clock_skew_ms: claim.clockSkewMs,
});

/** What is new about a stream since it was written down last. */
export interface Pulse extends AgentRef {
  readonly epoch: number;
  /** Milliseconds since the agent was heard. */
  readonly silentMs: number;
  readonly clockSkewMs: number | null;
  readonly bufferedEntries: number | null;
  readonly bufferedBytes: number | null;
  readonly droppedEntries: number | null;
  readonly degraded: boolean;
  /** JSON array; null: nothing new. */
  readonly collectorsJson: string | null;
  /** Unix seconds of the newest minute stored since; null: none. */
  readonly newestMinuteS: number | null;
  readonly rejectedEntries: number;
  readonly futureSamples: number;
  readonly lastError: string | null;
}

/** Renews the leases. @returns ids of the agents whose stream is still the one that owns them */
export const renewLeases = (tx: SystemTx, replicaId: string, pulses: readonly Pulse[]) =>
  tx.rows<{ id: string }>(
    `UPDATE flotilla.agents a
        SET replica_id = $1, connected_until = now() + $2 * interval '1 second' - v.silent_ms * interval '1 millisecond',
            last_seen_at = now() - v.silent_ms * interval '1 millisecond', disconnected_at = NULL,
            clock_skew_ms = coalesce(v.clock_skew_ms, a.clock_skew_ms),
            buffered_entries = coalesce(v.buffered_entries, a.buffered_entries),
            buffered_bytes = coalesce(v.buffered_bytes, a.buffered_bytes),
            dropped_entries = coalesce(v.dropped_entries, a.dropped_entries), degraded = v.degraded,
            collectors = coalesce(v.collectors, a.collectors),
            newest_minute_at = greatest(a.newest_minute_at, to_timestamp(v.newest_minute_s)),
            rejected_entries = a.rejected_entries + v.rejected_entries,
            future_samples = a.future_samples + v.future_samples,
            last_error = coalesce(v.last_error, a.last_error),
            last_error_at = CASE WHEN v.last_error IS NULL THEN a.last_error_at ELSE now() END
       FROM (SELECT * FROM jsonb_to_recordset($3::jsonb) r (tenant_id uuid, id uuid, epoch bigint, silent_ms integer,
              clock_skew_ms integer, buffered_entries bigint, buffered_bytes bigint, dropped_entries bigint,
              degraded boolean, collectors jsonb, newest_minute_s bigint, rejected_entries bigint,
              future_samples bigint, last_error text) ORDER BY id) v
      WHERE a.tenant_id = v.tenant_id AND a.id = v.id AND a.epoch = v.epoch AND a.status = 'enrolled'
      RETURNING a.id`,
    [
      replicaId,
      LEASE_S,
      JSON.stringify(
        pulses.map((pulse) => ({
          tenant_id: pulse.tenantId,
          id: pulse.agentId,
          epoch: pulse.epoch,
          silent_ms: pulse.silentMs,
          clock_skew_ms: pulse.clockSkewMs,
          buffered_entries: pulse.bufferedEntries,
          buffered_bytes: pulse.bufferedBytes,
          dropped_entries: pulse.droppedEntries,
          degraded: pulse.degraded,
          collectors: pulse.collectorsJson && (JSON.parse(pulse.collectorsJson) as unknown),
          newest_minute_s: pulse.newestMinuteS,
          rejected_entries: pulse.rejectedEntries,
          future_samples: pulse.futureSamples,
          last_error: pulse.lastError,
        })),
      ),
    ],
  );

/** Writes down that streams ended; a newer stream of the same agent is left alone. @returns those that it was true for */
export const releaseSessions = (
  tx: SystemTx,
  replicaId: string,
  ended: readonly (AgentRef & { readonly epoch: number; readonly reason: string })[],
) =>
  tx.rows<{ id: string }>(
    `UPDATE flotilla.agents a
        SET replica_id = NULL, connected_until = NULL, disconnected_at = now(), disconnect_reason = v.reason
       FROM jsonb_to_recordset($2::jsonb) v (tenant_id uuid, id uuid, epoch bigint, reason text)
      WHERE a.tenant_id = v.tenant_id AND a.id = v.id AND a.epoch = v.epoch AND a.replica_id = $1
      RETURNING a.id`,
    [
      replicaId,
      JSON.stringify(
        ended.map((one) => ({ tenant_id: one.tenantId, id: one.agentId, epoch: one.epoch, reason: one.reason })),
      ),
    ],
  );

/** Streams whose lease ended without a word: their replica died. */
export const expireLeases = (tx: SystemTx) =>
  tx.rows<{ tenant_id: string; id: string; epoch: number }>(
    `UPDATE flotilla.agents a
        SET replica_id = NULL, disconnected_at = a.connected_until, connected_until = NULL,
            disconnect_reason = 'nothing was heard of it, nor of the replica that held its stream'
      WHERE a.replica_id IS NOT NULL AND a.connected_until <= now()
      RETURNING a.tenant_id, a.id, a.epoch`,
  );

export const sessionStanding = (tx: SystemTx, ids: readonly string[]) =>
  tx.rows<{ id: string; status: string; epoch: number; tenant_status: string }>(
    `SELECT a.id, a.status, a.epoch, o.status AS tenant_status
       FROM flotilla.agents a JOIN flotilla.tenants o ON o.tenant_id = a.tenant_id WHERE a.id = ANY ($1::uuid[])`,
    [ids],
  );

export const saveInventoryHash = (tx: ReadTx, agent: AgentRef, epoch: number, hash: string) =>
  tx.rows(`UPDATE flotilla.agents a SET inventory_hash = $4 WHERE a.tenant_id = $1 AND a.id = $2 AND a.epoch = $3`, [
    agent.tenantId,
    agent.agentId,
    epoch,
    hash,
  ]);

/** A repeated entry is the same row. */
export const insertEvents = (tx: ReadTx, agent: AgentRef, walEpoch: number, events: readonly AgentEvent[]) =>
  tx.rows(
    `INSERT INTO flotilla.agent_events (tenant_id, agent_id, wal_epoch, seq, at, kind, severity, device, message, details)
     SELECT $1, $2, $3, v.seq, to_timestamp(v.at_ms / 1000.0), v.kind, v.severity, v.device, v.message, v.details
       FROM jsonb_to_recordset($4::jsonb) v (seq bigint, at_ms double precision, kind text, severity text, device text,
              message text, details jsonb)
     ON CONFLICT DO NOTHING`,
    [
      agent.tenantId,
      agent.agentId,
      walEpoch,
      JSON.stringify(
        events.map((event) => ({
          seq: event.seq,
          at_ms: event.atMs,
          kind: event.kind,
          severity: event.severity,
          device: event.device,
          message: event.message,
          details: JSON.parse(event.detailsJson) as unknown,
        })),
      ),
    ],
  );

/** Agents that were revoked in the last minutes, and tenants that are suspended. */
export const recentlyRevoked = (tx: SystemTx) =>
  tx.rows<{ agent_ids: string[]; tenant_ids: string[] }>(
    `SELECT ARRAY(SELECT a.id FROM flotilla.agents a WHERE a.revoked_at > now() - interval '5 minutes') AS agent_ids,
            ARRAY(SELECT o.tenant_id FROM flotilla.tenants o WHERE o.status = 'suspended') AS tenant_ids`,
  );
