/** What is waited for matters, not when it comes: the bounds are those of a quick machine with nothing else to do. */
const SLOWER_MACHINES = 3;

export interface Patience {
  /** Three times as long is waited before it counts as never. */
  readonly withinMs?: number;
  /** What to add to the error when time is up. */
  readonly because?: () => string;
  /** A sentence when waiting has become useless. */
  readonly failIf?: () => string | false;
}

/**
 * Waits until `look` returns something true, and returns that.
 *
 * @throws Error that names what was waited for, and why it did not come
 */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  { withinMs: usual = 20_000, because, failIf }: Patience = {},
): Promise<Exclude<T, false | null | undefined>> {
  const withinMs = usual * SLOWER_MACHINES;
  let last: unknown;
  for (const end = performance.now() + withinMs; performance.now() < end;) {
    const useless = failIf?.();
    if (useless) throw new Error(`waiting until ${what}: ${useless}`);
    try {
      const found = await look();
      if (found) return found as Exclude<T, false | null | undefined>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const reason = because?.() ?? (last instanceof Error ? last.message : '');
  throw new Error(`waited ${withinMs / 1000} s until ${what}${reason ? `: ${reason}` : ''}`);
}
