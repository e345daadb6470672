import { Injectable } from '@nestjs/common';
import { DAY_MICROS, meterSpans } from '@flotilla/domain';
import type { CostRecord, MeterSpan } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import type { WriteTx } from '@flotilla/persistence';
import { CostLedger, stagedCost } from '../cost-ledger.js';
import { Reconciliation } from '../reconciliation/reconciliation.service.js';
import { meteredCost, modelOf } from './metered-cost.js';
import type { MeteredInstance } from './metered-cost.js';
import {
  CLEAR_MARKS,
  FORGET,
  INSTANCES,
  INSTANCES_TO_METER,
  LINK,
  LOCK_MARKS,
  PROGRESS,
  SET_PROGRESS,
  SPANS,
} from './metering.sql.js';

/** Instances of one transaction, which holds their marks for as long as it lasts. */
const AT_ONCE = 100;
/** Charges of one statement. */
const STORE_AT_ONCE = 2_000;

type SpanRow = MeterSpan & { readonly instance_id: number };

/** Turns how long each instance was in which state at which price into charges. */
@Injectable()
export class Metering {
  constructor(
    private readonly db: Db,
    private readonly ledger: CostLedger,
    private readonly reconciliation: Reconciliation,
  ) {}

  /** Meters what has happened since the last time, and what is known better since. Safe to call at any time. */
  async meter(tenantId: string): Promise<number> {
    const actor = systemActor(tenantId, 'metering');
    const { ids, nowMicros, fromMicros } = await this.db.read(actor, async (tx) => {
      const row = await tx.row<{ now_micros: number; metered_to: number | null }>(PROGRESS, [tenantId]);
      const first = dayOf(row!.metered_to ?? 0);
      const instances = await tx.rows<{ id: number }>(INSTANCES_TO_METER, [tenantId, iso(first)]);
      return { ids: instances.map(({ id }) => id), nowMicros: row!.now_micros, fromMicros: first };
    });
    let charges = 0;
    for (let at = 0; at < ids.length; at += AT_ONCE) {
      const chunk = ids.slice(at, at + AT_ONCE);
      charges += await this.db.write(actor, (tx) => {
        tx.withoutAudit('what was metered stands in the ledger itself, and comes from changes that are audited');
        return this.meterInstances(tx, tenantId, chunk, fromMicros, nowMicros);
      });
    }
    await this.db.write(actor, async (tx) => {
      tx.withoutAudit('progress of a job');
      await tx.rows(SET_PROGRESS, [tenantId, iso(nowMicros)]);
    });
    return charges;
  }

  private async meterInstances(
    tx: WriteTx,
    tenantId: string,
    ids: readonly number[],
    fromMicros: number,
    nowMicros: number,
  ): Promise<number> {
    const marks = await tx.rows<{ id: number; instance_id: number; from_micros: number }>(LOCK_MARKS, [tenantId, ids]);
    const from = new Map(ids.map((id) => [id, fromMicros]));
    for (const { instance_id: id, from_micros: micros } of marks) from.set(id, Math.min(from.get(id)!, dayOf(micros)));
    const wanted = JSON.stringify(ids.map((id) => ({ id, from_at: iso(from.get(id)!) })));
    const instances = await tx.rows<MeteredInstance & Record<string, unknown>>(INSTANCES, [tenantId, ids]);
    const spans = new Map<number, SpanRow[]>();
    for (const span of await tx.rows<SpanRow>(SPANS, [tenantId, wanted])) {
      spans.set(span.instance_id, [...(spans.get(span.instance_id) ?? []), span]);
    }
    const records: CostRecord[] = [];
    const links: { key: string; id: number }[] = [];
    for (const instance of instances) {
      const known = spans.get(instance.id) ?? [];
      const { charges } = meterSpans(known, modelOf(instance), from.get(instance.id)!, nowMicros);
      for (const charge of charges) {
        const record = meteredCost(instance, charge, nowMicros);
        records.push(record);
        links.push({ key: stagedCost(record).record_key, id: instance.id });
      }
    }
    for (let at = 0; at < records.length; at += STORE_AT_ONCE) {
      await this.ledger.store(tx, { tenantId }, records.slice(at, at + STORE_AT_ONCE));
    }
    await tx.rows(LINK, [tenantId, JSON.stringify(links)]);
    await tx.rows(FORGET, [tenantId, wanted, links.map(({ key }) => key)]);
    await tx.rows(CLEAR_MARKS, [tenantId, marks.map(({ id }) => id)]);
    const days = records.map((record) => record.chargeStart.slice(0, 10)).sort();
    if (days.length > 0) await this.reconciliation.settle(tx, tenantId, days[0]!, days.at(-1)!);
    return records.length;
  }
}

const dayOf = (micros: number) => Math.floor(micros / DAY_MICROS) * DAY_MICROS;
const iso = (micros: number) => new Date(micros / 1000).toISOString();
