import { metricId } from '@flotilla/domain';
import type { GpuSignals, Reading } from '../collector.js';

const USED = metricId('memory_used_mib');
const TOTAL = metricId('memory_total_mib');

/** True when at least one metric is a fault and none is a number: the GPU answers nothing. */
export function isDead(values: ReadonlyMap<number, Reading>): boolean {
  let fault = false;
  for (const reading of values.values()) {
    if (typeof reading === 'number') return false;
    fault ||= reading === 'fault';
  }
  return fault;
}

/** What failed readings say of the GPU. `words`: the driver's own for the first of them; undefined where none failed. */
export function faultSignals(values: ReadonlyMap<number, Reading>, words: string | undefined): GpuSignals {
  if (words === undefined) return {};
  return isDead(values) ? { unanswered: words } : { fault: words };
}

/** Percent of the memory that is in use; a total of 0 (some vGPU profiles) is no memory to have a share of. */
export function memoryShare(used: Reading, total: Reading): Reading {
  if (typeof used !== 'number') return used;
  if (typeof total !== 'number') return total;
  return total > 0 ? (used / total) * 100 : 'unsupported';
}

/** The share of a set of values that has used and total memory; undefined where they were not asked for. */
export function memoryShareOf(values: ReadonlyMap<number, Reading>): Reading | undefined {
  const used = values.get(USED);
  const total = values.get(TOTAL);
  return used === undefined || total === undefined ? undefined : memoryShare(used, total);
}
