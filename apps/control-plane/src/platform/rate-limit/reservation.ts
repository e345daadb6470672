/**
 * How many of the `want` requests that were just added to a window fit under its limit.
 *
 * @param used the window's count with `want` already in it
 */
export function reservation(limit: number, used: number, want: number): number {
  return Math.max(0, Math.min(want, limit - (used - want)));
}
