import {
  allowedGapSeconds,
  climb,
  foldMinutes,
  MAX_GAP_SECONDS,
  metricId,
  STAIRCASE_STEPS_MAX,
  STATS,
} from '@flotilla/domain';
import type { Climb, Staircase, UtilizationMinute } from '@flotilla/domain';
import type { IngestTx } from '@flotilla/persistence';
import type { StoredMinute } from './minutes.store.js';

const GPU_UTILIZATION = metricId('gpu_utilization');
const MEMORY_UTILIZATION = metricId('memory_utilization');
const MEMORY_USED = metricId('memory_used_mib');
const POWER_DRAW = metricId('power_draw');
/** Minutes of history that one look back reads. */
const LOOK_BACK_MINUTES = 240;

interface DeviceActivity {
  readonly tenantId: string;
  readonly deviceId: number;
  readonly climb: Climb;
  /** The earliest minute, Unix seconds: before the newest stored one, the history has to be read. */
  readonly earliestS: number;
  readonly newest: StoredMinute;
}

/**
 * Keeps gpu_activity beside the minutes, in their transaction.
 *
 * Minutes that come in order are put on top of the stored staircase by one statement for all devices. A minute older than
 * the newest one has the device's staircase made anew from the history, unless it lies before the present run and cannot
 * matter. A device without utilisation readings (MIG on) gets no row, so nobody can call it idle by utilisation.
 */
export async function keepActivity(tx: IngestTx, rows: readonly StoredMinute[]): Promise<void> {
  const devices = foldDevices(rows);
  if (devices.length === 0) return;
  const steps = devices.map((d) => d.climb.levels.length);
  let end = 0;
  const ends = steps.map((n) => (end += n));
  const done = await tx.rows<{ device_id: number; tenant_id: string }>(CLIMB, [
    devices.map((d) => d.tenantId),
    devices.map((d) => d.deviceId),
    devices.map((d) => d.earliestS / 60),
    devices.map((d) => d.climb.firstMinuteS / 60),
    devices.map((d) => d.climb.lastMinuteS / 60),
    devices.map((d) => d.climb.lastIntervalS),
    devices.map((d) => d.climb.whole),
    ends.map((to, i) => to - steps[i]! + 1),
    ends,
    devices.flatMap((d) => d.climb.levels),
    devices.flatMap((d) => d.climb.starts.map((start) => start / 60)),
    devices.map((d) => average(d.newest, GPU_UTILIZATION)),
    devices.map((d) => average(d.newest, MEMORY_UTILIZATION)),
    devices.map((d) => average(d.newest, MEMORY_USED)),
    devices.map((d) => average(d.newest, POWER_DRAW)),
    MAX_GAP_SECONDS,
    STAIRCASE_STEPS_MAX,
  ]);
  if (done.length === devices.length) return;
  const kept = new Set(done.map((row) => `${row.tenant_id}/${row.device_id}`));
  for (const device of devices) if (!kept.has(`${device.tenantId}/${device.deviceId}`)) await lookBack(tx, device);
}

/** A device's minutes in the group, oldest first, folded into one step; `rows` are in row order. */
function foldDevices(rows: readonly StoredMinute[]): DeviceActivity[] {
  const devices: DeviceActivity[] = [];
  for (let from = 0; from < rows.length;) {
    const { tenantId, deviceId } = rows[from]!;
    const minutes: UtilizationMinute[] = [];
    let newest: StoredMinute | undefined;
    let i = from;
    for (; i < rows.length && rows[i]!.deviceId === deviceId && rows[i]!.tenantId === tenantId; i++) {
      const row = rows[i]!;
      const at = row.aggregates.metrics.indexOf(GPU_UTILIZATION);
      if (at < 0) continue;
      const gpuPercent = row.aggregates.stats[at * STATS + 2]!;
      minutes.push({ at: new Date(row.minute.minuteS * 1000), gpuPercent, intervalS: row.minute.intervalS });
      newest = row;
    }
    from = i;
    const folded = foldMinutes(minutes);
    if (folded && newest) {
      devices.push({ tenantId, deviceId, climb: folded, earliestS: minutes[0]!.at.getTime() / 1000, newest });
    }
  }
  return devices;
}

/** Makes one device's staircase anew from its stored minutes, from the newest one back to the gap before the present run. */
async function lookBack(tx: IngestTx, device: DeviceActivity): Promise<void> {
  const key = [device.tenantId, device.deviceId];
  const row = await tx.row<{ last_minute: number; run_start: number }>(READ_RUN, key);
  if (!row) throw new Error(`the activity of device ${device.deviceId} is locked and not there`);
  const { lastMinuteS, lastIntervalS } = device.climb;
  const endsS = lastMinuteS + 60 + allowedGapSeconds(lastIntervalS);
  if (endsS < row.run_start * 60) return;

  const run: UtilizationMinute[] = [];
  for (let beforeS = Math.max(row.last_minute * 60, lastMinuteS) + 60, open = true; open;) {
    const page = await tx.rows<{ minute_s: number; gpu_percent: number; interval_s: number }>(READ_HISTORY, [
      ...key,
      beforeS,
      GPU_UTILIZATION,
      LOOK_BACK_MINUTES,
    ]);
    open = page.length === LOOK_BACK_MINUTES;
    for (const { minute_s, gpu_percent, interval_s } of page) {
      const next = run[run.length - 1];
      if (next && next.at.getTime() / 1000 - minute_s - 60 > allowedGapSeconds(interval_s)) {
        open = false;
        break;
      }
      run.push({ at: new Date(minute_s * 1000), gpuPercent: gpu_percent, intervalS: interval_s });
      beforeS = minute_s;
    }
  }
  const stairs = run.reduceRight<Staircase | null>((before, minute) => climb(before, minute), null);
  if (!stairs) return;
  const isNewest = stairs.lastMinuteS === lastMinuteS;
  await tx.rows(REWRITE, [
    ...key,
    stairs.lastMinuteS / 60,
    stairs.lastIntervalS,
    stairs.levels,
    stairs.starts.map((start) => start / 60),
    isNewest,
    average(device.newest, GPU_UTILIZATION),
    average(device.newest, MEMORY_UTILIZATION),
    average(device.newest, MEMORY_USED),
    average(device.newest, POWER_DRAW),
  ]);
}

