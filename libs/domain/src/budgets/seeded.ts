import { unit } from '../simulation/random.js';

/** Evenly spread over [0, 1), the same row of numbers for the same seed: a projection that is asked for twice is the same. */
export function seededRandom(seed: number): () => number {
  let drawn = 0;
  return () => unit(seed, drawn++);
}
