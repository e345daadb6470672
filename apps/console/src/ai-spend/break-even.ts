/** Own GPUs against an API, for the same tokens. */
export interface BreakEven {
  /** Useful share at which both cost the same; null: nobody measured how useful the time was. */
  readonly share: number | null;
  readonly verdict: 'own_cheaper' | 'reachable' | 'never' | 'unknown';
  /** What the API would have cost less than own GPUs did; negative: own GPUs were cheaper. */
  readonly saving: number;
}

interface Own {
  readonly cost: number | null;
  readonly useful_share: number | null;
}

interface Api {
  readonly cost: number;
  readonly break_even_utilisation: number | null;
}

/** Which of the two is cheaper, and whether more load could change that. */
export function breakEven(own: Own, api: Api): BreakEven | null {
  if (own.cost === null) return null;
  const share = api.break_even_utilisation;
  const saving = own.cost - api.cost;
  if (saving <= 0) return { share, saving, verdict: 'own_cheaper' };
  if (share === null) return { share, saving, verdict: 'unknown' };
  return { share, saving, verdict: share > 1 ? 'never' : 'reachable' };
}

/**
 * What a million tokens of own GPUs costs at a useful share: their cost stays, the tokens grow with the share.
 *
 * @param share from 0 to 1
 * @param now what it costs at `at`, the share that was measured
 */
export const ownCostAt = (share: number, now: number, at: number): number => (now * at) / share;

/** Points of that curve between two shares, evenly apart. */
export function ownCurve(
  now: number,
  at: number,
  from: number,
  to: number,
  points = 80,
): readonly (readonly [number, number])[] {
  return Array.from({ length: points }, (_, i) => {
    const share = from + ((to - from) * i) / (points - 1);
    return [share, ownCostAt(share, now, at)] as const;
  });
}

/** Heights of labels beside lines, moved apart where they would lie on each other; in the order that they came in. */
export function apart(heights: readonly number[], room: number): readonly number[] {
  const order = heights.map((_, index) => index).sort((a, b) => heights[a]! - heights[b]!);
  const placed = [...heights];
  order.forEach((index, place) => {
    const above = place === 0 ? -Infinity : placed[order[place - 1]!]!;
    placed[index] = Math.max(placed[index]!, above + room);
  });
  return placed;
}
