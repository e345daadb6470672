import type { Actor, TenantRef, WriteTx } from '@flotilla/persistence';
import { notFound } from '../platform/index.js';
import { POLICY_COLUMNS } from './policy-rows.js';
import type { PolicyRow } from './policy-rows.js';
import type { PolicyDefinition } from './policy-wire.js';

/** The minute after this one, by the database's clock: what is made now decides from the first whole minute on. */
const NEXT_MINUTE = '(extract(epoch FROM clock_timestamp())::bigint / 60 + 1)::integer';

type Author = TenantRef & Pick<Actor, 'label' | 'type' | 'id'>;

/** Loads and saves policies; every change of what one says is a version that stays. */
export const policiesStore = {
  async insert(
    tx: WriteTx,
    actor: Author,
    definition: PolicyDefinition,
    enabled: boolean,
    templateId: string | null,
  ): Promise<PolicyRow> {
    const row = await tx.row<PolicyRow>(
      `INSERT INTO flotilla.enforcement_policies AS p
         (tenant_id, policy_name, enabled, start_minute, definition, template_id, created_by, updated_by)
       VALUES ($1, $2, $3, ${NEXT_MINUTE}, $4, $5, $6, $6) RETURNING ${POLICY_COLUMNS}`,
      [actor.tenantId, definition.policy_name, enabled, JSON.stringify(definition), templateId, actor.label],
    );
    await keepVersion(tx, actor, row!);
    return row!;
  },

  /** A new version, when what it says changed; on and off is no version. What it says now decides from the next minute on. */
  async update(
    tx: WriteTx,
    actor: Author,
    before: PolicyRow,
    definition: PolicyDefinition,
    enabled: boolean,
  ): Promise<PolicyRow> {
    const row = await tx.row<PolicyRow>(
      `UPDATE flotilla.enforcement_policies p
          SET policy_name = $3, definition = $4, enabled = $5, updated_by = $6, updated_at = now(),
              version = p.version + CASE WHEN p.definition = $4::jsonb THEN 0 ELSE 1 END,
              start_minute = CASE WHEN p.definition = $4::jsonb AND p.enabled = $5 THEN p.start_minute ELSE ${NEXT_MINUTE} END
        WHERE p.tenant_id = $1 AND p.id = $2 RETURNING ${POLICY_COLUMNS}`,
      [actor.tenantId, before.id, definition.policy_name, JSON.stringify(definition), enabled, actor.label],
    );
    if (row!.version !== before.version) await keepVersion(tx, actor, row!);
    return row!;
  },

  /** @throws AppError NOT_FOUND */
  async lock(tx: WriteTx, actor: TenantRef, id: number): Promise<PolicyRow> {
    const row = await tx.row<PolicyRow>(
      `SELECT ${POLICY_COLUMNS} FROM flotilla.enforcement_policies p
        WHERE p.tenant_id = $1 AND p.id = $2 AND p.deleted_at IS NULL FOR UPDATE`,
      [actor.tenantId, id],
    );
    if (!row) throw notFound('enforcement policy', id);
    return row;
  },

  async remove(tx: WriteTx, actor: TenantRef & { readonly label: string }, id: number): Promise<void> {
    await tx.rows(
      `UPDATE flotilla.enforcement_policies p SET deleted_at = now(), enabled = false, updated_by = $3, updated_at = now()
        WHERE p.tenant_id = $1 AND p.id = $2`,
      [actor.tenantId, id, actor.label],
    );
  },
};

const keepVersion = (tx: WriteTx, actor: Author, row: PolicyRow) =>
  tx.rows(
    `INSERT INTO flotilla.enforcement_policy_versions (tenant_id, policy_id, version, definition, written_by,
       written_by_type, written_by_id) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      ...[actor.tenantId, row.id, row.version, JSON.stringify(row.definition), row.updated_by],
      ...[actor.type ?? null, actor.id ?? null],
    ],
  );
