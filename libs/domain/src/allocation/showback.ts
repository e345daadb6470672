import { allocate } from './allocate.js';
import { compareDecimals, sumDecimals } from './decimal.js';

export const ALLOCATION_METHODS = ['even', 'weighted', 'by_usage'] as const;
export const USAGE_BASES = ['cost', 'gpu_hours'] as const;

/** How one rule splits what it takes. */
export interface SplitRule {
  readonly id: number;
  readonly method: (typeof ALLOCATION_METHODS)[number];
  /** Only of by_usage. */
  readonly usage_basis: (typeof USAGE_BASES)[number] | null;
  /** Who gets a part; null: every value that has cost of its own. Weights: decimal strings, only of weighted. */
  readonly targets: readonly { readonly value: string; readonly weight: string | null }[] | null;
}

/** Charges of one value of the key that the same rule takes, or none does. */
export interface ChargeGroup {
  /** null: charges without the key. */
  readonly value: string | null;
  readonly ruleId: number | null;
  /** Decimal. */
  readonly cost: string;
  readonly records: number;
}

export interface ShowbackValue {
  readonly value: string;
  readonly direct: string;
  readonly shares: readonly { readonly ruleId: number; readonly amount: string }[];
  readonly shared: string;
  readonly total: string;
  readonly records: number;
}

export interface Showback {
  /** The most expensive first. */
  readonly values: readonly ShowbackValue[];
  /** What each rule took, in the order of the rules; `allocated` false: it found nobody to give it to. */
  readonly rules: readonly {
    readonly ruleId: number;
    readonly cost: string;
    readonly records: number;
    readonly allocated: boolean;
  }[];
  /** Charges without the key that no rule takes, and what rules could give to nobody. */
  readonly unallocated: { readonly cost: string; readonly records: number };
  /** Of everything; the totals of the values and what is unallocated sum to it to the last digit. */
  readonly total: string;
}

const sumRecords = (groups: readonly ChargeGroup[]) => groups.reduce((sum, group) => sum + group.records, 0);
const sumCosts = (groups: readonly ChargeGroup[]) => sumDecimals(groups.map((group) => group.cost));
const notNegative = (amount: string) => (compareDecimals(amount, '0') < 0 ? '0' : amount);

/**
 * What each value of a key costs: its own charges, and its part of what rules share.
 *
 * The part by usage is that of the value's own cost before any sharing, so that the order of rules changes nothing about it; a
 * value whose credits outweigh its charges has no usage.
 *
 * @param gpuHours GPU-hours by value, decimal strings; a value that is not there had none
 */
export function showback(
  groups: readonly ChargeGroup[],
  rules: readonly SplitRule[],
  gpuHours: ReadonlyMap<string, string>,
): Showback {
  const direct = new Map<string, ChargeGroup>();
  for (const group of groups) if (group.value !== null && group.ruleId === null) direct.set(group.value, group);
  const shares = new Map<string, { ruleId: number; amount: string }[]>();
  const lost: ChargeGroup[] = groups.filter((group) => group.value === null && group.ruleId === null);
  const taken = rules.flatMap((rule) => {
    const own = groups.filter((group) => group.ruleId === rule.id);
    if (own.length === 0) return [];
    const cost = sumCosts(own);
    const split = weightsOf(rule, direct, gpuHours);
    const parts = allocate(
      cost,
      split.map(({ weight }) => weight),
    );
    if (!parts) lost.push(...own);
    for (const [index, { value }] of split.entries()) {
      const amount = parts?.[index] ?? '0';
      if (amount === '0') continue;
      const known = shares.get(value) ?? [];
      known.push({ ruleId: rule.id, amount });
      shares.set(value, known);
    }
    return [{ ruleId: rule.id, cost, records: sumRecords(own), allocated: parts !== null }];
  });
  const values = [...new Set([...direct.keys(), ...shares.keys()])].map((value): ShowbackValue => {
    const own = direct.get(value);
    const parts = shares.get(value) ?? [];
    const shared = sumDecimals(parts.map(({ amount }) => amount));
    const cost = sumDecimals([own?.cost ?? '0']);
    return {
      value,
      direct: cost,
      shares: parts,
      shared,
      total: sumDecimals([cost, shared]),
      records: own?.records ?? 0,
    };
  });
  return {
    values: values.sort((a, b) => compareDecimals(b.total, a.total) || (a.value < b.value ? -1 : 1)),
    rules: taken,
    unallocated: { cost: sumCosts(lost), records: sumRecords(lost) },
    total: sumCosts(groups),
  };
}

/** Who takes part, in the order of their names (or of the targets), and with what weight. */
function weightsOf(
  rule: SplitRule,
  direct: ReadonlyMap<string, ChargeGroup>,
  gpuHours: ReadonlyMap<string, string>,
): { value: string; weight: string }[] {
  const everyone = new Set(direct.keys());
  if (rule.usage_basis === 'gpu_hours') for (const value of gpuHours.keys()) everyone.add(value);
  const targets = rule.targets ?? [...everyone].sort().map((value) => ({ value, weight: null }));
  return targets.map(({ value, weight }) => {
    if (rule.method === 'weighted') return { value, weight: weight ?? '0' };
    if (rule.method === 'even') return { value, weight: '1' };
    const used = rule.usage_basis === 'gpu_hours' ? gpuHours.get(value) : direct.get(value)?.cost;
    return { value, weight: notNegative(used ?? '0') };
  });
}
