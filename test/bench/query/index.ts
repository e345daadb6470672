import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { floatBelow, MAX_GAP_SECONDS, metricId } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import { byTagStatement } from '../../../apps/control-plane/dist/metrics/fleet-metrics.queries.js';
import { IDLE } from '../../../apps/control-plane/dist/metrics/idle.queries.js';
import { SINGLE_MINUTES } from '../../../apps/control-plane/dist/metrics/metrics.sql.js';
import { startTestServer } from '../../support/postgres-server.mjs';
import {
  DAY_MINUTES,
  fill,
  GPUS,
  HOUR_SAMPLES,
  HOURLY_COST,
  hourOfTeam,
  IDLE_INSTANCES,
  INSTANCES,
  knownMinute,
  KNOWN_MINUTES,
  NOT_PACKED_MINUTES,
  TEAMS,
} from './fill.js';
import type { Filled } from './fill.js';
import { measure } from './measure.js';
import type { Question } from './measure.js';

const WEEK_S = 7 * 86_400;
type Row = Readonly<Record<string, unknown>>;

interface Bench {
  readonly say: (line: string) => void;
}

/** Reads of the console: a day of one metric, the idle list, a week of the fleet by tag. Every answer is checked. */
export async function run({ say }: Bench): Promise<object> {
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner });
  try {
    const filled = await fill(db, postgres.access.owner, say);
    const actor = systemActor(filled.fleet.tenantId, 'bench');
    const figures = [];
    for (const question of [...idleLists(), dayOfOneGpu(filled), ...weekByTag(filled)]) {
      await filled.report();
      const f = await measure(db, actor, question);
      figures.push(f);
      say(
        `${f.what.padEnd(42)} ${String(f.rows).padStart(5)} rows  p50 ${f.p50_ms.toFixed(1)} ms  p99 ${f.p99_ms.toFixed(1)} ms  CPU ${f.cpu_p50_ms?.toFixed(1) ?? '?'} ms  round trip ${f.round_trip_p50_ms.toFixed(1)} ms  (target ${f.target_ms} ms${f.reached ? '' : ', NOT REACHED'})`,
      );
    }
    return {
      instances: INSTANCES,
      gpus: INSTANCES * GPUS,
      figures,
      reached: figures.every((figure) => figure.reached),
    };
  } finally {
    await db.close();
    await postgres.stop();
  }
}

function dayOfOneGpu({ knownDevice, nowS }: Filled): Question {
  const fromS = nowS - DAY_MINUTES * 60;
  return {
    what: 'a day of one GPU metric',
    target_ms: 4,
    sql: SINGLE_MINUTES,
    values: [[knownDevice], [metricId('gpu_utilization')], [false], fromS, nowS, fromS, 60],
    check: (rows) => {
      strictEqual(rows.length, DAY_MINUTES);
      for (let n = 0; n < KNOWN_MINUTES; n++) {
        const [low, high] = knownMinute(n);
        const { at_s, min, avg, max, count } = rows[n]!;
        deepStrictEqual(
          { at_s, min, avg, max, count },
          { at_s: fromS + n * 60, min: low, avg: (low + high) / 2, max: high, count: 12 },
        );
      }
    },
  };
}

function idleLists(): Question[] {
  const asked = (what: string, target: number, percent: number, minutes: number, instances: number): Question => ({
    what,
    target_ms: target,
    sql: IDLE,
    values: [floatBelow(percent), minutes, MAX_GAP_SECONDS, null],
    check: (rows) => {
      strictEqual(rows.length, instances);
      for (const row of rows) checkIdle(row, percent, minutes);
    },
  });
  return [
    asked('idle list, below 5 % for 30 minutes', 10, 5, 30, IDLE_INSTANCES.default),
    asked('idle list, below 37.5 % for 12 minutes', 60, 37.5, 12, IDLE_INSTANCES.light),
    asked('idle list, all of the fleet', 60, 101, 12, INSTANCES),
  ];
}

function checkIdle(row: Row, percent: number, minutes: number): void {
  const idleMinutes = Number(row['idle_minutes']);
  ok(idleMinutes >= minutes, `idle for ${idleMinutes} minutes only`);
  ok(Number(row['gpu_utilization']) < percent, `at ${String(row['gpu_utilization'])} %`);
  strictEqual(row['gpu_count'], GPUS);
  strictEqual(row['wasted_cost'], ((HOURLY_COST * idleMinutes) / 60).toFixed(10));
}

/** Read per instance, as it is, and per GPU, as it is while instances wait to be summed: the same to the last bit. */
function weekByTag({ nowS }: Filled): Question[] {
  const throughS = nowS - NOT_PACKED_MINUTES * 60;
  const question = {
    tagKey: 'team',
    metric: 'gpu_utilization',
    from: new Date((nowS - WEEK_S) * 1000),
    to: new Date(nowS * 1000),
    statistics: ['avg'],
  } as const;
  let first: readonly Row[] | undefined;
  const check = (rows: readonly Row[]) => {
    const hours = new Map<string, Row>(rows.map((row) => [`${String(row['tag_value'])} ${+(row['at'] as Date)}`, row]));
    strictEqual(hours.size, rows.length);
    const firstS = Math.floor((nowS - WEEK_S) / 3_600) * 3_600;
    const packedS = Math.floor(throughS / 3_600) * 3_600;
    for (let team = 0; team < TEAMS; team++) {
      for (let atS = firstS; atS < packedS; atS += 3_600) {
        const row = hours.get(`team-${team} ${atS * 1000}`);
        const expected = {
          avg: hourOfTeam(team, (atS / 3_600) % 24),
          count: (HOUR_SAMPLES * INSTANCES * GPUS) / TEAMS,
        };
        deepStrictEqual({ avg: row?.['avg'], count: row?.['count'] }, expected);
      }
    }
    const notPacked = rows.filter((row) => +(row['at'] as Date) / 1000 >= packedS);
    const samples = notPacked.reduce((sum, row) => sum + Number(row['count']), 0);
    strictEqual(samples, NOT_PACKED_MINUTES * INSTANCES * GPUS);
    first ??= rows;
    deepStrictEqual(rows, first);
  };
  const what = '7 days by tag, hourly, the whole fleet';
  return [
    { what, target_ms: 250, ...byTagStatement(question, throughS, 'instances'), check },
    { what: `${what} (per GPU)`, target_ms: 2_000, ...byTagStatement(question, throughS, 'gpus'), check },
  ];
}