function average(row: StoredMinute, metric: number): number | null {
  const at = row.aggregates.metrics.indexOf(metric);
  return at < 0 ? null : row.aggregates.stats[at * STATS + 1]!;
}

const BROKEN = '(u.whole OR (u.first_minute - a.last_minute) * 60 - 60 > greatest($16::real, 2 * a.last_interval_s))';
const PASSED = 'width_bucket(u.highest, a.levels)';

// The SQL twin of `append` in libs/domain/src/idle/staircase.ts; a property test holds the two together. width_bucket counts
// the steps that the new minutes reach or pass.
const CLIMB = `
  WITH incoming AS MATERIALIZED (
    SELECT u.*, ($10::real[])[u.low:u.high] AS levels, ($11::integer[])[u.low:u.high] AS starts, ($10::real[])[u.high] AS highest
    FROM unnest($1::uuid[], $2::integer[], $3::integer[], $4::integer[], $5::integer[], $6::real[], $7::boolean[], $8::integer[],
      $9::integer[], $12::real[], $13::real[], $14::real[], $15::real[])
      AS u (tenant_id, device_id, earliest, first_minute, last_minute, interval_s, whole, low, high, gpu, memory, memory_used, power)
  ), updated AS (
    UPDATE flotilla.gpu_activity a SET
      last_minute = u.last_minute, last_interval_s = u.interval_s,
      gpu_utilization = u.gpu, memory_utilization = u.memory, memory_used_mib = u.memory_used, power_draw = u.power,
      levels = CASE WHEN ${BROKEN} THEN u.levels ELSE (u.levels || a.levels[${PASSED} + 1:])[1:$17] END,
      starts = CASE WHEN ${BROKEN} THEN u.starts
        ELSE (u.starts[1:cardinality(u.starts) - least(${PASSED}, 1)] || a.starts[greatest(${PASSED}, 1):])[1:$17] END
    FROM incoming u
    WHERE a.tenant_id = u.tenant_id AND a.device_id = u.device_id AND u.earliest >= a.last_minute
    RETURNING a.tenant_id, a.device_id
  ), inserted AS (
    INSERT INTO flotilla.gpu_activity (tenant_id, device_id, last_minute, last_interval_s, levels, starts, gpu_utilization,
      memory_utilization, memory_used_mib, power_draw)
    SELECT u.tenant_id, u.device_id, u.last_minute, u.interval_s, u.levels, u.starts, u.gpu, u.memory, u.memory_used, u.power
    FROM incoming u
    WHERE NOT EXISTS (SELECT FROM flotilla.gpu_activity a WHERE a.tenant_id = u.tenant_id AND a.device_id = u.device_id)
    ON CONFLICT (tenant_id, device_id) DO NOTHING
    RETURNING tenant_id, device_id
  )
  SELECT tenant_id, device_id FROM updated UNION ALL SELECT tenant_id, device_id FROM inserted`;

const READ_RUN = `
  SELECT a.last_minute, a.starts[cardinality(a.starts)] AS run_start
  FROM flotilla.gpu_activity a WHERE a.tenant_id = $1 AND a.device_id = $2 FOR UPDATE`;

const READ_HISTORY = `
  SELECT extract(epoch FROM m.minute)::bigint AS minute_s, m.stats[array_position(m.metrics, $4::smallint)][3] AS gpu_percent, m.interval_s
  FROM flotilla.gpu_minutes m
  WHERE m.tenant_id = $1 AND m.device_id = $2 AND m.minute < to_timestamp($3) AND array_position(m.metrics, $4::smallint) IS NOT NULL
  ORDER BY m.minute DESC
  LIMIT $5`;

const REWRITE = `
  UPDATE flotilla.gpu_activity a
  SET last_minute = $3, last_interval_s = $4, levels = $5, starts = $6,
    gpu_utilization = CASE WHEN $7 THEN $8::real ELSE a.gpu_utilization END,
    memory_utilization = CASE WHEN $7 THEN $9::real ELSE a.memory_utilization END,
    memory_used_mib = CASE WHEN $7 THEN $10::real ELSE a.memory_used_mib END,
    power_draw = CASE WHEN $7 THEN $11::real ELSE a.power_draw END
  WHERE a.tenant_id = $1 AND a.device_id = $2`;
