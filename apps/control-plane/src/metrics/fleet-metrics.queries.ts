import { Injectable } from '@nestjs/common';
import { metricId } from '@flotilla/domain';
import type { MetricName } from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { byTagSql } from './fleet-metrics.sql.js';
import type { PackedSource, TagStatistic } from './fleet-metrics.sql.js';

/** One hour of all GPUs whose instances carry the same value of a tag. */
export interface TagHour {
  /** null: instances without the tag. */
  readonly tag_value: string | null;
  readonly at: Date;
  /** Mean of all samples. */
  readonly avg: number;
  /** Lowest and highest sample, where they were asked for. */
  readonly min?: number;
  readonly max?: number;
  /** Samples. */
  readonly count: number;
}

/** How far the packing is, as one reader sees it. */
export interface Packed {
  /** Unix seconds; -Infinity: nothing is packed. */
  readonly throughS: number;
  readonly source: PackedSource;
}

export interface TagQuestion {
  readonly tagKey: string;
  readonly metric: Exclude<MetricName, 'throttle_reasons'>;
  /** Half open; cut to whole hours. */
  readonly from: Date;
  readonly to: Date;
  /** Each one beside the mean costs as much again. */
  readonly statistics: readonly TagStatistic[];
}

const ATTEMPTS = 5;

/** Questions over the whole fleet, from packed hours: one row per instance and day. */
@Injectable()
export class FleetMetricsQueries {
  constructor(private readonly db: Db) {}

  /** One metric by the values of a tag, in hourly steps, today's unpacked minutes included. */
  byTag(
    actor: TenantRef,
    tagKey: string,
    metric: TagQuestion['metric'],
    from: Date,
    to: Date,
    statistics: readonly TagStatistic[] = ['avg'],
  ): Promise<TagHour[]> {
    return this.db.read(actor, (tx) => readByTag(tx, { tagKey, metric, from, to, statistics }));
  }
}

function readByTag(tx: ReadTx, question: TagQuestion): Promise<TagHour[]> {
  return atOneMark(tx, (packed) => {
    const { sql, values } = byTagStatement(question, packed.throughS, packed.source);
    return tx.rows<TagHour & Record<string, unknown>>(sql, values);
  });
}

/**
 * The mark of the packing is an argument of the statement, so that its plan knows how many minutes are to be read. Only
 * when the mark is the same before and after was every minute counted once: the packing moved on meanwhile at most every
 * few minutes.
 */
export async function atOneMark<T>(tx: ReadTx, read: (packed: Packed) => Promise<T>): Promise<T> {
  let packed = await readPacked(tx);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await read(packed);
    const after = await readPacked(tx);
    if (after.throughS === packed.throughS && after.source === packed.source) return answer;
    packed = after;
  }
  throw new Error(`the packing moved on during each of ${ATTEMPTS} readings of the fleet's metrics`);
}

async function readPacked(tx: ReadTx): Promise<Packed> {
  const row = await tx.row<{ through_s: number; is_waiting: boolean }>(PACKED);
  return { throughS: row!.through_s, source: row!.is_waiting ? 'gpus' : 'instances' };
}

/** @param source rows per instance, or per GPU while some instances wait to be made: the same answer, more slowly */
export function byTagStatement(
  question: TagQuestion,
  throughS: number,
  source: PackedSource,
): { readonly sql: string; readonly values: unknown[] } {
  const { tagKey, metric, from, to, statistics } = question;
  const firstHourS = Math.floor(from.getTime() / 3_600_000) * 3_600;
  const notPackedS = Math.max(from.getTime() / 1000, throughS);
  return {
    sql: byTagSql(statistics, source),
    values: [
      tagKey,
      metricId(metric),
      isoDay(firstHourS * 1000),
      isoDay(to.getTime()),
      firstHourS,
      to.getTime() / 1000,
      // beyond the end: nothing
      Math.min(notPackedS, to.getTime() / 1000),
    ],
  };
}

const isoDay = (ms: number) => new Date(ms).toISOString().slice(0, 10);

const PACKED = `
  SELECT date_part('epoch', p.hours_through) AS through_s, EXISTS (SELECT FROM flotilla.my_instance_days_to_make) AS is_waiting
  FROM flotilla.metric_packing p`;
