import { Injectable } from '@nestjs/common';
import type { Verdict } from './rate-limiter.js';

const LIMIT = 1000;
const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 50_000;

/**
 * Requests of callers who are not known (public routes, refused credentials, unknown routes), per address and minute.
 * In memory and per replica on purpose: it must work while the database is away, and guards only this process.
 */
@Injectable()
export class AddressLimiter {
  private windows = new Map<string, { used: number; endsAtMs: number }>();

  /** What `consume` would leave, without counting. */
  peek(address: string): Verdict {
    const { used, endsAtMs } = this.windowOf(address);
    return { allowed: used < LIMIT, limit: LIMIT, remaining: Math.max(0, LIMIT - used), resetAtMs: endsAtMs };
  }

  consume(address: string): Verdict {
    const window = this.windowOf(address);
    const allowed = window.used < LIMIT;
    window.used++;
    this.windows.set(address, window);
    return { ...this.peek(address), allowed };
  }

  private windowOf(address: string): { used: number; endsAtMs: number } {
    const now = Date.now();
    const known = this.windows.get(address);
    if (known && known.endsAtMs > now) return known;
    if (this.windows.size >= MOST_ADDRESSES)
      this.windows = new Map([...this.windows].filter(([, one]) => one.endsAtMs > now));
    if (this.windows.size >= MOST_ADDRESSES) this.windows.clear();
    return { used: 0, endsAtMs: now + WINDOW_MS };
  }
}
