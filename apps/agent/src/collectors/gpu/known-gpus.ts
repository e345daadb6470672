import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What is remembered of a GPU across restarts of the agent, so that one that is gone after a reboot is missed. */
export interface KnownGpu {
  readonly uuid: string;
  readonly index?: number;
  readonly busId?: string;
  readonly model?: string;
  readonly serial?: string;
  readonly memoryTotalMib?: number;
  readonly driverVersion?: string;
  readonly migEnabled?: boolean;
  /** Unix milliseconds of the host's clock. */
  readonly lastSeenMs: number;
}

/** After a week a missing GPU counts as taken out: a board that was sold must not be missed for ever. */
export const FORGET_AFTER_MS = 7 * 24 * 3600 * 1000;

/** The known GPUs on disk. An unreadable file is an empty one, a full or read-only disk is borne: only memory is lost. */
export class KnownGpuFile {
  private readonly path: string;
  private written = '';

  constructor(private readonly stateDir: string) {
    this.path = join(stateDir, 'known-gpus.json');
  }

  load(nowMs: number): KnownGpu[] {
    try {
      const content: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      const gpus = (content as { gpus?: unknown }).gpus;
      if (!Array.isArray(gpus)) return [];
      return gpus.filter(
        (g: Partial<KnownGpu> | null): g is KnownGpu =>
          typeof g?.uuid === 'string' && typeof g.lastSeenMs === 'number' && nowMs - g.lastSeenMs < FORGET_AFTER_MS,
      );
    } catch {
      return [];
    }
  }

  /** Saves what changed, the times of sight in steps of an hour: the disk of a host is not written every minute. */
  save(gpus: readonly KnownGpu[]): void {
    const hourly = gpus.map((g) => ({ ...g, lastSeenMs: Math.floor(g.lastSeenMs / 3_600_000) * 3_600_000 }));
    const content = JSON.stringify({ version: 1, gpus: hourly });
    if (content === this.written) return;
    this.written = content;
    try {
      mkdirSync(this.stateDir, { recursive: true });
      writeFileSync(`${this.path}.new`, content);
      renameSync(`${this.path}.new`, this.path);
    } catch {
      // Said above: without it only a restart of the agent forgets which GPUs there were.
    }
  }
}
