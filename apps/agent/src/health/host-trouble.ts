import type { HostTrouble } from '@flotilla/domain';
import type { CollectorCondition } from '../collectors/collector.js';

const BY_WORDS: readonly (readonly [words: RegExp, trouble: HostTrouble])[] = [
  [/driver\/library version mismatch/i, 'driver_mismatch'],
  [/stopped answering/i, 'tool_hung'],
  [/driver: it is not loaded|driver is not loaded/i, 'driver_not_loaded'],
];

/** What the condition of a reader of GPUs says of its host; null: nothing that concerns the health of a GPU. */
export function troubleOf(condition: CollectorCondition, message: string): HostTrouble | null {
  if (condition === 'ok' || condition === 'degraded' || condition === 'unavailable') return null;
  return BY_WORDS.find(([words]) => words.test(message))?.[1] ?? 'no_reading';
}
