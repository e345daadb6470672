import { Injectable } from '@nestjs/common';
import type { UpdateBuiltInRuleBody } from '@flotilla/contracts';
import { builtInRule } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { AlertDesk } from '../alerts/index.js';
import { notFound } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { assertChannels } from './rule-checks.js';

/** What a tenant changes of the rules that are built in. */
@Injectable()
export class BuiltInRulesService {
  constructor(
    private readonly db: Db,
    private readonly desk: AlertDesk,
  ) {}

  /** Switched off, its alerts end. @throws AppError NOT_FOUND, VALIDATION_ERROR */
  async update(actor: RequestActor, key: string, body: UpdateBuiltInRuleBody): Promise<void> {
    if (!builtInRule(key)) throw notFound('built-in rule', key);
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
    await this.db.write(actor, async (tx) => {
      await assertChannels(tx, actor, 'notification_channel_ids', body.notification_channel_ids ?? null);
      for (const [i, step] of (body.escalation ?? []).entries()) {
        await assertChannels(tx, actor, `escalation[${i}].notification_channel_ids`, step.notification_channel_ids);
      }
      await tx.rows('INSERT INTO flotilla.built_in_rules (tenant_id, key) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        actor.tenantId,
        key,
      ]);
      await tx.rows(UPDATE, [
        ...[actor.tenantId, key, body.enabled ?? null],
        ...[body.severity !== undefined, body.severity ?? null],
        ...[body.notification_channel_ids !== undefined, body.notification_channel_ids ?? null],
        body.escalation ? JSON.stringify(body.escalation) : null,
      ]);
      if (body.enabled === false) {
        const open = await tx.rows<{ identity: string; type: 'instance'; id: string; now: Date }>(OPEN, [
          actor.tenantId,
          key,
        ]);
        const keys = open.map(({ now: at, type, id }) => {
          return { alertType: key, ruleId: null, builtIn: key, subject: { type, id }, at };
        });
        if (keys.length > 0) await this.desk.resolve(tx, actor.tenantId, keys);
      }
      await tx.record('built_in_rule.changed', { type: 'built_in_rule', id: key }, given);
    });
  }
}

const UPDATE = `
  UPDATE flotilla.built_in_rules SET
    enabled = coalesce($3, enabled), severity = CASE WHEN $4 THEN $5 ELSE severity END,
    notification_channel_ids = CASE WHEN $6 THEN $7::bigint[] ELSE notification_channel_ids END,
    escalation = coalesce($8::jsonb, escalation), updated_at = now()
   WHERE tenant_id = $1 AND key = $2`;
const OPEN = `
  SELECT a.subject_type AS type, a.subject_id AS id, clock_timestamp() AS now FROM flotilla.alerts a
   WHERE a.tenant_id = $1 AND a.built_in = $2 AND a.ended_at IS NULL`;
