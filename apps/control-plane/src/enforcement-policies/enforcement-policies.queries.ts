import { Injectable } from '@nestjs/common';
import type { EnforcementPolicy, EnforcementPolicyQuery, PolicyTemplate, PolicyVersion } from '@flotilla/contracts';
import { describePolicy, POLICY_TEMPLATES } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { enforcementSettings, timezoneOf } from './enforcement-settings.js';
import { warningsOf } from './policy-checks.js';
import { definitionOfTemplate, rulesOf } from './policy-wire.js';
import { enabledPolicies, POLICY_COLUMNS } from './policy-rows.js';
import type { PolicyRow } from './policy-rows.js';

type Policy = z.input<typeof EnforcementPolicy>;
type Version = z.input<typeof PolicyVersion>;
const SCOPE = 'enforcement-policies:id';

@Injectable()
export class EnforcementPoliciesQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: EnforcementPolicyQuery): Promise<Page<Policy>> {
    const { offset, limit } = pageWindow(query);
    const after = query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.int()]))[0];
    const filter = [
      actor.tenantId,
      query.enabled ?? null,
      query.policy_type ?? null,
      query.execution_mode ?? null,
      query.severity ?? null,
    ];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.enforcement_policies p ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<ShownRow>(
        `SELECT ${SHOWN} FROM flotilla.enforcement_policies p ${WHERE} AND ($6::bigint IS NULL OR p.id > $6)
          ORDER BY p.id LIMIT $7 OFFSET $8`,
        [...filter, after, limit + 1, offset],
      );
      const others = await enabledPolicies(tx, actor);
      const page = pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.id]));
      return { ...page, items: page.items.map((row) => policyOnWire(row, others)) };
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: number): Promise<Policy> {
    return this.db.read(actor, async (tx) => {
      const row = await tx.row<ShownRow>(
        `SELECT ${SHOWN} FROM flotilla.enforcement_policies p
          WHERE p.tenant_id = $1 AND p.id = $2 AND p.deleted_at IS NULL`,
        [actor.tenantId, id],
      );
      if (!row) throw notFound('enforcement policy', id);
      return policyOnWire(row, await enabledPolicies(tx, actor));
    });
  }

  /** Newest first, also of a policy that was deleted. @throws AppError NOT_FOUND */
  async versions(actor: TenantRef, id: number): Promise<Version[]> {
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<Version & Record<string, unknown>>(
        `SELECT v.version, v.written_by, v.written_at, v.definition AS policy FROM flotilla.enforcement_policy_versions v
          WHERE v.tenant_id = $1 AND v.policy_id = $2 ORDER BY v.version DESC`,
        [actor.tenantId, id],
      ),
    );
    if (rows.length === 0) throw notFound('enforcement policy', id);
    return rows;
  }

  async settings(actor: TenantRef) {
    const { protectionTags } = await this.db.read(actor, (tx) => enforcementSettings.read(tx, actor));
    return { protection_tags: [...protectionTags] };
  }

  async templates(actor: TenantRef): Promise<z.input<typeof PolicyTemplate>[]> {
    const timezone = await this.db.read(actor, (tx) => timezoneOf(tx, actor));
    return POLICY_TEMPLATES.map((template) => ({
      id: template.id,
      sentence: template.sentence,
      policy: { ...(definitionOfTemplate(template, timezone) as unknown as Omit<Policy, 'enabled'>), enabled: true },
    }));
  }
}

interface ShownRow extends PolicyRow {
  readonly last_triggered_at: Date | null;
}

const SHOWN = `${POLICY_COLUMNS},
  (SELECT to_timestamp(max(r.minute) * 60::bigint) FROM flotilla.policy_runs r
    WHERE r.tenant_id = p.tenant_id AND r.policy_id = p.id AND r.kind = 'triggered') AS last_triggered_at`;

const WHERE = `WHERE p.tenant_id = $1 AND p.deleted_at IS NULL AND ($2::boolean IS NULL OR p.enabled = $2)
  AND ($3::text IS NULL OR p.definition ->> 'policy_type' = $3) AND ($4::text IS NULL OR p.definition ->> 'execution_mode' = $4)
  AND ($5::text IS NULL OR p.definition ->> 'severity' = $5)`;

function policyOnWire(row: ShownRow, others: readonly PolicyRow[]): Policy {
  const { definition, start_minute: _, ...rest } = row;
  return {
    ...(definition as unknown as Policy),
    ...rest,
    summary: describePolicy(rulesOf(definition)),
    warnings: warningsOf(row, others),
  };
}
