import { Injectable } from '@nestjs/common';
import { billingModelOf, promisedSaving, realisationRatio, SAVINGS_HORIZON_DAYS } from '@flotilla/domain';
import type { MeterSpan, SavingClaim } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { EventLog } from '../events/index.js';
import { advanceSaving } from './saving-days.js';
import type { OpenSaving } from './saving-days.js';
import { CAP, INSERT_SAVING, NEW_STOPS, PUT_DAYS, PUT_SAVING, SPANS_OF, TO_ADVANCE } from './savings.sql.js';

const DAY_MICROS = 86_400_000_000;
/** How far back earlier stops say how long the machine stays off; days. */
const HISTORY_DAYS = 90;

interface NewStop {
  readonly action_id: string;
  readonly instance_id: number;
  readonly policy_id: number | null;
  readonly policy_version: number | null;
  readonly requester_label: string;
  readonly provider_id: string;
  readonly cloud_provider: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly simulated: boolean;
  readonly lifecycle: string | null;
  readonly start_micros: number;
  readonly hourly_cost: string | null;
  readonly currency: string;
  readonly committed_share: string;
}

/** Keeps the ledger of savings: enters stops, follows what they save as time passes, and holds it against bills. */
@Injectable()
export class SavingsService {
  constructor(private readonly db: Db) {}

  /** Brings a tenant's ledger up to `nowMs`. Safe to call at any time and as often as one likes. */
  async advance(tenantId: string, nowMs: number): Promise<{ readonly entered: number; readonly advanced: number }> {
    const actor = systemActor(tenantId, 'savings');
    const entered = await this.db.write(actor, async (tx) => {
      tx.withoutAudit('the ledger follows from actions and spans, which are audited');
      const stops = await tx.rows<NewStop & Record<string, unknown>>(NEW_STOPS, [tenantId]);
      let made = 0;
      for (const stop of stops) if (await this.enter(tx, tenantId, stop)) made++;
      await tx.rows(CAP, [tenantId, stops.map((stop) => stop.instance_id), SAVINGS_HORIZON_DAYS]);
      return made;
    });
    const open = await this.db.read(actor, (tx) =>
      tx.rows<OpenSaving & Record<string, unknown>>(TO_ADVANCE, [tenantId]),
    );
    for (const saving of open) {
      await this.db.write(actor, async (tx) => {
        tx.withoutAudit('the ledger follows from spans and bills');
        await this.follow(tx, tenantId, saving, nowMs * 1000);
      });
    }
    return { entered, advanced: open.length };
  }

  private async enter(tx: WriteTx, tenantId: string, stop: NewStop): Promise<boolean> {
    const start = stop.start_micros;
    const since = new Date((start - HISTORY_DAYS * DAY_MICROS) / 1000);
    const spans = await tx.rows<MeterSpan & Record<string, unknown>>(SPANS_OF, [tenantId, stop.instance_id, since]);
    const claim: SavingClaim = {
      startMicros: start,
      capMicros: start + SAVINGS_HORIZON_DAYS * DAY_MICROS,
      model: billingModelOf(stop.cloud_provider, stop.tags),
      committedShare: stop.lifecycle === 'reserved' ? 1 : Number(stop.committed_share),
    };
    const promise = promisedSaving(claim, stop.hourly_cost, pastStops(spans, start));
    const row = await tx.row<{ id: number }>(INSERT_SAVING, [
      tenantId,
      stop.instance_id,
      stop.provider_id,
      stop.cloud_provider,
      stop.action_id,
      stop.policy_id,
      stop.policy_version,
      stop.requester_label,
      JSON.stringify(stop.tags),
      stop.hourly_cost,
      stop.currency,
      claim.model,
      claim.committedShare,
      new Date(start / 1000),
      new Date(claim.capMicros / 1000),
      promise.amount,
      promise.hours,
      promise.basis,
      stop.simulated,
    ]);
    if (!row) return false;
    if (promise.amount !== null) {
      await this.tell(tx, tenantId, 'saving.estimated', { ...stop, id: row.id }, promise.amount, promise.amount);
    }
    return true;
  }

  private async follow(tx: WriteTx, tenantId: string, saving: OpenSaving, nowMicros: number): Promise<void> {
    const now = await advanceSaving(tx, tenantId, saving, nowMicros);
    await tx.rows(PUT_DAYS, [tenantId, saving.id, JSON.stringify(now.days)]);
    await tx.rows(PUT_SAVING, [
      tenantId,
      saving.id,
      now.endedAt,
      now.endReason,
      now.offSeconds,
      now.unpricedSeconds,
      now.unknownSeconds,
      now.isVerified,
    ]);
    if (now.endedAt && saving.ended_at === null) {
      await this.tell(tx, tenantId, 'saving.observed', saving, now.observed, saving.estimated);
    }
    if (now.isVerified && saving.verified_at === null) {
      await this.tell(tx, tenantId, 'saving.verified', saving, now.verified, saving.estimated);
    }
  }

  private tell(
    tx: WriteTx,
    tenantId: string,
    type: 'saving.estimated' | 'saving.observed' | 'saving.verified',
    saving: Pick<OpenSaving, 'id' | 'instance_id' | 'currency' | 'simulated'>,
    amount: string,
    estimated: string | null,
  ): Promise<void> {
    return EventLog.add(tx, {
      tenantId,
      type,
      subjectType: 'saving',
      subjectId: saving.id,
      data: {
        saving_id: saving.id,
        instance_id: saving.instance_id,
        amount,
        currency: saving.currency,
        estimated,
        realisation_ratio: type === 'saving.estimated' ? null : realisationRatio(estimated, amount),
      },
      simulated: saving.simulated,
    });
  }
}

/** How long the machine stayed off before, where that is over. */
function pastStops(spans: readonly MeterSpan[], beforeMicros: number): number[] {
  const found: number[] = [];
  let since: number | null = null;
  for (const span of spans) {
    if (span.sinceMicros >= beforeMicros) break;
    if (span.state === 'stopped') since ??= span.sinceMicros;
    else if (span.state === 'running' && since !== null) {
      found.push(span.sinceMicros - since);
      since = null;
    } else if (span.state === 'unknown') since = null;
  }
  return found;
}
