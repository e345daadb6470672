/** What was known of a cost day when it was `age` days old (1: the day after). */
export interface Sighting {
  readonly costDay: string;
  readonly ageDays: number;
  readonly amount: number;
}

/** Days that both ages of a step must have been seen on before it is believed. */
const LEAST_PAIRS = 5;

/**
 * How much of a cost day is known at each age, as a share of what it comes to at last: chain ladder over days.
 *
 * The step from one age to the next is the sum at the later age over the sum at the earlier one, over all days that were
 * seen at both (volume-weighted, as actuaries do it); the share at an age is 1 over the product of all later steps. A step
 * that too few days were seen at, or whose sums are not positive (credits), is 1: nothing is corrected that is not known.
 *
 * @returns age in days → share, 1 where it is complete; empty when nothing was seen
 */
export function completionByAge(sightings: readonly Sighting[]): ReadonlyMap<number, number> {
  const byDay = new Map<string, Map<number, number>>();
  let oldest = 0;
  for (const { costDay, ageDays, amount } of sightings) {
    const ages = byDay.get(costDay) ?? new Map<number, number>();
    ages.set(ageDays, amount);
    byDay.set(costDay, ages);
    oldest = Math.max(oldest, ageDays);
  }
  const shares = new Map<number, number>();
  if (oldest > 0) shares.set(oldest, 1);
  let share = 1;
  for (let age = oldest - 1; age >= 1; age--) {
    share /= step(byDay, age);
    shares.set(age, share);
  }
  return shares;
}

function step(byDay: ReadonlyMap<string, ReadonlyMap<number, number>>, age: number): number {
  let [earlier, later, pairs] = [0, 0, 0];
  for (const ages of byDay.values()) {
    const [before, after] = [ages.get(age), ages.get(age + 1)];
    if (before === undefined || after === undefined) continue;
    earlier += before;
    later += after;
    pairs++;
  }
  // a day that nothing is known of at first makes the share zero: such a day is forecast and not scaled up
  if (pairs < LEAST_PAIRS || later <= 0 || earlier < 0) return 1;
  return earlier === 0 ? Infinity : later / earlier;
}

/** The share below which a day's amount says little: it is then mixed with what is expected of the day. */
const TRUSTED_SHARE = 0.8;

/**
 * What a day comes to at last: known amount over the share that is known (chain ladder) where most of it is, else known
 * amount + the missing share of what is expected of such a day (Bornhuetter-Ferguson), which does not blow a small number up.
 */
export function completedAmount(known: number, share: number, expected: number | null): number {
  if (share >= 1) return known;
  if (share >= TRUSTED_SHARE || expected === null) return share > 0 && share >= 0.2 ? known / share : known;
  return known + (1 - share) * expected;
}
