import { atScale, decimalText, exact } from './decimal.js';

/** Digits after the point that a part has at least, so that a dollar can be split three ways. */
const LEAST_SCALE = 6;

/**
 * Splits an amount by weights; the parts sum to it to the last digit.
 *
 * Largest remainder (Hamilton): every part is its exact share cut to the amount's own digits (six at least), and the
 * smallest units that are left over go one each to the parts that lost most, the earlier one first where two lost the same.
 * A negative amount (a credit) is split as its mirror image.
 *
 * @param weights decimal strings >= 0, in a stable order
 * @returns as many decimal strings; null when there is nobody to give it to: no weight, or only zeros
 * @throws RangeError for a negative weight
 */
export function allocate(amount: string, weights: readonly string[]): string[] | null {
  const parsed = weights.map(exact);
  if (parsed.some((weight) => weight.units < 0n)) throw new RangeError('a weight is negative');
  const weightScale = Math.max(0, ...parsed.map((weight) => weight.scale));
  const whole = parsed.map((weight) => atScale(weight, weightScale));
  const sum = whole.reduce((total, weight) => total + weight, 0n);
  if (sum === 0n) return null;
  const value = exact(amount);
  const scale = Math.max(value.scale, LEAST_SCALE);
  const units = atScale(value, scale);
  const sign = units < 0n ? -1n : 1n;
  const size = units * sign;
  const parts = whole.map((weight) => (size * weight) / sum);
  const lost = whole.map((weight) => (size * weight) % sum);
  let left = size - parts.reduce((total, part) => total + part, 0n);
  const byLoss = lost
    .map((_, index) => index)
    .sort((a, b) => (lost[a]! > lost[b]! ? -1 : lost[a]! < lost[b]! ? 1 : a - b));
  for (const index of byLoss) {
    if (left === 0n) break;
    parts[index]! += 1n;
    left -= 1n;
  }
  return parts.map((part) => decimalText({ units: part * sign, scale }));
}
