import { metricId } from '@flotilla/domain';
import type { GpuSignals, Reading } from '../collector.js';

const PENDING_ROWS = metricId('remapped_rows_pending');
const FAILED_ROWS = metricId('remapped_rows_failure');
const PENDING_PAGES = metricId('retired_pages_pending');

export type Health = { readonly health: 'healthy' | 'degraded' | 'unhealthy' | 'unknown'; readonly reason: string };

const HEALTHY: Health = { health: 'healthy', reason: '' };

/**
 * A GPU's health by its newest reading alone; the worst finding speaks. What needs memory (Xids, counters that grow, findings
 * that stay until a person clears them) is judged elsewhere.
 */
export function firstLook(values: ReadonlyMap<number, Reading>, signals: GpuSignals): Health {
  if (signals.unanswered !== undefined) return unhealthy(`The GPU answers nothing: ${signals.unanswered}.`);
  // The words are not pinned between drivers: one that nobody knows is bad news.
  if (signals.recoveryAction !== undefined && signals.recoveryAction !== 'None') {
    return unhealthy(`The driver asks for a recovery action: ${signals.recoveryAction}.`);
  }
  if (values.get(FAILED_ROWS) === 1) return unhealthy('A memory row could not be remapped: the board needs replacing.');
  if (signals.unrepairableMemory) return unhealthy('Memory of the board cannot be repaired: it needs replacing.');
  if (signals.resetRequired) return unhealthy('The driver says that the GPU has to be reset.');
  if (values.get(PENDING_ROWS) === 1) return degraded('A memory row waits to be remapped: reset the GPU.');
  if (values.get(PENDING_PAGES) === 1) return degraded('A memory page waits to be retired: reset the GPU.');
  if (signals.repairPending) return degraded('A repair of the memory or of a TPC waits for the next reset of the GPU.');
  return HEALTHY;
}

const unhealthy = (reason: string): Health => ({ health: 'unhealthy', reason });
const degraded = (reason: string): Health => ({ health: 'degraded', reason });
