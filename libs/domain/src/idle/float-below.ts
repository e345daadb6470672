/**
 * The largest float32 below `threshold`: readings are float32, so "below 5" is "at most this", which the database can
 * search for in a sorted array.
 */
export function floatBelow(threshold: number): number {
  const nearest = Math.fround(threshold);
  if (nearest < threshold) return nearest;
  const bits = new Int32Array(new Float32Array([nearest]).buffer);
  if (nearest === 0) bits[0] = -0x7fffffff;
  else bits[0] = bits[0]! + (nearest > 0 ? -1 : 1);
  return new Float32Array(bits.buffer)[0]!;
}
