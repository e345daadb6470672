import { floatBelow, MAX_GAP_SECONDS, metricId, RAW_RETENTION_DAYS } from '@flotilla/domain';
import type { DeviceMinute } from '@flotilla/domain';
import { Db, systemActor } from '@flotilla/persistence';
import type { Actor } from '@flotilla/persistence';
import { byTagSql } from '../../../apps/control-plane/dist/metrics/fleet-metrics.queries.js';
import { IDLE } from '../../../apps/control-plane/dist/metrics/idle.queries.js';
import { LiveStore, MetricsIngest } from '../../../apps/control-plane/dist/metrics/index.js';
import { SINGLE_MINUTES } from '../../../apps/control-plane/dist/metrics/metrics.sql.js';
import { startTestServer } from '../../support/postgres-server.mjs';
import { createFleet } from '../support/fleet.js';
import type { BenchFleet } from '../support/fleet.js';
import { simulatedMinutes } from '../support/minutes.js';

const INSTANCES = 1_000;
const GPUS = 8;
/** GPUs that have a whole day of samples; all their minutes lie between each other's, as they come. */
const CHARTED = 100;
const DAY_MINUTES = 1_440;
const RECENT_MINUTES = 30;
const PACKED_DAYS = 8;
const RUNS = 40;
const GPU_UTILIZATION = metricId('gpu_utilization');

interface Bench {
  readonly say: (line: string) => void;
}

interface Figure {
  readonly what: string;
  readonly rows: number;
  readonly target_ms: number;
  /** In the database: EXPLAIN ANALYZE's execution time. */
  readonly p50_ms: number;
  readonly p99_ms: number;
  /** With the way to Node and the reading there. */
  readonly round_trip_p50_ms: number;
  readonly reached: boolean;
}

