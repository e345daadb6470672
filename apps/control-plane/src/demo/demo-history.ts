import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setImmediate } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import {
  isPoweredAt,
  metricId,
  SIMULATED_HOST_METRICS,
  simulatedMetrics,
  simulateGpuAggregates,
  simulateHostAggregates,
  STATS,
} from '@flotilla/domain';
import { Db } from '@flotilla/persistence';
import { from as copyFrom } from 'pg-copy-streams';
import { DAY_COLUMNS, DayRows, MINUTES_A_DAY } from './day-rows.js';
import { DEMO_INTERVAL_S } from './demo.types.js';
import type { DemoFleet, DemoMachine } from './demo.types.js';

/** What a month's chart is asked for. The rest of the metrics begins with the samples. */
const KEPT = new Set(
  (
    [
      'gpu_utilization',
      'memory_utilization',
      'memory_used_mib',
      'temperature',
      'power_draw',
      'cpu_utilization',
    ] as const
  ).map(metricId),
);
const DAY_S = 86_400;
const FLUSH_BYTES = 8 << 20;
const stats = new Float32Array(32 * STATS);

/** The simulated past as packed days, written as the packing of `metrics` would have written it. */
@Injectable()
export class DemoHistory {
  /** One is filled while the other one is on its way to the database. */
  private rows = new DayRows();
  private sent = new DayRows();

  constructor(private readonly db: Db) {}

  /** The closed days among the last `days` that are not there whole, ascending. @param today days since 1970 */
  async missing(fleet: DemoFleet, today: number, days: number): Promise<number[]> {
    // a machine that is never switched off tells of them all: the days are written for the whole fleet at once
    const witness = fleet.machines.find((machine) => machine.simulated.power === 'always');
    if (!witness) return [];
    const whole = await this.db.ingest((tx) =>
      tx.rows<{ day: number }>(
        `SELECT d.day - date '1970-01-01' AS day FROM flotilla.gpu_days d
          WHERE d.tenant_id = $1 AND d.metric = $2 AND d.day >= date '1970-01-01' + $3::integer AND d.device_id = $4
            AND array_position(d.minutes, NULL) IS NULL AND d.minutes IS NOT NULL`,
        [fleet.tenantId, metricId('cpu_utilization'), today - days, witness.hostDeviceId],
      ),
    );
    const known = new Set(whole.map((row) => row.day));
    return Array.from({ length: days }, (_, i) => today - days + i).filter((day) => !known.has(day));
  }

  /**
   * Writes a day of the whole fleet, over what is there of it.
   *
   * @param day days since 1970
   * @param untilS Unix seconds; up to here, of a day that is not over
   */
  async write(fleet: DemoFleet, day: number, untilS = (day + 1) * DAY_S): Promise<void> {
    const tenant = Buffer.from(fleet.tenantId.replaceAll('-', ''), 'hex');
    await this.db.ingest(async (tx) => {
      await tx.rows(`DELETE FROM flotilla.gpu_days WHERE tenant_id = $1 AND day = date '1970-01-01' + $2::integer`, [
        fleet.tenantId,
        day,
      ]);
      let sending: Promise<void> = Promise.resolve();
      const flush = async () => {
        await sending;
        [this.rows, this.sent] = [this.sent, this.rows];
        this.rows.reset();
        const copy = tx.client.query(copyFrom(`COPY flotilla.gpu_days (${DAY_COLUMNS}) FROM STDIN (FORMAT binary)`));
        sending = pipeline(Readable.from([this.sent.bytes()], { objectMode: false }), copy);
        // a failure is thrown by the next await, and must not end the process before
        sending.catch(() => undefined);
      };
      this.rows.reset();
      for (const machine of fleet.machines) {
        this.addMachine(tenant, machine, day, untilS);
        if (this.rows.size > FLUSH_BYTES) await flush();
        // requests are answered while the past is made
        await setImmediate();
      }
      await flush();
      await sending;
      // the sums of whole machines are made from these days by the packing, and read from them until then
      await tx.rows(
        `INSERT INTO flotilla.instance_days_to_make
         SELECT $1::uuid, m.id FROM unnest($2::bigint[]) AS m (id) ON CONFLICT DO NOTHING`,
        [fleet.tenantId, fleet.machines.map(({ instanceId }) => instanceId)],
      );
    });
  }

  /** The day that is not over, up to the samples; the packing goes on from there. */
  async writeToday(fleet: DemoFleet, today: number, samplesFromS: number): Promise<void> {
    const midnightS = today * DAY_S;
    // early in the day all of it is in the samples
    const untilS = Math.max(midnightS, Math.ceil(samplesFromS / 3_600) * 3_600);
    if (untilS > midnightS) await this.write(fleet, today, untilS);
    await this.db.ingest((tx) =>
      tx.rows(
        `UPDATE flotilla.metric_packing SET hours_through = to_timestamp($1), late_before = to_timestamp($1),
           days_through = (to_timestamp($1) AT TIME ZONE 'UTC')::date`,
        [untilS],
      ),
    );
  }

  private addMachine(tenant: Uint8Array, machine: DemoMachine, day: number, untilS: number): void {
    const { simulated, bornS } = machine;
    if ((day + 1) * DAY_S <= bornS) return;
    const add = (deviceId: number, metrics: readonly number[], shorten: (minuteS: number) => void) => {
      const series = metrics.map((metric, row) => ({ metric, row, minutes: new Float32Array(MINUTES_A_DAY * STATS) }));
      const kept = series.filter(({ metric }) => KEPT.has(metric));
      for (let minute = 0; minute < MINUTES_A_DAY; minute++) {
        const minuteS = day * DAY_S + minute * 60;
        if (minuteS < bornS || minuteS >= untilS || !isPoweredAt(simulated, minuteS)) continue;
        shorten(minuteS);
        for (const { row, minutes } of kept) {
          for (let k = 0; k < STATS; k++) minutes[minute * STATS + k] = stats[row * STATS + k]!;
        }
      }
      for (const { metric, minutes } of kept) this.rows.add(tenant, deviceId, day, metric, minutes);
    };
    for (const { gpu, deviceId } of machine.devices) {
      add(deviceId, simulatedMetrics(gpu), (minuteS) =>
        simulateGpuAggregates(simulated, gpu, minuteS, DEMO_INTERVAL_S, stats),
      );
    }
    add(machine.hostDeviceId, SIMULATED_HOST_METRICS, (minuteS) =>
      simulateHostAggregates(simulated, minuteS, DEMO_INTERVAL_S, stats),
    );
  }
}
