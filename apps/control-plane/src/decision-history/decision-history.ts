import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { InstanceHistory, SeriesNeed } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { derivedSeries, readDerived } from './derived-series.js';
import type { DerivedSeries } from './derived-series.js';
import { readInstances } from './history-instances.js';
import type { HistoryInstance } from './history-instances.js';
import { placeStored } from './packed-reader.js';

/** Series × devices that are read at once: with a month each 5.5 MB. */
const SERIES_AT_ONCE = 32;
/** Groups that are read while one is looked at: each on a connection, so that the database computes on while we do. */
const GROUPS_AHEAD = 2;

export interface HistoryQuestion {
  readonly series: readonly SeriesNeed[];
  /** Unix minutes, half open. */
  readonly fromMinute: number;
  readonly toMinute: number;
}

/** The past of one instance. The arrays of `history` are used again for later instances. */
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
    const groups = grouped(instances, question);
    const arrays = new SeriesArrays(question.toMinute - question.fromMinute);
    const coming: Promise<PlacedSeries>[] = [];
    let begun = 0;
    // the next groups are on their way while this one is looked at
    const readAhead = () => {
      for (; coming.length < GROUPS_AHEAD && begun < groups.length; begun++) {
        const reading = this.read(actor, groups[begun]!, question, packedBefore, arrays);
        reading.catch(() => undefined);
        coming.push(reading);
      }
    };
    try {
      for (const group of groups) {
        readAhead();
        const placed = await coming.shift()!;
        readAhead();
        for (const instance of group) {
          yield { instance, history: historyOf(instance, placed, derived, question) };
          await setImmediate();
        }
        for (const series of placed.values()) arrays.giveBack(series);
      }
    } finally {
      await Promise.allSettled(coming);
    }
  }

  private async read(
    actor: TenantRef,
    group: readonly HistoryInstance[],
    { series, fromMinute, toMinute }: HistoryQuestion,
    packedBefore: number,
    arrays: SeriesArrays,
  ): Promise<PlacedSeries> {
    const wanted = collected(series);
    const placed = new Map<number, (Float32Array | null)[]>();
    const take = (device: number, level: SeriesNeed['level']) =>
      placed.set(
        device,
        wanted.map((need) => (need.level === level ? arrays.take() : null)),
      );
    for (const { gpus, host } of group) {
      for (const { deviceId } of gpus) take(deviceId, 'gpu');
      if (host !== null) take(host, 'instance');
    }
    const asked = { series: wanted, deviceIds: [...placed.keys()], fromMinute, toMinute, packedBefore };
    await placeStored(this.db, actor, asked, (device, at) => placed.get(device)?.[at] ?? null);
    return placed;
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

/** What has to be read: each once, whoever asks for it. */
const collected = (series: readonly SeriesNeed[]) =>
  series.filter((need, at) => need.statistic !== null && series.findIndex((one) => isSame(one, need)) === at);

const isSame = (a: SeriesNeed, b: SeriesNeed) =>
  a.metric === b.metric && a.level === b.level && a.statistic === b.statistic;

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

/** Device → the values of each collected series, null where the series is not the device's. */
type PlacedSeries = ReadonlyMap<number, readonly (Float32Array | null)[]>;

/** Arrays of one value a minute, that are used again. */
class SeriesArrays {
  private readonly free: Float32Array[] = [];

  constructor(private readonly minutes: number) {}

  take(): Float32Array {
    return (this.free.pop() ?? new Float32Array(this.minutes)).fill(NaN);
  }

  giveBack(series: readonly (Float32Array | null)[]): void {
    for (const one of series) if (one) this.free.push(one);
  }
}

function historyOf(
  instance: HistoryInstance,
  placed: PlacedSeries,
  derived: DerivedSeries,
  question: HistoryQuestion,
): InstanceHistory {
  const { fromMinute, toMinute } = question;
  const wanted = collected(question.series);
  const series = question.series.map((need) => {
    if (need.statistic === null) return [derivedSeries(derived, need, instance, question)];
    const at = wanted.findIndex((one) => isSame(one, need));
    if (need.level === 'gpu') {
      const gpus = instance.gpus.map(({ deviceId }) => placed.get(deviceId)![at]!);
      bridgeChanges(instance, gpus, fromMinute);
      return gpus;
    }
    return instance.host === null ? [] : [placed.get(instance.host)![at]!];
  });
  return { firstMinute: fromMinute, minutes: toMinute - fromMinute, series };
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
