import { count, decimal, duration, money } from '../../ui/format';
import type { Point } from './geometry';

/** One point in words. */
export function pointWords({ cell, dollars, falseStops }: Point, currency: string): string {
  const stops = `${count(falseStops)} of ${count(cell.stops)} stops false`;
  return `Below ${decimal(cell.threshold)} % for ${duration(cell.duration * 60)}: ${money(dollars, currency)} avoidable, ${stops}`;
}
