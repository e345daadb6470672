import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { InstanceHistory, SeriesNeed } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { derivedSeries, readDerived } from './derived-series.js';
import type { DerivedSeries } from './derived-series.js';
import { readInstances } from './history-instances.js';
import type { HistoryInstance } from './history-instances.js';
import { placeDay, placeFresh, readStored } from './packed-reader.js';
import type { StoredMinutes } from './packed-reader.js';

/** Series × GPUs that are read at once: with a month each, some 6 MB as they come: they should be gone before the
 * collector takes them for long-lived. */
const SERIES_AT_ONCE = 8;

export interface HistoryQuestion {
  readonly series: readonly SeriesNeed[];
  /** Unix minutes, half open. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** The past of one instance. The arrays of `history` are used again for the next instance. */
export interface InstancePast {
  readonly instance: HistoryInstance;
  readonly history: InstanceHistory;
}

/**
 * The past of a fleet, minute by minute, one instance after the other: from packed days, and from stored minutes where a day is
 * not packed yet. The memory is that of a handful of instances, whatever the size of the fleet.
 */
@Injectable()
export class DecisionHistory {
  constructor(private readonly db: Db) {}

  /** The instances whose past can be asked for, those terminated in the meantime among them. @param instanceIds null: all */
  instances(actor: TenantRef, instanceIds: readonly number[] | null, fromMinute: number, toMinute: number) {
    return this.db.read(actor, (tx) => readInstances(tx, actor.tenantId, instanceIds, fromMinute, toMinute));
  }

  /** Metrics of the tenant as a whole, one value per minute, in the order of the series. */
  async tenantSeries(actor: TenantRef, question: HistoryQuestion): Promise<Float64Array[]> {
    const derived = await this.db.read(actor, (tx) => readDerived(tx, actor.tenantId, question, []));
    return question.series.map((need) => derivedSeries(derived, need, null, question));
  }

  async *stream(
    actor: TenantRef,
    instances: readonly HistoryInstance[],
    question: HistoryQuestion,
  ): AsyncGenerator<InstancePast> {
    const packedBefore = await this.packedBefore(actor);
    const derived = await this.db.read(actor, (tx) => readDerived(tx, actor.tenantId, question, instances));
    const buffers: Float32Array[] = [];
    const groups = grouped(instances, question);
    // the next group is on its way while this one is looked at
    let coming = this.read(actor, groups[0], question, packedBefore);
    for (let g = 0; g < groups.length; g++) {
      const stored = await coming;
      coming = this.read(actor, groups[g + 1], question, packedBefore);
      coming.catch(() => undefined);
      for (const instance of groups[g]!) {
        yield { instance, history: historyOf(instance, stored, derived, question, buffers) };
        await setImmediate();
      }
    }
  }

  private async read(
    actor: TenantRef,
    group: readonly HistoryInstance[] | undefined,
    question: HistoryQuestion,
    packedBefore: number,
  ): Promise<StoredMinutes> {
    if (!group) return { days: [], fresh: [] };
    const devices = group.flatMap(({ gpus, host }) => [
      ...gpus.map(({ deviceId }) => deviceId),
      ...(host === null ? [] : [host]),
    ]);
    const { fromMinute, toMinute } = question;
    return this.db.read(actor, (tx) =>
      readStored(tx, collected(question.series), devices, fromMinute, toMinute, packedBefore),
    );
  }

  private async packedBefore(actor: TenantRef): Promise<number> {
    const row = await this.db.read(actor, (tx) =>
      tx.row<{ minute: number | null }>(
        `SELECT (extract(epoch FROM nullif(p.days_through, '-infinity')) / 60)::integer AS minute FROM flotilla.metric_packing p`,
      ),
    );
    return row?.minute ?? 0;
  }
}

const collected = (series: readonly SeriesNeed[]) => series.filter((need) => need.statistic !== null);

function grouped(instances: readonly HistoryInstance[], { series }: HistoryQuestion): HistoryInstance[][] {
  const groups: HistoryInstance[][] = [];
  const width = Math.max(1, collected(series).length);
  let room = 0;
  for (const instance of instances) {
    const size = (instance.gpus.length + 1) * width;
    if (room < size) {
      groups.push([]);
      room = Math.max(size, SERIES_AT_ONCE);
    }
    groups.at(-1)!.push(instance);
    room -= size;
  }
  return groups;
}

function historyOf(
  instance: HistoryInstance,
  stored: StoredMinutes,
  derived: DerivedSeries,
  question: HistoryQuestion,
  buffers: Float32Array[],
): InstanceHistory {
  const { fromMinute, toMinute } = question;
  const minutes = toMinute - fromMinute;
  let used = 0;
  const buffer = () => (buffers[used++] ??= new Float32Array(minutes)).fill(NaN);
  // device → the array of each collected series, null where the series is not the device's
  const places = new Map<number, (Float32Array | null)[]>();
  const wanted = collected(question.series);
  for (const { deviceId } of instance.gpus) {
    places.set(
      deviceId,
      wanted.map((need) => (need.level === 'gpu' ? buffer() : null)),
    );
  }
  if (instance.host !== null) {
    places.set(
      instance.host,
      wanted.map((need) => (need.level === 'instance' ? buffer() : null)),
    );
  }
  for (const row of stored.days) {
    const out = places.get(row.device_id)?.[row.at];
    if (out) placeDay(row, out, fromMinute);
  }
  for (const row of stored.fresh) {
    const outs = places.get(row.device_id);
    if (outs) placeFresh(row, outs, fromMinute);
  }
  const series = question.series.map((need) => {
    if (need.statistic === null) return [derivedSeries(derived, need, instance, question)];
    const at = wanted.indexOf(need);
    if (need.level === 'gpu') {
      const gpus = instance.gpus.map(({ deviceId }) => places.get(deviceId)![at]!);
      bridgeChanges(instance, gpus, fromMinute);
      return gpus;
    }
    return instance.host === null ? [] : [places.get(instance.host)![at]!];
  });
  return { firstMinute: fromMinute, minutes, series };
}

/**
 * Where a GPU did not belong to the instance yet or any more, another one speaks for it: a value twice changes neither "any"
 * nor "all", and a GPU that was exchanged does not leave the instance unknown for ever.
 */
function bridgeChanges(instance: HistoryInstance, gpus: readonly Float32Array[], fromMinute: number): void {
  instance.gpus.forEach((gpu, g) => {
    const out = gpus[g]!;
    const begin = Math.min(out.length, Math.max(0, gpu.from - fromMinute));
    const end = Math.min(out.length, Math.max(0, gpu.until - fromMinute));
    for (const [from, to] of [
      [0, begin],
      [end, out.length],
    ] as const) {
      for (let m = from; m < to; m++) {
        const other = instance.gpus.findIndex(
          (one, at) => at !== g && one.from <= fromMinute + m && fromMinute + m < one.until,
        );
        if (other >= 0) out[m] = gpus[other]![m]!;
      }
    }
  });
}
