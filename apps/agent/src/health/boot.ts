import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

/** One boot of the host. */
export interface Boot {
  /** The kernel's own name of it; empty where it does not tell (no Linux). */
  readonly id: string;
  /** When it was, Unix milliseconds of the host's clock: what kernel timestamps count from. */
  readonly atMs: number;
}

export function currentBoot(nowMs: number): Boot {
  return { id: bootId(), atMs: nowMs - uptime() * 1000 };
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return '';
  }
}
