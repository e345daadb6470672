import { join } from 'node:path';
import { METRIC_CATALOGUE } from '@flotilla/domain';
import { systemClock } from '../../apps/agent/src/clock.js';
import { silentLog } from '../../apps/agent/src/log.js';
import { Spool } from '../../apps/agent/src/spool/spool.js';

export interface BacklogOptions {
  /** The state folder of an agent that is not running. */
  readonly stateDir: string;
  readonly devices: readonly string[];
  readonly hours: number;
  readonly intervalS: number;
  /** Metrics of each device. Default 30. */
  readonly metrics?: number;
  /** Of the spool; what does not fit is dropped, the oldest first. */
  readonly maxBytes?: number;
}

export interface Backlog {
  /** Minutes of devices that were appended. */
  readonly produced: number;
  readonly dropped: number;
  /** Entries that were in the spool's sequence already. */
  readonly before: number;
  readonly values: number;
  readonly bytes: number;
  /** Unix seconds of the first and the last minute. */
  readonly fromS: number;
  readonly toS: number;
}

/** What an agent has in its spool after an outage: full minutes of every device, up to the one before this. */
export async function fillSpool(options: BacklogOptions): Promise<Backlog> {
  const { stateDir, devices, hours, intervalS, metrics: count = 30, maxBytes = 256 << 20 } = options;
  const spool = new Spool({
    folder: join(stateDir, 'spool'),
    maxBytes,
    maxAgeMs: 30 * 86_400_000,
    memoryBytes: 16 << 20,
    clock: systemClock,
    log: silentLog,
  });
  const metrics = METRIC_CATALOGUE.filter((metric) => metric.of === 'gpu' && metric.unit !== 'bitmask')
    .slice(0, count)
    .map(({ id }) => id);
  const seconds = Uint8Array.from({ length: Math.floor(60 / intervalS) }, (_, at) => at * intervalS);
  const toS = Math.floor(Date.now() / 60_000) * 60 - 120;
  const fromS = toS - (hours * 60 - 1) * 60;
  const before = spool.status.newestSeq;
  let produced = 0;
  for (let minuteS = fromS; minuteS <= toS; minuteS += 60) {
    for (const [at, device] of devices.entries()) {
      const values = Float32Array.from(
        { length: metrics.length * seconds.length },
        (_, n) => (minuteS / 60 + at * 7 + n * 3) % 97,
      );
      spool.append({ kind: 'minute', device, minute: { minuteS, intervalS, metrics, seconds, values } });
      produced += 1;
    }
    if (minuteS % 3600 === 0) {
      spool.tick();
      await spool.flush();
    }
  }
  spool.tick();
  await spool.flush();
  const { bytes, droppedEntries } = spool.status;
  await spool.close();
  const values = produced * metrics.length * seconds.length;
  return { produced, dropped: droppedEntries, before, values, bytes, fromS, toS };
}

export interface Drain {
  /** From the call until every minute of the backlog was in the charts. */
  readonly seconds: number;
  /** From the call until the first value of now was shown. */
  readonly firstLiveS: number;
  /** How old a new value was when it was first seen on screen. */
  readonly lagsS: readonly number[];
}

/**
 * Watches an instance as a person does, by the API, until its backlog is stored and live values were seen.
 *
 * @param get the `data` of an answer, by its path below /api
 * @throws Error when it takes longer than `mostS`
 */
export async function untilDrained(
  get: (path: string) => Promise<unknown>,
  instanceId: number,
  gpus: number,
  backlog: Backlog,
  mostS: number,
): Promise<Drain> {
  const from = performance.now();
  const passed = () => (performance.now() - from) / 1000;
  const lagsS: number[] = [];
  let firstLiveS = Number.NaN;
  let newest = Date.now();
  let storedS = Number.NaN;
  let lookedS = -1;
  while (Number.isNaN(storedS) || lagsS.length < 3) {
    const { latest } = (await get(`/instances/${instanceId}`)) as { latest: { timestamp: string } | null };
    const shown = Date.parse(latest?.timestamp ?? '');
    if (shown > newest) {
      if (Number.isNaN(firstLiveS)) firstLiveS = passed();
      lagsS.push((Date.now() - shown) / 1000);
      newest = shown;
    }
    if (Number.isNaN(storedS) && passed() - lookedS > 0.3) {
      lookedS = passed();
      // minutes are stored in their order, so the last one comes last
      const window = `resolution=1m&metric=temperature&from=${backlog.toS}&to=${backlog.toS + 60}`;
      const { series } = (await get(`/instances/${instanceId}/metrics?${window}`)) as { series: unknown[] };
      if (series.length === gpus) storedS = passed();
    }
    if (passed() > mostS) throw new Error(`not drained within ${mostS} s; ${lagsS.length} live values were seen`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { seconds: storedS, firstLiveS, lagsS };
}
