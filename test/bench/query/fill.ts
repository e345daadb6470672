import pg from 'pg';
import { metricId } from '@flotilla/domain';
import type { DeviceMinute } from '@flotilla/domain';
import type { Db } from '@flotilla/persistence';
import { LiveStore, MetricsIngest, MetricsPacking } from '../../../apps/control-plane/dist/metrics/index.js';
import { createFleet } from '../support/fleet.js';
import type { BenchFleet } from '../support/fleet.js';
import { simulatedMinutes } from '../support/minutes.js';

export const INSTANCES = 1_000;
export const GPUS = 8;
export const TEAMS = 10;
export const DAY_MINUTES = 1_440;
/** GPUs that have a whole day of samples; all their minutes lie between each other's, as they come. */
const CHARTED = 100;
/** One of the charted ones: its first minutes are known, see knownMinute. */
const KNOWN = 42;
const RECENT_MINUTES = 32;
export const KNOWN_MINUTES = DAY_MINUTES - RECENT_MINUTES;
/** As createFleet has it. */
export const HOURLY_COST = 98.32;
const PACKED_DAYS = 9;
/** What a packing every five minutes leaves at most. */
export const NOT_PACKED_MINUTES = 11;
/** Samples of one hour of one GPU. */
export const HOUR_SAMPLES = 720;
const GPU_UTILIZATION = metricId('gpu_utilization');

export interface Filled {
  readonly fleet: BenchFleet;
  readonly knownDevice: number;
  /** Unix seconds: the end of the newest minute at the time of filling. */
  readonly nowS: number;
  /** Reports the minutes since the last call for all GPUs: without them nothing is idle after three minutes. */
  report(): Promise<void>;
}

/** The hours of a GPU: by its team and the hour, and GPUs of an instance lie evenly around that. */
export const hourOfTeam = (team: number, hour: number) => 10 + team * 5 + hour;
/** Minute `n` of the day of the known GPU: samples of these two values in turn. */
export const knownMinute = (n: number): readonly [number, number] => [n % 60, (n % 60) + 10];

/** Ten kinds of instances: one idle, one with one busy GPU, three under a light load, the others at work. */
function percent(instance: number, gpu: number, minute: number): number {
  const noise = (instance * 7_919 + gpu * 104_729 + minute * 1_299_709) % 1_000;
  const kind = instance % 10;
  if (kind === 0 || (kind === 1 && gpu > 0)) return noise % 5;
  if (kind >= 2 && kind <= 4) return 10 + (noise % 28);
  return 40 + (noise % 61);
}
/** How many instances are idle below 5 %, and below 37.5 %. */
export const IDLE_INSTANCES = { default: INSTANCES / 10, light: (INSTANCES / 10) * 4 };

export async function fill(db: Db, ownerUrl: string, say: (line: string) => void): Promise<Filled> {
  const began = Date.now();
  const fleet = await createFleet(db, INSTANCES, GPUS);
  const ingest = new MetricsIngest(db, new LiveStore(db));
  const nowS = Math.floor(began / 60_000) * 60;
  await fillDay(ingest, fleet, nowS);

  const thin = simulatedMinutes(2_048, 5).map(lastSampleOnly);
  const of = (device: number, minuteS: number) => {
    const [instance, gpu] = [Math.floor(device / GPUS), device % GPUS];
    const minute = thin[(device * 31 + Math.floor(minuteS / 480)) % thin.length]!;
    const values = minute.values.slice();
    values[minute.metrics.indexOf(GPU_UTILIZATION)] = percent(instance, gpu, minuteS / 60);
    return { deviceId: fleet.deviceIds[device]!, minute: { ...minute, values, minuteS } };
  };
  let reportedS = nowS - RECENT_MINUTES * 60;
  const report = async () => {
    for (; reportedS + 60 <= Date.now() / 1000; reportedS += 60) {
      await Promise.all(
        fleet.agentIds.map((agentId, n) => {
          const minutes = Array.from({ length: GPUS }, (_, gpu) => of(n * GPUS + gpu, reportedS));
          return ingest.storeSamples(fleet.tenantId, agentId, minutes);
        }),
      );
    }
  };
  await report();
  await fillPackedDays(db, fleet, nowS);
  await new MetricsPacking(db).makeInstances();
  await analyze(ownerUrl);
  say(
    `filled in ${((Date.now() - began) / 1000).toFixed(0)} s: ${CHARTED} GPUs × 24 h, ${INSTANCES * GPUS} GPUs × ${RECENT_MINUTES} min, ${PACKED_DAYS} packed days`,
  );
  return { fleet, knownDevice: fleet.deviceIds[KNOWN]!, nowS, report };
}

