/** What the API says of one group of charges, as far as a change is explained by it. */
export interface ChangedGroup {
  readonly value: string | null;
  readonly name: string | null;
  readonly current_cost: number;
  readonly previous_cost: number;
  readonly change: number;
  readonly usage: { readonly unit: string; readonly current: number; readonly previous: number } | null;
}

export interface Contribution extends ChangedGroup {
  readonly kind: 'new' | 'gone' | 'more' | 'less' | 'same';
  /** Of the change, as if the price had stayed; and the rest, which is the price's. null: not known. They sum to the change. */
  readonly byUse: number | null;
  readonly byPrice: number | null;
}

export interface Explanation {
  /** The largest changes first, in either direction. */
  readonly main: readonly Contribution[];
  /** All others together; null: there are none. */
  readonly rest: { readonly groups: number; readonly change: number } | null;
  /** The sum of what rose, and of what fell (negative). */
  readonly up: number;
  readonly down: number;
  /** Groups that, alone, explain most of what the total changed by: the fewest that come to half of the movement in its direction. */
  readonly drivers: readonly Contribution[];
}

/**
 * Which groups make the change of a total.
 *
 * @param groups their changes sum to the change of the total together with `other`
 * @param most how many stand for themselves
 */
export function explain(
  groups: readonly ChangedGroup[],
  other: { readonly groups: number; readonly change: number } | null,
  most = 8,
): Explanation {
  const changed = groups
    .filter(({ change }) => change !== 0)
    .map(contribution)
    .sort((a, b) => Math.abs(b.change) - Math.abs(a.change));
  const main = changed.slice(0, most);
  const left = changed.slice(most);
  const restChange = left.reduce((sum, { change }) => sum + change, other?.change ?? 0);
  const restGroups = left.length + (other?.groups ?? 0);
  const all = [...changed.map(({ change }) => change), other?.change ?? 0];
  const up = all.reduce((sum, change) => sum + Math.max(0, change), 0);
  const down = all.reduce((sum, change) => sum + Math.min(0, change), 0);
  const direction = Math.sign(up + down);
  const movement = direction > 0 ? up : -down;
  const drivers: Contribution[] = [];
  let explained = 0;
  for (const one of changed.filter(({ change }) => Math.sign(change) === direction)) {
    if (explained >= movement / 2 || drivers.length === 3) break;
    drivers.push(one);
    explained += Math.abs(one.change);
  }
  return { main, rest: restGroups > 0 ? { groups: restGroups, change: restChange } : null, up, down, drivers };
}

function contribution(group: ChangedGroup): Contribution {
  const { current_cost: now, previous_cost: before, change, usage } = group;
  const kind = before === 0 ? 'new' : now === 0 ? 'gone' : change > 0 ? 'more' : change < 0 ? 'less' : 'same';
  const isSplit = usage !== null && usage.previous > 0 && usage.current > 0 && before !== 0 && now !== 0;
  const byUse = isSplit ? (usage.current - usage.previous) * (before / usage.previous) : null;
  return { ...group, kind, byUse, byPrice: byUse === null ? null : change - byUse };
}
