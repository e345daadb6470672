import { metricId } from '@flotilla/domain';
import type { Reading } from '../collector.js';
import { numberOf, wordOf } from './cells.js';
import type { Row } from './rows.js';
import { HEALTH_COLUMNS, ROW_METRICS, SIGNALS, type Signal } from './signals.js';

const USED = metricId('memory_used_mib');
const TOTAL = metricId('memory_total_mib');
const SHARE = metricId('memory_utilization');
const BY_ID = SIGNALS.map((signal) => [metricId(signal.metric), signal] as const);
const SIGNAL_COLUMNS = new Set(SIGNALS.flatMap((signal) => signal.columns));

/** A row's metrics by catalogue id: a number, or why there is none. What the driver has no column for is unsupported. */
export function readMetrics(row: Row): Map<number, Reading> {
  const values = new Map<number, Reading>();
  for (const [id, signal] of BY_ID) values.set(id, readSignal(row, signal));
  values.set(SHARE, memoryShare(values.get(USED) as Reading, values.get(TOTAL) as Reading));
  return values;
}

function readSignal(row: Row, signal: Signal): Reading {
  let absence: Reading | undefined;
  for (const column of signal.columns) {
    const cell = row.get(column);
    if (cell === undefined) continue;
    const reading = numberOf(cell, signal.unit);
    if (typeof reading === 'number') return reading;
    absence ??= reading;
  }
  return absence ?? 'unsupported';
}

/** Percent of the memory that is in use; a total of 0 (some vGPU profiles) is no memory to have a share of. */
export function memoryShare(used: Reading, total: Reading): Reading {
  if (typeof used !== 'number') return used;
  if (typeof total !== 'number') return total;
  return total > 0 ? (used / total) * 100 : 'unsupported';
}

/** All metrics of a row as faults: for a GPU that the driver lists but cannot talk to. */
export const allFaults = (): Map<number, Reading> => new Map(ROW_METRICS.map((id) => [id, 'fault']));

/** True when at least one metric is a fault and none is a number: the GPU answers nothing. */
export function isDead(values: ReadonlyMap<number, Reading>): boolean {
  let fault = false;
  for (const reading of values.values()) {
    if (typeof reading === 'number') return false;
    fault ||= reading === 'fault';
  }
  return fault;
}

/** The same, of the row itself: no number under any signal, and a fault under one. */
export function isDeadRow(row: Row): boolean {
  let fault = false;
  for (const [column, cell] of row) {
    if (!SIGNAL_COLUMNS.has(column)) continue;
    if (cell.kind === 'number') return false;
    fault ||= cell.kind === 'absent' && cell.why === 'fault';
  }
  return fault;
}

/** The first fault's own words (`[GPU is lost]`), for the message. */
export function faultWords(row: Row): string | undefined {
  for (const cell of row.values()) if (cell.kind === 'absent' && cell.why === 'fault') return cell.spelling;
  return undefined;
}

export type Health = { readonly health: 'healthy' | 'degraded' | 'unhealthy' | 'unknown'; readonly reason: string };

/** What a cell of a health column means. The words of gpu_recovery_action are not pinned: an unknown one is unhealthy. */
const HEALTH_OF: Readonly<Record<(typeof HEALTH_COLUMNS)[number], (word: string) => Health | null>> = {
  gpu_recovery_action: (word) =>
    word === 'None' ? null : { health: 'unhealthy', reason: `The driver asks for a recovery action: ${word}.` },
  'remapped_rows.failure': (word) =>
    word === 'Yes'
      ? { health: 'unhealthy', reason: 'A memory row could not be remapped: the board needs replacing.' }
      : null,
  'remapped_rows.pending': (word) =>
    word === 'Yes' ? { health: 'degraded', reason: 'A memory row waits to be remapped: reset the GPU.' } : null,
  'retired_pages.pending': (word) =>
    word === 'Yes' ? { health: 'degraded', reason: 'A memory page waits to be retired: reset the GPU.' } : null,
};

/** A GPU's health by its row alone; the worst finding speaks. */
export function assessHealth(row: Row, values: ReadonlyMap<number, Reading>): Health {
  if (isDead(values)) {
    return { health: 'unhealthy', reason: `The GPU answers nothing: ${faultWords(row) ?? 'unreadable'}.` };
  }
  let worst: Health = { health: 'healthy', reason: '' };
  for (const column of HEALTH_COLUMNS) {
    const word = wordOf(row.get(column));
    const finding = word === undefined ? null : HEALTH_OF[column](word);
    if (finding && (worst.health === 'healthy' || finding.health === 'unhealthy')) worst = finding;
    if (worst.health === 'unhealthy') break;
  }
  return worst;
}
