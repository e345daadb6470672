import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cancel, Clock } from '../../clock.js';
import type { Cloud, CloudIdentity } from './cloud/cloud-identity.js';

export interface CloudWatchOptions {
  readonly cloud: Cloud;
  /** null: where the cloud has it. */
  readonly address: string | null;
  readonly stateDir: string;
  /** What was remembered under another one is another machine's. */
  readonly fingerprint: string;
  readonly clock: Clock;
  /** The cloud said something new. */
  readonly onIdentity: (identity: CloudIdentity) => void;
  /** It could not be asked; one sentence. */
  readonly onTrouble: (sentence: string) => void;
}

const AGAIN_MS = [5_000, 15_000, 60_000, 300_000] as const;
/** Tags and groups change. */
const REFRESH_MS = 3_600_000;

/**
 * Asks the cloud who this machine is until it says so, and once an hour after that. The last answer is remembered in the
 * state folder, so that a restart without network does not make the machine another one.
 */
export class CloudWatch {
  private next: Cancel | null = null;
  private failures = 0;
  private stopped = false;
  private known: CloudIdentity | null;

  constructor(private readonly options: CloudWatchOptions) {
    this.known = this.remembered();
  }

  /** What an earlier run or this one was told. */
  get identity(): CloudIdentity | null {
    return this.known;
  }

  /** Resolves after the first try, whatever came of it. Never rejects. */
  async ask(): Promise<void> {
    const { cloud, address, clock, onIdentity, onTrouble } = this.options;
    try {
      // on a host of one's own none of this is evaluated
      const { askCloud, METADATA_ADDRESS } = await import('./cloud/ask.js');
      const identity = await askCloud(cloud, address ?? METADATA_ADDRESS);
      this.failures = 0;
      if (this.stopped) return;
      if (JSON.stringify(identity) !== JSON.stringify(this.known)) {
        this.known = identity;
        this.remember(identity);
      }
      onIdentity(identity);
    } catch (error) {
      this.failures += 1;
      if (this.stopped) return;
      onTrouble(error instanceof Error ? error.message : String(error));
    }
    const delayMs = this.failures === 0 ? REFRESH_MS : (AGAIN_MS[this.failures - 1] ?? AGAIN_MS.at(-1) ?? REFRESH_MS);
    this.next = clock.after(delayMs, () => void this.ask());
  }

  stop(): void {
    this.stopped = true;
    this.next?.();
  }

  private get path(): string {
    return join(this.options.stateDir, 'cloud.json');
  }

  private remembered(): CloudIdentity | null {
    try {
      const { fingerprint, identity } = JSON.parse(readFileSync(this.path, 'utf8')) as {
        fingerprint?: string;
        identity?: CloudIdentity;
      };
      const isOurs = fingerprint === this.options.fingerprint && identity?.cloud === this.options.cloud;
      return isOurs && typeof identity.instanceId === 'string' ? identity : null;
    } catch {
      return null;
    }
  }

  private remember(identity: CloudIdentity): void {
    try {
      const text = JSON.stringify({ fingerprint: this.options.fingerprint, identity });
      writeFileSync(`${this.path}.new`, text, { mode: 0o600 });
      renameSync(`${this.path}.new`, this.path);
    } catch {
      // a read-only disk: it is asked again after a restart
    }
  }
}