/** Reads of the console: a day of one metric, the idle list, a week of the fleet by tag. */
export async function run({ say }: Bench): Promise<object> {
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner });
  try {
    const fleet = await createFleet(db, INSTANCES, GPUS);
    const actor = systemActor(fleet.tenantId, 'bench');
    const nowS = Math.floor(Date.now() / 60_000) * 60;
    await fill(db, fleet, nowS, say);
    const device = fleet.deviceIds[42]!;
    const figures = [
      await measure(db, actor, 'a day of one GPU metric', 4, SINGLE_MINUTES, [
        [device],
        [GPU_UTILIZATION],
        [false],
        nowS - 86_400,
        nowS,
        nowS - 86_400,
        60,
      ]),
      await measure(db, actor, 'idle list, below 5 % for 30 minutes', 10, IDLE, [
        floatBelow(5),
        30,
        MAX_GAP_SECONDS,
        null,
      ]),
      await measure(db, actor, 'idle list, below 37.5 % for 12 minutes', 60, IDLE, [
        floatBelow(37.5),
        12,
        MAX_GAP_SECONDS,
        null,
      ]),
      await measure(db, actor, '7 days by tag, hourly, the whole fleet', 250, byTagSql(['avg']), [
        'team',
        GPU_UTILIZATION,
        new Date((nowS - 7 * 86_400) * 1000),
        new Date(nowS * 1000),
        fleet.tenantId,
      ]),
    ];
    for (const f of figures) {
      say(
        `${f.what.padEnd(42)} ${String(f.rows).padStart(5)} rows  p50 ${f.p50_ms.toFixed(1)} ms  p99 ${f.p99_ms.toFixed(1)} ms  round trip ${f.round_trip_p50_ms.toFixed(1)} ms  (target ${f.target_ms} ms${f.reached ? '' : ', NOT REACHED'})`,
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

async function fill(db: Db, fleet: BenchFleet, nowS: number, say: (line: string) => void): Promise<void> {
  const ingest = new MetricsIngest(db, new LiveStore(db));
  const pool = simulatedMinutes(2_048, 5);
  const thin = pool.map(lastSampleOnly);
  const { tenantId, agentIds } = fleet;
  const store = (agent: number, minutes: { deviceId: number; minute: DeviceMinute }[]) =>
    ingest.storeSamples(tenantId, agentIds[agent]!, minutes);
  const began = Date.now();
  for (let ago = DAY_MINUTES; ago > RECENT_MINUTES; ago--) {
    const of = (deviceId: number) => ({
      deviceId,
      minute: { ...pool[(deviceId * 31 + ago * 7) % pool.length]!, minuteS: nowS - ago * 60 },
    });
    await store(0, fleet.deviceIds.slice(0, CHARTED).map(of));
  }
  for (let ago = RECENT_MINUTES; ago >= 1; ago--) {
    // a GPU keeps its workload: minutes of the same GPU of the simulation follow each other
    const of = (deviceId: number) => ({
      deviceId,
      minute: { ...thin[(deviceId * 31 + (ago >> 3)) % thin.length]!, minuteS: nowS - ago * 60 },
    });
    await Promise.all(agentIds.map((_, n) => store(n, fleet.deviceIds.slice(n * GPUS, n * GPUS + GPUS).map(of))));
  }
  await db.ingest(async (tx) => {
    await tx.rows(
      `INSERT INTO flotilla.gpu_days (tenant_id, device_id, day, metric, hours)
       SELECT $1, d, current_date - ago, m, (SELECT array_agg(v ORDER BY h, k) FROM generate_series(0, 23) h
         CROSS JOIN LATERAL unnest(ARRAY[random() * 20, 20 + random() * 60 + d * 0, 80 + random() * 20, 720]::real[]) WITH ORDINALITY x (v, k)
         WHERE ago > 0 OR h < extract(hour FROM now() AT TIME ZONE 'UTC'))
         || CASE WHEN ago > 0 THEN '{}'::real[] ELSE array_fill(NULL::real, ARRAY[(24 - extract(hour FROM now() AT TIME ZONE 'UTC')::integer) * 4]) END
       FROM generate_series(0, $2 - 1) ago CROSS JOIN unnest($3::smallint[]) m CROSS JOIN unnest($4::integer[]) d`,
      [tenantId, PACKED_DAYS, [1, 4, 7], fleet.deviceIds],
    );
    // what a packing every five minutes leaves at most
    await tx.rows('UPDATE flotilla.metric_packing SET hours_through = to_timestamp($1)', [nowS - 11 * 60]);
  });
  say(
    `filled in ${((Date.now() - began) / 1000).toFixed(0)} s: ${CHARTED} GPUs × 24 h, ${INSTANCES * GPUS} GPUs × ${RECENT_MINUTES} min, ${PACKED_DAYS} packed days; samples are kept ${RAW_RETENTION_DAYS} days`,
  );
}

function lastSampleOnly(minute: DeviceMinute): DeviceMinute {
  const width = minute.seconds.length;
  const values = Float32Array.from(minute.metrics, (_, m) => minute.values[m * width + width - 1]!);
  return { ...minute, seconds: minute.seconds.slice(width - 1), values };
}

async function measure(
  db: Db,
  actor: Actor,
  what: string,
  target: number,
  sql: string,
  values: unknown[],
): Promise<Figure> {
  const inside: number[] = [];
  const roundTrip: number[] = [];
  let rows = 0;
  for (let i = 0; i < RUNS + 5; i++) {
    const began = performance.now();
    rows = await db.read(actor, async (tx) => (await tx.rows(sql, values)).length);
    const took = performance.now() - began;
    const [plan] = await db.read(actor, (tx) =>
      tx.rows<{ 'QUERY PLAN': { 'Execution Time': number }[] }>(
        `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${sql}`,
        values,
      ),
    );
    if (i < 5) continue;
    roundTrip.push(took);
    inside.push(plan!['QUERY PLAN'][0]!['Execution Time']);
  }
  const at = (list: number[], share: number) => list.sort((a, b) => a - b)[Math.floor((list.length - 1) * share)]!;
  const p50 = at(inside, 0.5);
  return {
    what,
    rows,
    target_ms: target,
    p50_ms: p50,
    p99_ms: at(inside, 0.99),
    round_trip_p50_ms: at(roundTrip, 0.5),
    reached: p50 <= target,
  };
}
