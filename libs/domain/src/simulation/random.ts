/**
 * Noise without state: the same numbers in, the same number out, so that any minute of the simulated past can be made
 * on its own, in any order, twice, and on any replica. Not for anything that must not be guessed.
 */

/** Mixes up to four integers to 32 unsigned bits (the finaliser of MurmurHash3, applied between the words). */
export function mix(a: number, b = 0, c = 0, d = 0): number {
  let h = scramble(0x9e3779b9 ^ a);
  h = scramble(h ^ Math.imul(b | 0, 0x85ebca6b));
  h = scramble(h ^ Math.imul(c | 0, 0xc2b2ae35));
  return scramble(h ^ Math.imul(d | 0, 0x27d4eb2f)) >>> 0;
}

function scramble(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

/** Evenly spread over [0, 1). */
export const unit = (a: number, b = 0, c = 0, d = 0): number => mix(a, b, c, d) / 2 ** 32;

/** Evenly spread over [from, to). */
export const between = (from: number, to: number, a: number, b = 0, c = 0): number =>
  from + (to - from) * unit(a, b, c);

/** Smooth noise in [-1, 1] that changes over one unit of `x`: what a load does, unlike dice. */
export function smoothNoise(seed: number, x: number): number {
  const left = Math.floor(x);
  const t = x - left;
  const a = unit(seed, left);
  const b = unit(seed, left + 1);
  return 2 * (a + (b - a) * t * t * (3 - 2 * t)) - 1;
}
