/**
 * Token buckets by key (an address): `burst` at once, `perMinute` for ever. In memory: it protects this process's
 * processor from key guessing and storms, it is no accounting.
 */
export class Throttle {
  private readonly buckets = new Map<string, { level: number; atMs: number }>();

  constructor(
    private readonly burst: number,
    private readonly perMinute: number,
    private readonly now: () => number = Date.now,
    private readonly maxKeys = 10_000,
  ) {}

  /** Takes one. @returns 0 when there was one, otherwise milliseconds until there is */
  take(key: string): number {
    const now = this.now();
    const bucket = this.buckets.get(key) ?? { level: this.burst, atMs: now };
    const level = Math.min(this.burst, bucket.level + ((now - bucket.atMs) * this.perMinute) / 60_000);
    this.buckets.delete(key);
    this.buckets.set(key, { level: Math.max(0, level - 1), atMs: now });
    if (this.buckets.size > this.maxKeys) {
      const oldest = this.buckets.keys().next().value;
      if (oldest !== undefined) this.buckets.delete(oldest);
    }
    if (level >= 1) return 0;
    // a refused attempt costs nothing
    this.buckets.set(key, { level, atMs: now });
    return ((1 - level) * 60_000) / this.perMinute;
  }
}
