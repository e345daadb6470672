import { metricId } from '@flotilla/domain';
import type { NvLinkFacts, Reading } from '../collector.js';
import type { GpuDetail, GpuInventory } from '../gpu/shape.js';
import { numberOf, readCell } from './cells.js';

export interface GpuLinks {
  readonly links: readonly NvLinkFacts[];
  /** Counters over all links; absent keys: the driver does not tell. */
  readonly crcErrors?: number;
  readonly replayErrors?: number;
  readonly recoveryErrors?: number;
  /** KiB of payload since the counters began. */
  readonly txKib?: number;
  readonly rxKib?: number;
}

const COUNTERS: Readonly<Record<string, Exclude<keyof GpuLinks, 'links'>>> = {
  'CRC Errors': 'crcErrors',
  'Replay Errors': 'replayErrors',
  'Recovery Errors': 'recoveryErrors',
  'Data Tx': 'txKib',
  'Data Rx': 'rxKib',
};

/**
 * What `nvidia-smi nvlink` prints with -s (state), -e (errors) and -gt d (data), one after the other or apart, by GPU uuid:
 *
 *     GPU 0: NVIDIA H100 80GB HBM3 (UUID: GPU-…)
 *              Link 0: 26.562 GB/s
 *              Link 1: <inactive>
 *              Link 0: Replay Errors: 0
 *              Link 0: Data Tx: 482 KiB
 *
 * Boards without NVLink, with all links down, or with MIG have a sentence in place of the links: those have no links here.
 */
export function parseNvlinks(output: string): ReadonlyMap<string, GpuLinks> {
  const gpus = new Map<string, { links: Map<number, NvLinkFacts>; sums: Map<string, number> }>();
  let gpu: { links: Map<number, NvLinkFacts>; sums: Map<string, number> } | undefined;
  for (const line of output.split(/\r?\n/)) {
    const head = /^GPU \d+: .*\(UUID: (GPU-[^)]+)\)\s*$/.exec(line);
    if (head) {
      const uuid = head[1] as string;
      gpu = gpus.get(uuid) ?? { links: new Map(), sums: new Map() };
      gpus.set(uuid, gpu);
      continue;
    }
    const link = /^\s+Link (\d+): (.+?)\s*$/.exec(line);
    if (!link || !gpu) continue;
    const index = Number(link[1]);
    const said = link[2] as string;
    const counter = /^([A-Za-z ]+): (.+)$/.exec(said);
    const key = counter ? COUNTERS[counter[1] as string] : undefined;
    if (key !== undefined) {
      const value = numberOf(readCell(counter?.[2] as string), key.endsWith('Kib') ? 'KiB' : '');
      if (typeof value === 'number') gpu.sums.set(key, (gpu.sums.get(key) ?? 0) + value);
    } else if (/^<?inactive>?$/i.test(said)) {
      gpu.links.set(index, { index, active: false });
    } else {
      const speed = numberOf(readCell(said), 'GB/s');
      if (typeof speed === 'number') gpu.links.set(index, { index, active: true, speedGbps: speed });
    }
  }
  return new Map(
    [...gpus].map(([uuid, { links, sums }]) => [
      uuid,
      { links: [...links.values()].sort((a, b) => a.index - b.index), ...Object.fromEntries(sums) },
    ]),
  );
}

/** The rate of two readings of a counter in KiB, in kilobytes a second; what began anew in between has none. */
function rate(before: number | undefined, now: number | undefined, elapsedMs: number): Reading | undefined {
  if (before === undefined || now === undefined || now < before || elapsedMs <= 0) return undefined;
  // KiB in a millisecond are 1,024,000 bytes in a second
  return ((now - before) * 1024) / elapsedMs;
}

/** Joins the state of the links to the inventory, as it was read last. */
export function withLinkState(inventory: GpuInventory, links: ReadonlyMap<string, GpuLinks>): GpuInventory {
  const gpus = inventory.gpus.map((gpu): GpuDetail => {
    const nvlinks = links.get(gpu.uuid)?.links ?? [];
    if (nvlinks.length === 0) return gpu;
    const inactiveNvlinks = nvlinks.filter((link) => !link.active).map((link) => link.index);
    return { ...gpu, nvlinks, signals: { ...gpu.signals, inactiveNvlinks } };
  });
  return { ...inventory, gpus };
}

/** Joins state and values of links that were read just now; `before` is what they counted `elapsedMs` earlier. */
export function withNvlinks(
  inventory: GpuInventory,
  links: ReadonlyMap<string, GpuLinks>,
  before: ReadonlyMap<string, GpuLinks>,
  elapsedMs: number,
): GpuInventory {
  const gpus = inventory.gpus.map((gpu): GpuDetail => {
    const mine = links.get(gpu.uuid);
    if (!mine || mine.links.length === 0) return gpu;
    const earlier = before.get(gpu.uuid);
    const values = new Map(gpu.values);
    const put = (name: Parameters<typeof metricId>[0], value: Reading | undefined) => {
      if (value !== undefined) values.set(metricId(name), value);
    };
    put('nvlink_active_links', mine.links.filter((link) => link.active).length);
    put('nvlink_crc_errors', mine.crcErrors);
    put('nvlink_replay_errors', mine.replayErrors);
    put('nvlink_recovery_errors', mine.recoveryErrors);
    put('nvlink_rx', rate(earlier?.rxKib, mine.rxKib, elapsedMs));
    put('nvlink_tx', rate(earlier?.txKib, mine.txKib, elapsedMs));
    return { ...gpu, values };
  });
  return withLinkState({ ...inventory, gpus }, links);
}
