/** Remembers the newest `most` entries, each for `ttlMs`. */
export class BoundedCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  constructor(
    private readonly most: number,
    private readonly ttlMs: number,
  ) {}

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (!entry) return undefined;
    if (entry.untilMs >= Date.now()) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  set(key: string, value: Value): void {
    this.entries.delete(key);
    if (this.entries.size >= this.most) this.entries.delete(this.entries.keys().next().value!);
    this.entries.set(key, { value, untilMs: Date.now() + this.ttlMs });
  }

  delete(key: string): void {
    this.entries.delete(key);
  }
}