async function fillDay(ingest: MetricsIngest, fleet: BenchFleet, nowS: number): Promise<void> {
  const pool = simulatedMinutes(2_048, 5);
  for (let n = 0; n < KNOWN_MINUTES; n++) {
    const minuteS = nowS - (DAY_MINUTES - n) * 60;
    const minutes = fleet.deviceIds.slice(0, CHARTED).map((deviceId, at) => {
      const minute = pool[(at * 31 + n * 7) % pool.length]!;
      return { deviceId, minute: at === KNOWN ? known(minute, minuteS, n) : { ...minute, minuteS } };
    });
    await ingest.storeSamples(fleet.tenantId, fleet.agentIds[0]!, minutes);
  }
}

function known(minute: DeviceMinute, minuteS: number, n: number): DeviceMinute {
  const width = minute.seconds.length;
  const from = minute.metrics.indexOf(GPU_UTILIZATION) * width;
  const values = minute.values.slice();
  for (let i = 0; i < width; i++) values[from + i] = knownMinute(n)[i % 2]!;
  return { ...minute, minuteS, values };
}

function lastSampleOnly(minute: DeviceMinute): DeviceMinute {
  const width = minute.seconds.length;
  const values = Float32Array.from(minute.metrics, (_, m) => minute.values[m * width + width - 1]!);
  return { ...minute, seconds: minute.seconds.slice(width - 1), values };
}

/** As the packing would leave them; what lies beside them per instance is made by the packing itself. */
async function fillPackedDays(db: Db, fleet: BenchFleet, nowS: number): Promise<void> {
  const markS = nowS - NOT_PACKED_MINUTES * 60;
  await db.ingest(async (tx) => {
    await tx.rows(
      `INSERT INTO flotilla.gpu_days (tenant_id, device_id, day, metric, hours)
       SELECT $1, u.d, (to_timestamp($5) AT TIME ZONE 'UTC')::date - ago, m, (
         SELECT array_agg(CASE WHEN ago = 0 AND h >= extract(hour FROM to_timestamp($5) AT TIME ZONE 'UTC') THEN NULL ELSE v END ORDER BY h, k)
         FROM generate_series(0, 23) h
         CROSS JOIN LATERAL (SELECT 10 + ((u.n - 1) / $6 % $7 + 1) % $7 * 5 + h + (u.n - 1) % $6 - ($6 - 1) / 2.0 AS mean) x
         CROSS JOIN LATERAL unnest(ARRAY[x.mean - 5, x.mean, x.mean + 5, $8::integer]::real[]) WITH ORDINALITY y (v, k))
       FROM generate_series(0, $2 - 1) ago CROSS JOIN unnest($3::smallint[]) m CROSS JOIN unnest($4::integer[]) WITH ORDINALITY u (d, n)`,
      [fleet.tenantId, PACKED_DAYS, [1, 4, 7], fleet.deviceIds, markS, GPUS, TEAMS, HOUR_SAMPLES],
    );
    await tx.rows(
      'UPDATE flotilla.metric_packing SET hours_through = to_timestamp($1), late_before = to_timestamp($1)',
      [markS],
    );
    await tx.rows(
      `INSERT INTO flotilla.instance_days_to_make SELECT DISTINCT d.tenant_id, d.instance_id FROM flotilla.devices d WHERE d.tenant_id = $1`,
      [fleet.tenantId],
    );
  });
}

/** What autovacuum does within minutes: without statistics the plans are guesses. */
async function analyze(ownerUrl: string): Promise<void> {
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  try {
    await owner.query('VACUUM (ANALYZE)');
  } finally {
    await owner.end();
  }
}
