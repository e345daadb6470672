import Big from 'big.js';

/** Tokens by kind. Whole numbers as decimal strings: sums of months are beyond what a number holds exactly. */
export interface TokenMix {
  readonly input: string;
  /** Read from a cache and written to it. */
  readonly cached: string;
  readonly output: string;
}

/** What a token of a kind weighs against one of input, as decimals: how cost is split between kinds. */
export type TokenWeights = TokenMix;

/** An instance that served tokens in a window. */
export interface ServingInstance {
  /** All of its cost in the window, decimal; null: nobody said. */
  readonly cost: string | null;
  /** Useful ÷ measured GPU-hours, 0 to 1; null: not measured. */
  readonly usefulShare: number | null;
  /** Of this model, and of all models that the instance served. */
  readonly tokens: TokenMix;
  readonly allTokens: TokenMix;
}

/** Decimals, per 1M tokens of a kind; `all`: of any kind, in the mix that was served. */
export interface PerMillion {
  readonly input: string;
  readonly cached: string;
  readonly output: string;
  readonly all: string;
}

/** What one basis comes to. */
export interface BasisCost {
  readonly cost: string;
  readonly perMillion: PerMillion;
}

export interface OwnModelCost {
  /** All cost of the instances, split between the models of each by weighted tokens; null: a cost is missing, or no tokens. */
  readonly allocated: BasisCost | null;
  /** Only the useful share of it; null: also where the use of an instance was not measured. */
  readonly used: BasisCost | null;
}

export interface BreakEven {
  /** Tokens per hour at which own GPUs cost what the API does. */
  readonly tokensPerHour: string;
  /** The useful share at which they do, as a fraction; over 1: never. null: not measured. */
  readonly utilisation: number | null;
}

const MILLION = new Big(1_000_000);
const ZERO = new Big(0);
const DIGITS = 12;

/**
 * What tokens cost that were served by own GPUs.
 *
 * An instance that serves several models costs each of them its share of the weighted tokens. One instance without a cost
 * makes the whole unknown: the tokens of the others would look dearer or cheaper than they are.
 */
export function ownModelCost(instances: readonly ServingInstance[], weights: TokenWeights): OwnModelCost {
  let weighted = ZERO;
  let tokens = ZERO;
  let allocated: Big | null = ZERO;
  let used: Big | null = ZERO;
  for (const instance of instances) {
    const own = weigh(instance.tokens, weights);
    const all = weigh(instance.allTokens, weights);
    weighted = weighted.plus(own);
    tokens = tokens.plus(countOf(instance.tokens));
    if (all.eq(0)) continue;
    const cost: Big | null = instance.cost === null ? null : new Big(instance.cost).times(own).div(all);
    allocated = cost === null || allocated === null ? null : allocated.plus(cost);
    used =
      cost === null || used === null || instance.usefulShare === null
        ? null
        : used.plus(cost.times(instance.usefulShare));
  }
  if (weighted.eq(0)) return { allocated: null, used: null };
  const basis = (cost: Big | null): BasisCost | null =>
    cost === null
      ? null
      : {
          cost: rounded(cost),
          perMillion: {
            input: rounded(cost.times(MILLION).times(weights.input).div(weighted)),
            cached: rounded(cost.times(MILLION).times(weights.cached).div(weighted)),
            output: rounded(cost.times(MILLION).times(weights.output).div(weighted)),
            all: rounded(cost.times(MILLION).div(tokens)),
          },
        };
  return { allocated: basis(allocated), used: basis(used) };
}

/**
 * How busy own GPUs must be to cost what an API asks for the same tokens. Assumed: their cost does not change with the
 * load, and tokens grow in proportion to the useful share.
 *
 * @param apiCost what the API asks for these tokens
 * @param hours of the window that the instances were running, all together
 * @returns null where the API asks nothing or no time passed
 */
export function breakEven(
  ownCost: string,
  apiCost: string,
  tokens: TokenMix,
  hours: number,
  usefulShare: number | null,
): BreakEven | null {
  const api = new Big(apiCost);
  if (api.lte(0) || !(hours > 0)) return null;
  const times = new Big(ownCost).div(api);
  return {
    tokensPerHour: rounded(countOf(tokens).times(times).div(hours)),
    utilisation: usefulShare === null ? null : Number(times.times(usefulShare).toFixed(6)),
  };
}

const weigh = (tokens: TokenMix, weights: TokenWeights) =>
  new Big(tokens.input)
    .times(weights.input)
    .plus(new Big(tokens.cached).times(weights.cached))
    .plus(new Big(tokens.output).times(weights.output));
const countOf = (tokens: TokenMix) => new Big(tokens.input).plus(tokens.cached).plus(tokens.output);
const rounded = (amount: Big) => new Big(amount.toFixed(DIGITS)).toFixed();
