import { matchesTag } from './policy.js';
import type { TagPattern } from './policy.js';

/** Tags that keep every policy off, unless the tenant says otherwise. */
export const PROTECTION_TAGS_DEFAULT: readonly TagPattern[] = [
  { key: 'flotilla:protected', value: null },
  { key: 'flotilla-protected', value: null },
  { key: 'do-not-stop', value: null },
];

/** A tag that is there and says no. */
const NOT_PROTECTED = new Set(['false', 'no', '0', 'off']);

/**
 * Why no policy may act on an instance, or null.
 *
 * @param patterns a pattern without a value holds for every value but false, no, 0 and off
 */
export function protectionOf(
  instance: { readonly protected: boolean; readonly tags: Readonly<Record<string, string>> },
  patterns: readonly TagPattern[],
): string | null {
  if (instance.protected) return 'It is protected. An admin can remove the protection.';
  for (const pattern of patterns) {
    if (!matchesTag(pattern, instance.tags)) continue;
    const value = instance.tags[pattern.key]!;
    if (pattern.value === null && NOT_PROTECTED.has(value.toLowerCase())) continue;
    return `Its tag ${pattern.key}=${value} keeps policies off.`;
  }
  return null;
}
