import { Injectable } from '@nestjs/common';
import { SIMULATED_HOST_METRICS, simulatedMetrics, simulateGpuMinute, simulateHostMinute } from '@flotilla/domain';
import type { DeviceMinute } from '@flotilla/domain';
import { MetricsIngest } from '../metrics/index.js';
import type { LiveValues, MinuteOfDevice } from '../metrics/index.js';
import { DemoPower } from './demo-power.js';
import { DEMO_INTERVAL_S } from './demo.types.js';
import type { DemoFleet, DemoMachine } from './demo.types.js';

/** Minutes of one agent in one batch: what a spool would send after an outage. */
const MINUTES_A_BATCH = 20;
/** Agents that send at once while the past is stored. */
const AGENTS_AT_ONCE = 8;

/** The simulated agents' streams: the same batches and live values, through the same ingest. */
@Injectable()
export class DemoTelemetry {
  /** Each start of the process is a new spool, as after a lost disk. */
  private walEpoch = 0n;
  private readonly nextSeq = new Map<string, number>();

  constructor(
    private readonly ingest: MetricsIngest,
    private readonly power: DemoPower,
  ) {}

  begin(walEpoch: bigint): void {
    this.walEpoch = walEpoch;
  }

  /**
   * Stores the closed minutes from `fromS` up to, and without, `toS` (Unix seconds, multiples of 60) of all machines.
   *
   * @returns how many device-minutes were stored
   */
  async storeMinutes(fleet: DemoFleet, fromS: number, toS: number): Promise<number> {
    const waiting = [...fleet.machines];
    let stored = 0;
    const work = async () => {
      for (let machine = waiting.shift(); machine; machine = waiting.shift()) {
        for (let at = fromS; at < toS; at += MINUTES_A_BATCH * 60) {
          const count = await this.storeBatch(machine, at, Math.min(toS, at + MINUTES_A_BATCH * 60));
          stored += count;
        }
      }
    };
    await Promise.all(Array.from({ length: AGENTS_AT_ONCE }, work));
    return stored;
  }

  private async storeBatch(machine: DemoMachine, fromS: number, toS: number): Promise<number> {
    const { simulated, agent } = machine;
    const first = this.nextSeq.get(agent.agentId) ?? 1;
    const minutes: MinuteOfDevice[] = [];
    const add = (deviceId: number, minute: DeviceMinute) =>
      minutes.push({ deviceId, minute, seq: first + minutes.length });
    for (let minuteS = fromS; minuteS < toS; minuteS += 60) {
      if (!this.power.isOnFor(simulated, minuteS)) continue;
      for (const { gpu, deviceId } of machine.devices)
        add(deviceId, simulateGpuMinute(simulated, gpu, minuteS, DEMO_INTERVAL_S));
      add(machine.hostDeviceId, simulateHostMinute(simulated, minuteS, DEMO_INTERVAL_S));
    }
    if (minutes.length === 0) return 0;
    const lastSeq = first + minutes.length - 1;
    await this.ingest.storeBatch({ ...agent, walEpoch: this.walEpoch, firstSeq: first, lastSeq, minutes });
    this.nextSeq.set(agent.agentId, lastSeq + 1);
    return minutes.length;
  }

  /** Sends what every machine that is on reads at `nowMs`. */
  sendLive(fleet: DemoFleet, nowMs: number): void {
    const minuteS = Math.floor(nowMs / 60_000) * 60;
    const at = Math.floor((nowMs / 1000 - minuteS) / DEMO_INTERVAL_S);
    const values: LiveValues[] = [];
    for (const machine of fleet.machines) {
      if (!this.power.isOnAt(machine.simulated, nowMs / 1000)) continue;
      const { tenantId } = machine.agent;
      const add = (deviceId: number, metrics: readonly number[], minute: DeviceMinute) => {
        const width = minute.seconds.length;
        const newest = Float32Array.from(metrics, (_, row) => minute.values[row * width + Math.min(at, width - 1)]!);
        values.push({ tenantId, deviceId, atMs: nowMs, metrics, values: newest });
      };
      for (const { gpu, deviceId } of machine.devices) {
        add(deviceId, simulatedMetrics(gpu), simulateGpuMinute(machine.simulated, gpu, minuteS, DEMO_INTERVAL_S));
      }
      add(
        machine.hostDeviceId,
        SIMULATED_HOST_METRICS,
        simulateHostMinute(machine.simulated, minuteS, DEMO_INTERVAL_S),
      );
    }
    this.ingest.storeLive(values);
  }
}
