import type { ReadTx } from '@flotilla/persistence';
import { atOneMark } from './fleet-metrics.queries.js';
import { gpuActivitySql } from './gpu-activity.sql.js';

/** What the GPUs of an instance did on a day, in GPU-hours. */
export interface GpuActivityDay {
  readonly instance_id: number;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  /** Measured, by clock hours whose mean activity was at or above the threshold, and below it. */
  readonly busy: number;
  readonly idle: number;
  /** Measured hours × activity. */
  readonly useful: number;
  /** Of the measured: by SM activity; the others by utilisation. */
  readonly by_sm: number;
}

export interface GpuActivityQuestion {
  /** UTC days, both included, as `YYYY-MM-DD`. */
  readonly firstDay: string;
  readonly lastDay: string;
  /** A clock hour of an instance below this mean activity is idle; percent. */
  readonly idleBelowPercent: number;
}

/** How useful the GPUs of all instances were, day by day, from packed hours and the minutes that are not packed yet. */
export function readGpuActivity(tx: ReadTx, question: GpuActivityQuestion): Promise<GpuActivityDay[]> {
  const fromS = Date.parse(`${question.firstDay}T00:00:00Z`) / 1000;
  const toS = Date.parse(`${question.lastDay}T00:00:00Z`) / 1000 + 86_400;
  return atOneMark(tx, ({ throughS, source }) =>
    tx.rows<GpuActivityDay & Record<string, unknown>>(gpuActivitySql(source), [
      question.firstDay,
      question.lastDay,
      Math.min(Math.max(fromS, throughS), toS),
      toS,
      question.idleBelowPercent,
    ]),
  );
}
