/** How stale a cached caller can be when even the notification is lost: a disabled user ends within this. */
const FRESH_MS = 10_000;
const MOST_CACHED = 20_000;

/** Remembers for some seconds what is known of callers: the look-up would cost more than the request. */
export class CallerCache<T extends { readonly tenantId: string }> {
  private readonly entries = new Map<string, { readonly value: T; readonly until: number }>();

  get(id: string): T | undefined {
    const cached = this.entries.get(id);
    return cached && cached.until > performance.now() ? cached.value : undefined;
  }

  set(id: string, value: T): T {
    if (this.entries.size >= MOST_CACHED) this.entries.clear();
    this.entries.set(id, { value, until: performance.now() + FRESH_MS });
    return value;
  }

  forget(tenantId: string): void {
    for (const [id, { value }] of this.entries) if (value.tenantId === tenantId) this.entries.delete(id);
  }

  clear(): void {
    this.entries.clear();
  }
}
