export interface BulletValues {
  /** So far. */
  readonly spent: number;
  /** What it must not come to. */
  readonly limit: number;
  /** Where it would be today at an even pace; null: the period is over, or has not begun. */
  readonly expected: number | null;
  /** At the end of the period; null: too little history. */
  readonly projected: number | null;
  readonly interval80: { readonly low: number; readonly high: number } | null;
  readonly interval95: { readonly low: number; readonly high: number } | null;
  /** Percent of the limit. */
  readonly thresholds: readonly { readonly percent: number; readonly forecast: boolean }[];
}

/** Places of everything on the bar, percent of its width. */
export interface BulletPlaces {
  readonly spent: number;
  readonly limit: number;
  readonly expected: number | null;
  readonly projected: number | null;
  readonly band80: readonly [left: number, width: number] | null;
  readonly band95: readonly [left: number, width: number] | null;
  readonly thresholds: readonly { readonly at: number; readonly percent: number; readonly forecast: boolean }[];
}

/** Space right of the greatest value, as a share of it, so that a mark at the end is not cut. */
const ROOM = 0.04;
/** A threshold further out than this many limits would squeeze everything else: it is left out. */
const FAR = 1.5;

/** Every value on one scale from 0; negative ones (credits) stand at 0. */
export function bulletPlaces(values: BulletValues): BulletPlaces {
  const { spent, limit, expected, projected, interval80, interval95 } = values;
  const thresholds = values.thresholds.filter(({ percent }) => percent <= FAR * 100);
  const most = Math.max(
    spent,
    limit,
    projected ?? 0,
    interval95?.high ?? 0,
    interval80?.high ?? 0,
    ...thresholds.map(({ percent }) => (limit * percent) / 100),
  );
  const top = most > 0 ? most * (1 + ROOM) : 1;
  const place = (value: number) => (Math.max(0, value) / top) * 100;
  const band = (of: BulletValues['interval80']) =>
    of && ([place(of.low), Math.max(0.4, place(of.high) - place(of.low))] as const);
  return {
    spent: place(spent),
    limit: place(limit),
    expected: expected === null ? null : place(expected),
    projected: projected === null ? null : place(projected),
    band80: band(interval80),
    band95: band(interval95),
    thresholds: thresholds.map((one) => ({ ...one, at: place((limit * one.percent) / 100) })),
  };
}
