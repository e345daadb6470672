import Big from 'big.js';

/** Sums of usage that has a price and a rate; decimals as strings, null: there is none. */
export interface ChargedUse {
  readonly cost: string | null;
  readonly tokens: string | null;
  /** Of inference alone: cost and requests. */
  readonly inferenceCost: string | null;
  readonly inferences: string | null;
  /** By part, as far as parts are known: what is estimated from a list is, what was told whole is not. */
  readonly parts: Readonly<Record<'input' | 'cached' | 'output', ChargedPart>>;
}

export interface ChargedPart {
  readonly cost: string | null;
  readonly tokens: string | null;
}

/** Decimals; null where there is nothing to divide by. */
export interface ChargedUnitCosts {
  readonly perToken: string | null;
  readonly perMillion: Readonly<Record<'all' | 'input' | 'cached' | 'output', string | null>>;
  readonly perInference: string | null;
}

const DIGITS = 18;

/**
 * What a token and a request cost that somebody charges for: of a model, or of all. What has no price is in neither side of
 * a division, so it makes nothing look cheap.
 */
export function chargedUnitCosts(uses: readonly ChargedUse[]): ChargedUnitCosts {
  const sum = (of: (use: ChargedUse) => string | null) =>
    uses.reduce<Big>((total, use) => total.plus(of(use) ?? 0), new Big(0));
  const per = (cost: (use: ChargedUse) => string | null, count: (use: ChargedUse) => string | null, times = 1) => {
    const by = sum(count);
    return by.eq(0) || uses.every((use) => cost(use) === null)
      ? null
      : new Big(sum(cost).times(times).div(by).toFixed(DIGITS)).toFixed();
  };
  const part = (name: 'input' | 'cached' | 'output') =>
    per(
      (use) => use.parts[name].cost,
      (use) => use.parts[name].tokens,
      1_000_000,
    );
  return {
    perToken: per(
      (use) => use.cost,
      (use) => use.tokens,
    ),
    perMillion: {
      all: per(
        (use) => use.cost,
        (use) => use.tokens,
        1_000_000,
      ),
      input: part('input'),
      cached: part('cached'),
      output: part('output'),
    },
    perInference: per(
      (use) => use.inferenceCost,
      (use) => use.inferences,
    ),
  };
}

/** The mean of the runs whose cost is known, and how many those are. */
export function meanRunCost(costs: readonly (string | null)[]): {
  readonly mean: string | null;
  readonly runs: number;
} {
  const known = costs.filter((cost) => cost !== null);
  if (known.length === 0) return { mean: null, runs: 0 };
  const total = known.reduce<Big>((sum, cost) => sum.plus(cost), new Big(0));
  return { mean: new Big(total.div(known.length).toFixed(DIGITS)).toFixed(), runs: known.length };
}
