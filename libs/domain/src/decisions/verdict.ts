import type { AcrossGpus, ConditionOperator } from './condition.js';

/** What a minute says about a comparison. Bytes, so that they fit into typed arrays. */
export const NOT_MET = 0;
export const MET = 1;
export const MISSING = 2;
export type MinuteVerdict = typeof NOT_MET | typeof MET | typeof MISSING;

/** Operators by number: a loop over a fleet compares numbers, not words. */
export const GT = 0;
export const LT = 1;
export const GTE = 2;
export const LTE = 3;
export const EQ = 4;
export const NOT_EQ = 5;

const CODES: Readonly<Record<ConditionOperator, number>> = {
  gt: GT,
  lt: LT,
  gte: GTE,
  lte: LTE,
  eq: EQ,
  not_eq: NOT_EQ,
};

export const operatorCode = (operator: ConditionOperator): number => CODES[operator];

/** NaN is never met, and never not met: it is missing. */
export function verdictOf(value: number, operator: number, threshold: number): MinuteVerdict {
  if (value !== value) return MISSING;
  switch (operator) {
    case GT:
      return value > threshold ? MET : NOT_MET;
    case LT:
      return value < threshold ? MET : NOT_MET;
    case GTE:
      return value >= threshold ? MET : NOT_MET;
    case LTE:
      return value <= threshold ? MET : NOT_MET;
    case EQ:
      return value === threshold ? MET : NOT_MET;
    default:
      return value !== threshold ? MET : NOT_MET;
  }
}

/** `verdictOf` for each of the first `count` values: the operator is looked at once. */
export function verdictsOf(
  values: ArrayLike<number>,
  operator: number,
  threshold: number,
  count: number,
  out: Uint8Array,
): void {
  switch (operator) {
    case GT:
      for (let m = 0; m < count; m++)
        out[m] = values[m]! > threshold ? MET : values[m]! <= threshold ? NOT_MET : MISSING;
      return;
    case LT:
      for (let m = 0; m < count; m++)
        out[m] = values[m]! < threshold ? MET : values[m]! >= threshold ? NOT_MET : MISSING;
      return;
    default:
      for (let m = 0; m < count; m++) out[m] = verdictOf(values[m]!, operator, threshold);
  }
}

/**
 * The verdict of an instance from those of its GPUs, of which a GPU without data knows neither: any = one met decides, all =
 * one not met decides, and without such a one a GPU without data leaves it missing. No GPU at all is missing.
 *
 * @param values of all instances; this one's are those from `from` up to, without, `to`
 */
export function verdictAcross(
  values: ArrayLike<number>,
  from: number,
  to: number,
  operator: number,
  threshold: number,
  across: AcrossGpus,
): MinuteVerdict {
  const decisive = across === 'any' ? MET : NOT_MET;
  let missing = from >= to;
  for (let i = from; i < to; i++) {
    const verdict = verdictOf(values[i]!, operator, threshold);
    if (verdict === decisive) return decisive;
    if (verdict === MISSING) missing = true;
  }
  if (missing) return MISSING;
  return decisive === MET ? NOT_MET : MET;
}
