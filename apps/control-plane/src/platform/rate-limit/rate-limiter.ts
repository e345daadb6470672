import { Injectable } from '@nestjs/common';
import type { OnModuleInit } from '@nestjs/common';
import { Db } from '@flotilla/persistence';
import { Jobs } from '../jobs/jobs.js';
import { reservation } from './reservation.js';

export interface Verdict {
  readonly allowed: boolean;
  readonly limit: number;
  readonly remaining: number;
  /** When the window ends, Unix milliseconds. */
  readonly resetAtMs: number;
}

/** What this replica holds of one key's window. */
interface Window {
  readonly limit: number;
  /** Requests that this replica may still let through without asking. */
  inHand: number;
  /** All that every replica took of the window, ours in hand included, when we last asked. */
  taken: number;
  endsAtMs: number;
  waiting: number;
  asking: Promise<void> | undefined;
}

/**
 * Limits shared by all replicas, counted in PostgreSQL.
 *
 * A replica takes a hundredth of a window ahead and lets that many requests through without asking: a request costs no
 * round trip in 99 of 100 cases, and the sum over replicas never passes the limit. The price is that a replica can refuse
 * while another still holds up to a hundredth. Limits under 200 are taken one by one and so are exact everywhere.
 */
@Injectable()
export class RateLimiter implements OnModuleInit {
  private readonly windows = new Map<string, Window>();

  constructor(
    private readonly db: Db,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'rate-limit.forget', everyMs: 60_000, exclusive: false, run: async () => this.forget() });
    this.jobs.every({ name: 'rate-limit.sweep', everyMs: 300_000, exclusive: true, run: () => this.sweep() });
  }

  /** Counts one request. @param windowMs starts with the key's first request */
  async consume(key: string, limit: number, windowMs = 60_000): Promise<Verdict> {
    for (;;) {
      const window = this.windowOf(key, limit);
      if (window.inHand > 0) {
        window.inHand--;
        return verdict(window, true);
      }
      const isKnownFull = window.taken >= limit && window.endsAtMs > Date.now();
      if (isKnownFull) return verdict(window, false);
      window.waiting++;
      window.asking ??= this.ask(key, window, windowMs).finally(() => (window.asking = undefined));
      try {
        await window.asking;
      } finally {
        window.waiting--;
      }
    }
  }

  private windowOf(key: string, limit: number): Window {
    const known = this.windows.get(key);
    if (known && known.limit === limit && (known.asking || known.endsAtMs > Date.now())) return known;
    const made: Window = { limit, inHand: 0, taken: 0, endsAtMs: 0, waiting: 0, asking: undefined };
    this.windows.set(key, made);
    return made;
  }

  /** Takes as many as wait or a hundredth of the limit, whichever is more. */
  private async ask(key: string, window: Window, windowMs: number): Promise<void> {
    await Promise.resolve(); // requests of this very moment join in
    const want = Math.max(window.waiting, window.limit < 200 ? 1 : Math.floor(window.limit / 100));
    const { used, endsInMs } = await this.db.system(async (tx) => {
      const row = await tx.row<{ used: number; ends_in_ms: number }>(TAKE, [key, want, windowMs]);
      return { used: row!.used, endsInMs: row!.ends_in_ms };
    });
    window.inHand += reservation(window.limit, used, want);
    window.taken = used;
    window.endsAtMs = Date.now() + Math.max(1, endsInMs);
  }

  private forget(): void {
    const now = Date.now();
    for (const [key, window] of this.windows) if (!window.asking && window.endsAtMs <= now) this.windows.delete(key);
  }

  private async sweep(): Promise<void> {
    await this.db.system((tx) =>
      tx.rows(`DELETE FROM flotilla.rate_windows WHERE ends_at < now() - interval '1 minute'`),
    );
  }
}

const TAKE = `
  INSERT INTO flotilla.rate_windows AS w (key, used, ends_at)
  VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
  ON CONFLICT (key) DO UPDATE SET
    used = CASE WHEN w.ends_at > clock_timestamp() THEN w.used + excluded.used ELSE excluded.used END,
    ends_at = CASE WHEN w.ends_at > clock_timestamp() THEN w.ends_at ELSE excluded.ends_at END
  RETURNING w.used, extract(epoch FROM w.ends_at - clock_timestamp())::double precision * 1000 AS ends_in_ms`;

function verdict(window: Window, allowed: boolean): Verdict {
  // refused requests are in `taken` too, hence the min
  const remaining = window.limit - Math.min(window.taken, window.limit) + window.inHand;
  return { allowed, limit: window.limit, remaining, resetAtMs: window.endsAtMs };
}
