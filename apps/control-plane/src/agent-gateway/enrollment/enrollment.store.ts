import type { AgentRef } from '@flotilla/domain';
import type { SystemTx } from '@flotilla/persistence';

export interface TokenRow {
  readonly tenant_id: string;
  readonly id: string;
  readonly secret_sha256: Buffer;
  readonly multi_use: boolean;
  readonly controls: string[];
  readonly uses: number;
  readonly expired: boolean;
  readonly revoked: boolean;
  readonly tenant_active: boolean;
}

export interface NewAgent extends AgentRef {
  readonly tokenId: string;
  /** Kinds of controls from outside that it may announce. */
  readonly controls: readonly string[];
  readonly hostname: string;
  readonly machineFingerprint: string | null;
  readonly version: string | null;
  readonly os: string | null;
  readonly kernel: string | null;
  readonly arch: string | null;
  readonly address: string | null;
  readonly keySha256: Buffer;
  readonly notAfterMs: number;
}

export interface AgentKeys {
  readonly status: 'enrolled' | 'revoked';
  readonly tenant_active: boolean;
  readonly key_sha256: Buffer | null;
  readonly candidate_key_sha256: Buffer | null;
}

export const findToken = (tx: SystemTx, id: string) =>
  tx.row<TokenRow>(
    `SELECT t.tenant_id, t.id, t.secret_sha256, t.multi_use, t.controls, t.uses, t.expires_at <= now() AS expired,
            t.revoked_at IS NOT NULL AS revoked, o.status = 'active' AS tenant_active
       FROM flotilla.enrollment_tokens t JOIN flotilla.tenants o ON o.tenant_id = t.tenant_id
      WHERE t.id = $1`,
    [id],
  );

/** Counts one use. @returns false when the token ended, was revoked or used up in the meantime */
export async function useToken(tx: SystemTx, tenantId: string, id: string): Promise<boolean> {
  const used = await tx.rows(
    `UPDATE flotilla.enrollment_tokens t SET uses = t.uses + 1, last_used_at = now()
      WHERE t.tenant_id = $1 AND t.id = $2 AND t.revoked_at IS NULL AND t.expires_at > now()
        AND (t.multi_use OR t.uses = 0)
      RETURNING t.id`,
    [tenantId, id],
  );
  return used.length === 1;
}

export async function insertAgent(tx: SystemTx, agent: NewAgent): Promise<void> {
  await tx.rows(
    `INSERT INTO flotilla.agents (tenant_id, id, enrollment_token_id, hostname, machine_fingerprint, version, os, kernel,
       arch, address, candidate_key_sha256, certificate_not_after, controls,
       transport)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, to_timestamp($12 / 1000.0), $13, 'grpc')`,
    [
      agent.tenantId,
      agent.agentId,
      agent.tokenId,
      agent.hostname,
      agent.machineFingerprint,
      agent.version,
      agent.os,
      agent.kernel,
      agent.arch,
      agent.address,
      agent.keySha256,
      agent.notAfterMs,
      agent.controls,
    ],
  );
}

export const findAgentKeys = (tx: SystemTx, agent: AgentRef) =>
  tx.row<AgentKeys>(
    `SELECT a.status, o.status = 'active' AS tenant_active, a.key_sha256, a.candidate_key_sha256
       FROM flotilla.agents a JOIN flotilla.tenants o ON o.tenant_id = a.tenant_id
      WHERE a.tenant_id = $1 AND a.id = $2`,
    [agent.tenantId, agent.agentId],
  );

/** Remembers a newly certified key as a candidate. @returns false when the agent was revoked in the meantime */
export async function saveCandidate(tx: SystemTx, agent: AgentRef, key: Buffer, notAfterMs: number): Promise<boolean> {
  const saved = await tx.rows(
    `UPDATE flotilla.agents a
        SET candidate_key_sha256 = CASE WHEN a.key_sha256 = $3 THEN a.candidate_key_sha256 ELSE $3 END,
            certificate_not_after = to_timestamp($4 / 1000.0)
      WHERE a.tenant_id = $1 AND a.id = $2 AND a.status = 'enrolled'
      RETURNING a.id`,
    [agent.tenantId, agent.agentId, key, notAfterMs],
  );
  return saved.length === 1;
}
