import { COST_FIELDS } from './cost-record.js';
import type { CostRecord } from './cost-record.js';

/** What may change about a charge while it stays the same charge. */
const CONTENT = [
  'billedCost',
  'effectiveCost',
  'listCost',
  'contractedCost',
  'pricingQuantity',
  'consumedQuantity',
  'estimated',
] as const satisfies readonly (keyof CostRecord)[];

/** Words about a charge that do not tell it from another one. */
const WORDS = ['providerName', 'publisherName', 'invoiceIssuerName', 'simulated', 'focus', 'recordId'] as const;

// worked out once: a bill has millions of rows
const DIMENSIONS = COST_FIELDS.filter((field) => !isOneOf(CONTENT, field) && !isOneOf(WORDS, field));
const AMOUNTS: ReadonlySet<keyof CostRecord> = new Set(CONTENT);

/**
 * What makes a charge the same one when it is told again: the source's own id where it gives one, otherwise all its
 * dimensions. A bill may hold several charges that are alike in all of them, and all are owed: the import tells the second
 * and further ones apart by their place among their likes.
 */
export function costIdentity(record: CostRecord): string {
  if (record.recordId !== null) return JSON.stringify([record.origin, record.source, record.recordId]);
  const dimensions = DIMENSIONS.map((field) => (field === 'tags' ? sortedTags(record.tags) : record[field]));
  return JSON.stringify([record.origin, dimensions]);
}

/** Everything about a charge: two tellings with the same content are duplicates, with another one a correction. */
export function costContent(record: CostRecord): string {
  return JSON.stringify(COST_FIELDS.map((field) => contentOf(record, field)));
}

function contentOf(record: CostRecord, field: keyof CostRecord): unknown {
  if (field === 'tags') return sortedTags(record.tags);
  if (field === 'focus') return record.focus === null ? null : sortedTags(record.focus);
  const value = record[field];
  // 1.50 and 1.5 are one amount
  return typeof value === 'string' && AMOUNTS.has(field) ? plainDecimal(value) : value;
}

/** The same number in its shortest spelling: no sign of nothing, no zeros that say nothing. */
export function plainDecimal(text: string): string {
  const [, sign, whole, fraction] = /^(-?)0*(\d+?)(?:\.(\d*?)0*)?$/.exec(text) ?? [];
  if (whole === undefined) return text;
  const digits = fraction ? `${whole}.${fraction}` : whole;
  return /^[0.]*$/.test(digits) ? '0' : `${sign}${digits}`;
}

const sortedTags = (tags: Readonly<Record<string, string>>) =>
  Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

function isOneOf<T extends string>(list: readonly T[], word: string): word is T {
  return (list as readonly string[]).includes(word);
}
