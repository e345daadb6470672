import { ProviderError } from './errors.js';

/** A JSON object, whatever is in it. */
export type Json = Readonly<Record<string, unknown>>;

export const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The object, or an empty one. */
export const objectOf = (value: unknown): Json => (isObject(value) ? value : {});

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

/** A text that is not empty, or undefined. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

/** @throws ProviderError `bad_answer` unless it is an object with a list under `key` */
export function withList(body: unknown, key: string, name: string): Json {
  if (isObject(body) && Array.isArray(body[key])) return body;
  throw new ProviderError('bad_answer', `${name} answered without "${key}": has its API another version now?`);
}

/**
 * The cursor of the next page where the answer has `has_more` and `next_page`; null after the last one.
 *
 * @throws ProviderError `bad_answer` when there is more and no way to it: half of a bill is no bill
 */
export function nextCursor(page: Json, name: string): string | null {
  if (page['has_more'] !== true) return null;
  const next = textOf(page['next_page']);
  if (next !== undefined) return next;
  throw new ProviderError('bad_answer', `${name} says that there is more, and not where`);
}
