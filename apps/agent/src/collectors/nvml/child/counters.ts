interface Mark {
  readonly value: number;
  readonly atMs: number;
}

/** Turns counters of the driver into what happened since the reading before. */
export class Counters {
  private readonly last = new Map<string, Mark>();

  /**
   * By how much a counter grew, and over which time; null for the first reading, and after it went backwards: the driver
   * was loaded anew, or the counter wrapped.
   */
  since(name: string, value: number, nowMs: number): { readonly by: number; readonly ms: number } | null {
    const before = this.last.get(name);
    this.last.set(name, { value, atMs: nowMs });
    if (!before || value < before.value || nowMs <= before.atMs) return null;
    return { by: value - before.value, ms: nowMs - before.atMs };
  }
}
