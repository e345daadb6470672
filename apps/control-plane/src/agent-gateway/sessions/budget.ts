/** What all streams of this replica together may hold in memory until the database has it. */
export class InflightBudget {
  private used = 0;
  private readonly waiting = new Set<() => void>();

  /** @param limitBytes above it, streams stop being read */
  constructor(readonly limitBytes: number) {}

  get usedBytes(): number {
    return this.used;
  }

  get isFull(): boolean {
    return this.used >= this.limitBytes;
  }

  /** 0 to 1 and above. */
  get pressure(): number {
    return this.used / this.limitBytes;
  }

  take(bytes: number): void {
    this.used += bytes;
  }

  give(bytes: number): void {
    this.used -= bytes;
    if (this.used >= this.limitBytes * 0.75) return;
    const resumed = [...this.waiting];
    this.waiting.clear();
    for (const resume of resumed) resume();
  }

  /** Calls once when there is room again. */
  onRoom(resume: () => void): void {
    this.waiting.add(resume);
  }

  /** @returns batches that one stream may have in flight now */
  window(most: number): number {
    if (this.pressure > 0.5) return 1;
    return this.pressure > 0.25 ? Math.max(1, Math.floor(most / 2)) : most;
  }
}
