import { statSync } from 'node:fs';
import type { CollectorCondition } from '../../collectors/collector.js';
import { KmsgDevice } from './kmsg-device.js';
import { LogFile } from './log-file.js';
import type { LogSource, Position } from './source.js';

/** Until a log that could not be read is tried again. */
const RETRY_MS = 60_000;
/** So long a loss of lines stays on show. */
const LOSS_TOLD_MS = 600_000;

export interface FollowerOptions {
  readonly path: string;
  /** How far an earlier run read; null: never. */
  readonly after: Position | null;
  /** That run was in this boot of the host: the kernel counts its records anew with each. */
  readonly sameBoot: boolean;
  readonly line: (line: string) => void;
  readonly state: (condition: CollectorCondition, message: string) => void;
  /** What stands in the condition while it is read. */
  readonly reading: string;
  /** For a person, by the code of the error; '' stands for all others. */
  readonly mends: Readonly<Record<string, string>>;
  /** It may simply not be there. */
  readonly optional?: boolean;
}

/** Reads a log as it grows and says how that goes. */
export class LogFollower {
  private source: LogSource | null = null;
  private retryAtMs = 0;
  private told = '';
  private lossUntilMs = 0;
  /** Everything that was there at the start was read: what comes now is new. */
  isCaughtUp = false;

  constructor(private readonly options: FollowerOptions) {}

  get position(): Position | null {
    return this.source?.position ?? this.options.after;
  }

  /** Hands on what is new. @returns true when there is more to read at once */
  poll(monotonicMs: number): boolean {
    if (monotonicMs < this.retryAtMs) return false;
    try {
      this.source ??= this.open();
      const { lines, lost, more } = this.source.read();
      for (const line of lines) this.options.line(line);
      if (lost) this.lossUntilMs = monotonicMs + LOSS_TOLD_MS;
      if (lost)
        this.tell('degraded', `${this.options.path} was written faster than it could be read: lines are missing.`);
      else if (monotonicMs >= this.lossUntilMs) this.tell('ok', this.options.reading);
      this.isCaughtUp ||= !more;
      return more;
    } catch (error) {
      this.retryAtMs = monotonicMs + RETRY_MS;
      const { code = '', message } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' && this.options.optional === true) return false;
      const { mends, path } = this.options;
      const said = code in mends ? mends[code] : `${path} cannot be read (${message}). ${mends[''] ?? ''}`.trim();
      this.tell(code === 'ENOENT' ? 'unavailable' : 'failed', said as string);
      return false;
    }
  }

  close(): void {
    this.source?.close();
  }

  private open(): LogSource {
    const { path, after, sameBoot } = this.options;
    return statSync(path).isFile() ? new LogFile(path, after) : new KmsgDevice(path, sameBoot ? after : null);
  }

  private tell(condition: CollectorCondition, message: string): void {
    const text = `${condition} ${message}`;
    if (text === this.told) return;
    this.told = text;
    this.options.state(condition, message);
  }
}
