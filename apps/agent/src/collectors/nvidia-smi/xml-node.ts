import type { Reading } from '../collector.js';
import { numberOf, readCell, wordOf } from './cells.js';

export type Node = { readonly [tag: string]: unknown };

/** A tag's content as a node; one that is text, or is not there, has no tags. */
export const node = (value: unknown): Node => (typeof value === 'object' && value !== null ? (value as Node) : {});
export const list = (value: unknown): Node[] => (Array.isArray(value) ? value.map(node) : []);

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
const text = (value: unknown): string | undefined =>
  typeof value === 'string'
    ? value.replace(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => ENTITIES[name] as string)
    : undefined;

/** The text of a tag, or undefined where the driver has none; `asIs`: a name that is never interpreted. */
export function word(value: unknown, asIs = false): string | undefined {
  const raw = text(value)?.trim();
  if (raw === undefined || raw === '') return undefined;
  return asIs || readCell(raw).kind === 'number' ? raw : wordOf(readCell(raw));
}

/** The tag's number in its unit, or undefined. */
export function number(value: unknown, unit = ''): number | undefined {
  const found = reading(value, unit);
  return typeof found === 'number' ? found : undefined;
}

/** The tag's number in its unit, or why there is none; a tag that this driver does not have is unsupported. */
export function reading(value: unknown, unit = ''): Reading {
  const raw = text(value);
  return raw === undefined ? 'unsupported' : numberOf(readCell(raw), unit);
}

/** Yes and No (and Enabled, Disabled) as a truth; anything else is not known. */
export function truth(value: unknown): boolean | undefined {
  const said = word(value);
  if (said === 'Yes' || said === 'Enabled' || said === 'Active') return true;
  return said === 'No' || said === 'Disabled' || said === 'Not Active' ? false : undefined;
}

/** The sum of those that the driver has; one that failed or is forbidden makes the sum unknown. */
export function sum(...readings: readonly Reading[]): Reading {
  const broken = readings.find((r) => r === 'fault' || r === 'forbidden');
  if (broken !== undefined) return broken;
  const numbers = readings.filter((r) => typeof r === 'number');
  return numbers.length > 0 ? numbers.reduce((a, b) => a + b, 0) : 'unsupported';
}
