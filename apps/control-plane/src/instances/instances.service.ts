import { Injectable } from '@nestjs/common';
import type { ActionRequestBody, BulkPowerBody, PatchInstanceBody } from '@flotilla/contracts';
import type { ActionVerb } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { ActionsService, FLEET_CHANGES_CHANNEL } from '../actions/index.js';
import type { QueuedAction } from '../actions/index.js';
import { resolveInstance } from '../instance-refs/index.js';
import type { IdType } from '../instance-refs/index.js';
import { AppError, includesRole } from '../platform/index.js';
import type { RequestActor } from '../platform/index.js';
import { instanceFactsStore } from './instance-facts.store.js';

/** Commands of people on instances. */
@Injectable()
export class InstancesService {
  constructor(
    private readonly db: Db,
    private readonly actions: ActionsService,
  ) {}

  /** @throws AppError NOT_FOUND, CONFLICT (ActionsService.request says which) */
  async request(
    actor: RequestActor,
    ref: string,
    idType: IdType | undefined,
    verb: ActionVerb,
    body: ActionRequestBody,
  ): Promise<QueuedAction> {
    return this.db.write(actor, async (tx) => {
      const id = await resolveInstance(tx, actor, ref, idType);
      const { force, dry_run: dryRun, reason, accept } = body;
      return this.actions.request(tx, actor, id, { verb, reason: reason || null, force, dryRun, accept });
    });
  }

  /** One after the other, each in a transaction of its own: what was queued stays queued whatever comes after it. */
  async requestMany(actor: RequestActor, { operation, instance_ids: ids, reason, accept }: BulkPowerBody) {
    const body = { force: false, dry_run: false, accept, ...(reason !== undefined && { reason }) };
    const results = [];
    for (const id of new Set(ids)) {
      try {
        const { action_id, status } = await this.request(actor, String(id), 'numeric', operation, body);
        results.push({ instance_id: id, action_id, status, error: null, code: null });
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        results.push({ instance_id: id, action_id: null, status: null, error: error.message, code: error.code });
      }
    }
    const refused = results.filter(({ error }) => error !== null).length;
    return { requested: results.length - refused, refused, results };
  }

  /**
   * Keeps what a person says about an instance; it counts more than what any other source says.
   *
   * @returns the instance's numeric id
   * @throws AppError FORBIDDEN when somebody who is no admin takes protection back
   */
  async patch(actor: RequestActor, ref: string, idType: IdType | undefined, body: PatchInstanceBody): Promise<number> {
    if (body.protected === false && !(actor.role !== null && includesRole(actor.role, 'admin'))) {
      throw new AppError('FORBIDDEN', 'Only an admin takes protection back. Ask one, or leave protected out.', {
        field: 'protected',
        value: false,
        expected: 'the role admin',
      });
    }
    return this.db.write(actor, async (tx) => {
      const id = await resolveInstance(tx, actor, ref, idType);
      await tx.rows('SELECT i.id FROM flotilla.instances i WHERE i.tenant_id = $1 AND i.id = $2 FOR UPDATE', [
        actor.tenantId,
        id,
      ]);
      if (body.protected === false) await this.unprotect(tx, actor, id);
      await instanceFactsStore.put(tx, actor.tenantId, id, 'user', '', {
        name: body.name,
        tags: body.tags && (await this.mergedTags(tx, actor, id, body.tags)),
        hourly_cost: body.hourly_cost && {
          amount: body.hourly_cost,
          currency: body.currency ?? (await this.currency(tx, actor)),
        },
        ...(body.hourly_cost === null && { hourly_cost: null }),
        protected: body.protected === true ? true : undefined,
        lifecycle: body.lifecycle,
        auto_scaling_group: body.auto_scaling_group,
        local_disks: body.local_disks,
      });
      await tx.record('instance.updated', { type: 'instance', id }, { ...body });
      await tx.notify(FLEET_CHANGES_CHANNEL, JSON.stringify({ tenant_id: actor.tenantId, kind: 'instance', id }));
      return id;
    });
  }

  private async unprotect(tx: WriteTx, actor: RequestActor, id: number): Promise<void> {
    await tx.rows(
      `DELETE FROM flotilla.instance_facts WHERE tenant_id = $1 AND instance_id = $2 AND fact = 'protected'`,
      [actor.tenantId, id],
    );
    await instanceFactsStore.apply(tx, actor.tenantId, id);
  }

  /** What people said before, with this on top. A null stays: it takes away what lesser sources say. */
  private async mergedTags(
    tx: WriteTx,
    actor: RequestActor,
    id: number,
    tags: Readonly<Record<string, string | null>>,
  ) {
    const said = await tx.row<{ value: Record<string, string | null> }>(
      `SELECT f.value FROM flotilla.instance_facts f
        WHERE f.tenant_id = $1 AND f.instance_id = $2 AND f.fact = 'tags' AND f.source = 'user'`,
      [actor.tenantId, id],
    );
    return Object.fromEntries([...Object.entries(said?.value ?? {}), ...Object.entries(tags)]);
  }

  private async currency(tx: WriteTx, actor: RequestActor): Promise<string> {
    const row = await tx.row<{ currency: string }>('SELECT t.currency FROM flotilla.tenants t WHERE t.tenant_id = $1', [
      actor.tenantId,
    ]);
    return row?.currency ?? 'USD';
  }
}
