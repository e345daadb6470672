import { setTimeout as pause } from 'node:timers/promises';
import type { Actor, Db } from '@flotilla/persistence';
import { processCpuMs } from '../support/cpu.js';

const RUNS = 60;
const WARM_UP = 5;

export interface Question {
  readonly what: string;
  readonly target_ms: number;
  readonly sql: string;
  readonly values: readonly unknown[];
  /** Looks at what was answered: a fast answer that is wrong or empty is no figure. @throws Error */
  check(rows: readonly Record<string, unknown>[]): void;
}

export interface Figure {
  readonly what: string;
  readonly rows: number;
  readonly target_ms: number;
  /** In the database: EXPLAIN ANALYZE's execution time. Others on the machine make it longer. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** CPU time of the connection's process for planning, answering and sending; null where the system does not tell. */
  readonly cpu_p50_ms: number | null;
  /** With the way to Node and the reading there. */
  readonly round_trip_p50_ms: number;
  readonly reached: boolean;
}

/** Asks again and again. */
export async function measure(db: Db, actor: Actor, question: Question): Promise<Figure> {
  const { what, target_ms, sql, values } = question;
  const inside: number[] = [];
  const cpu: number[] = [];
  const roundTrip: number[] = [];
  let count = 0;
  for (let i = 0; i < WARM_UP + RUNS; i++) {
    await db.read(actor, async (tx) => {
      const { pid } = (await tx.row<{ pid: number }>('SELECT pg_backend_pid() AS pid'))!;
      const cpuBefore = processCpuMs(pid);
      const began = performance.now();
      const rows = await tx.rows<Record<string, unknown>>(sql, values);
      const took = performance.now() - began;
      // its process is counted when it has gone to sleep
      await pause(2);
      const used = processCpuMs(pid) - cpuBefore;
      const plan = await tx.row<{ 'QUERY PLAN': { 'Execution Time': number }[] }>(
        `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`,
        values,
      );
      question.check(rows);
      count = rows.length;
      if (i < WARM_UP) return;
      roundTrip.push(took);
      cpu.push(used);
      inside.push(plan!['QUERY PLAN'][0]!['Execution Time']);
    });
  }
  const at = (list: number[], share: number) => list.sort((a, b) => a - b)[Math.floor((list.length - 1) * share)]!;
  const p50 = at(inside, 0.5);
  const cpuP50 = at(cpu, 0.5);
  return {
    what,
    rows: count,
    target_ms,
    p50_ms: p50,
    p99_ms: at(inside, 0.99),
    cpu_p50_ms: Number.isNaN(cpuP50) ? null : cpuP50,
    round_trip_p50_ms: at(roundTrip, 0.5),
    reached: p50 <= target_ms,
  };
}
