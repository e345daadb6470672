import { Injectable } from '@nestjs/common';
import type {
  CreateEnforcementPolicyBody,
  EnforcementSettingsBody,
  FromTemplateBody,
  TogglePolicyBody,
  UpdateEnforcementPolicyBody,
} from '@flotilla/contracts';
import { POLICY_TEMPLATES } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { AppError, notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { enforcementSettings, timezoneOf } from './enforcement-settings.js';
import { assertFits } from './policy-checks.js';
import { DEFINITION_FIELDS, definitionOfTemplate } from './policy-wire.js';
import type { PolicyDefinition } from './policy-wire.js';
import { policiesStore } from './enforcement-policies.store.js';
import type { PolicyRow } from './policy-rows.js';

/** So many policies are looked at every minute. */
const MOST_POLICIES = 500;

/** Enforcement policies: made, changed, switched and deleted. */
@Injectable()
export class EnforcementPoliciesService {
  constructor(private readonly db: Db) {}

  /** @throws AppError VALIDATION_ERROR names the field and the mend; CONFLICT for a taken name */
  async create(actor: RequestActor, body: CreateEnforcementPolicyBody): Promise<number> {
    return this.db.write(actor, (tx) => add(tx, actor, definitionOf(body), body.enabled, null));
  }

  /** @throws AppError as `create`; NOT_FOUND for a template that does not exist */
  async fromTemplate(actor: RequestActor, templateId: string, body: FromTemplateBody): Promise<number> {
    const template = POLICY_TEMPLATES.find(({ id }) => id === templateId);
    if (!template) throw notFound('policy template', templateId);
    return this.db.write(actor, async (tx) => {
      const wanted = { ...definitionOfTemplate(template, await timezoneOf(tx, actor)), ...given(body) };
      return add(tx, actor, definitionOf(wanted), body.enabled ?? true, templateId);
    });
  }

  /** Fields that are left out stay as they are. @throws AppError as `create`; NOT_FOUND */
  async update(actor: RequestActor, id: number, body: UpdateEnforcementPolicyBody): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const before = await policiesStore.lock(tx, actor, id);
      const wanted = definitionOf({ ...before.definition, ...given(body) });
      const definition = await assertFits(tx, actor, wanted, id);
      const row = await policiesStore.update(tx, actor, before, definition, body.enabled ?? before.enabled);
      await recordChange(tx, 'enforcement_policy.changed', before, row);
    });
  }

  /** On, off, or the other one. @throws AppError NOT_FOUND */
  async toggle(actor: RequestActor, id: number, body: TogglePolicyBody): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const before = await policiesStore.lock(tx, actor, id);
      const enabled = body.enabled ?? !before.enabled;
      const row = await policiesStore.update(tx, actor, before, before.definition, enabled);
      await recordChange(tx, enabled ? 'enforcement_policy.enabled' : 'enforcement_policy.disabled', before, row);
    });
  }

  async changeSettings(actor: RequestActor, body: EnforcementSettingsBody): Promise<void> {
    await this.db.write(actor, async (tx) => {
      await enforcementSettings.keep(tx, actor, body.protection_tags);
      await tx.record('enforcement_settings.changed', { type: 'tenant', id: actor.tenantId }, { ...body });
    });
  }

  /** Its history stays. @throws AppError NOT_FOUND */
  async remove(actor: RequestActor, id: number): Promise<void> {
    await this.db.write(actor, async (tx) => {
      const { definition, version } = await policiesStore.lock(tx, actor, id);
      await policiesStore.remove(tx, actor, id);
      const subject = { type: 'enforcement_policy', id };
      await tx.record('enforcement_policy.deleted', subject, { policy_name: definition.policy_name, version });
    });
  }
}

async function add(
  tx: WriteTx,
  actor: RequestActor,
  wanted: PolicyDefinition,
  enabled: boolean,
  templateId: string | null,
): Promise<number> {
  // two at once would both find room
  await tx.rows(`SELECT pg_advisory_xact_lock(hashtextextended('enforcement_policies ' || $1, 0))`, [actor.tenantId]);
  const counted = await tx.row<{ count: number }>(
    'SELECT count(*) AS count FROM flotilla.enforcement_policies p WHERE p.tenant_id = $1 AND p.deleted_at IS NULL',
    [actor.tenantId],
  );
  if (counted!.count >= MOST_POLICIES) {
    const message = `There are ${MOST_POLICIES} policies, and each is looked at every minute. Delete one that is not needed any more.`;
    throw new AppError('CONFLICT', message, { field: 'policy_name', value: wanted.policy_name });
  }
  const definition = await assertFits(tx, actor, wanted, null);
  const row = await policiesStore.insert(tx, actor, definition, enabled, templateId);
  const subject = { type: 'enforcement_policy', id: row.id };
  await tx.record('enforcement_policy.created', subject, {
    ...definition,
    version: 1,
    enabled,
    template_id: templateId,
  });
  return row.id;
}

async function recordChange(tx: WriteTx, event: string, before: PolicyRow, after: PolicyRow): Promise<void> {
  const changed = DEFINITION_FIELDS.filter(
    (field) => JSON.stringify(before.definition[field]) !== JSON.stringify(after.definition[field]),
  );
  await tx.record(
    event,
    { type: 'enforcement_policy', id: after.id },
    {
      policy_name: after.definition.policy_name,
      version: after.version,
      enabled: after.enabled,
      changes: Object.fromEntries(
        changed.map((field) => [field, { from: before.definition[field], to: after.definition[field] }]),
      ),
    },
  );
}

const given = (body: object) => Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));

/** Only what a version keeps. */
const definitionOf = (of: PolicyDefinition): PolicyDefinition =>
  Object.fromEntries(DEFINITION_FIELDS.map((field) => [field, of[field]])) as unknown as PolicyDefinition;
