import { CHARGE_CATEGORIES, costRecord } from '../costs/cost-record.js';
import type { ChargeCategory, CostRecord } from '../costs/cost-record.js';
import { decimalCell, FocusCellError, isNull, tagsCell, timeCell } from './focus-cells.js';
import type { DayOrder } from './focus-cells.js';
import {
  FOCUS_AMOUNTS,
  FOCUS_PLACED,
  FOCUS_QUANTITIES,
  FOCUS_REQUIRED,
  FOCUS_TEXTS,
  FOCUS_TIMES,
} from './focus-columns.js';

export interface FocusOptions {
  readonly dates: DayOrder;
  /** ISO 8601: charges that begin later than a day after it are mistakes. */
  readonly now: string;
  readonly simulated: boolean;
}

export type FocusReader = (cells: readonly string[]) => CostRecord;

export interface FocusHeader {
  /** What is wrong with the header, one sentence; null: nothing. */
  readonly fault: string | null;
  readonly read: FocusReader;
}

const DAY_MS = 86_400_000;
/** A purchase may be for a term that begins later. */
const PURCHASE_AHEAD_MS = 5 * 366 * DAY_MS;
const CATEGORY = new Map<string, ChargeCategory>(
  CHARGE_CATEGORIES.map((category) => [category.toLowerCase(), category]),
);
/** Longer than any name in a bill; a whole description may be longer. */
const LONGEST = { ServiceName: 256, Tags: 100_000 } as const;

const same = (name: string) => name.toLowerCase().replace(/[\s_]/g, '');

/**
 * Reads the header of a FOCUS file: names in any case, in any order, with columns that FOCUS does not know (they are
 * kept). The reader that it makes throws FocusCellError for a row that cannot be a charge.
 */
export function focusHeader(header: readonly string[], options: FocusOptions): FocusHeader {
  const names = header.map((name) => name.trim());
  const place = new Map(names.map((name, index) => [same(name), index]));
  const missing = FOCUS_REQUIRED.filter((name) => !place.has(same(name)));
  const twice = names.find((name, index) => place.get(same(name)) !== index);
  const fault =
    missing.length > 0
      ? `the header lacks ${missing.join(', ')}: a FOCUS file (1.0 to 1.2) has them`
      : twice !== undefined
        ? `the header has ${twice} twice`
        : null;
  return { fault, read: fault === null ? rowReader(names, place, options) : () => costRecordOfNothing() };
}

function rowReader(names: readonly string[], place: ReadonlyMap<string, number>, options: FocusOptions): FocusReader {
  const at = (column: string) => place.get(same(column)) ?? -1;
  const columns = (map: Readonly<Record<string, string>>) =>
    Object.entries(map).map(([column, field]) => [column, field, at(column)] as const);
  const texts = columns(FOCUS_TEXTS);
  const amounts = columns(FOCUS_AMOUNTS);
  const quantities = columns(FOCUS_QUANTITIES);
  const times = columns(FOCUS_TIMES);
  const placed = new Set(FOCUS_PLACED.map(same));
  const rest = names.map((name, index) => [name, index] as const).filter(([name]) => !placed.has(same(name)));
  const [category, currency, tags] = [at('ChargeCategory'), at('BillingCurrency'), at('Tags')];
  const nowMs = Date.parse(options.now);

  return (cells) => {
    const cell = (index: number) => {
      const text = index < 0 ? undefined : cells[index]?.trim();
      return text === undefined || isNull(text) ? null : text;
    };
    const fields: Record<string, unknown> = {};
    for (const [, field, index] of texts) fields[field] = cell(index);
    for (const [column, field, index] of times) {
      const text = cell(index);
      fields[field] = text === null ? null : timeCell(column, text, options.dates);
    }
    for (const [column, field, index] of [...amounts, ...quantities]) {
      const text = cell(index);
      fields[field] = text === null ? null : decimalCell(column, text);
    }
    const record = {
      ...fields,
      chargeCategory: categoryOf(cell(category)),
      currency: currencyOf(cell(currency)),
      tags: cell(tags) === null ? {} : tagsCell('Tags', cell(tags)!),
    } as Partial<CostRecord>;
    const focus: Record<string, string> = {};
    for (const [name, index] of rest) {
      const text = cell(index);
      if (text !== null) focus[name] = text;
    }
    return whole(record, focus, options.simulated, nowMs);
  };
}

function whole(
  known: Partial<CostRecord>,
  focus: Readonly<Record<string, string>>,
  simulated: boolean,
  nowMs: number,
): CostRecord {
  const { billedCost, chargeStart, chargeEnd, service, chargeCategory, chargeClass, effectiveCost } = known;
  required('BilledCost', billedCost);
  required('ChargePeriodStart', chargeStart);
  required('ChargePeriodEnd', chargeEnd);
  const providerName = known.providerName ?? known.publisherName ?? known.invoiceIssuerName ?? null;
  required('ProviderName', providerName);
  if (chargeEnd < chargeStart)
    throw new FocusCellError('ChargePeriodEnd', chargeEnd, `at or after ChargePeriodStart (${chargeStart})`);
  const ahead = chargeCategory === 'Purchase' ? PURCHASE_AHEAD_MS : DAY_MS;
  if (Date.parse(chargeStart) > nowMs + ahead)
    throw new FocusCellError('ChargePeriodStart', chargeStart, 'in the past: it is in the future');
  if (isUse(chargeCategory, chargeClass)) refuseOneSided(known, billedCost);
  return costRecord({
    ...known,
    origin: 'bill',
    source: 'focus',
    chargeStart,
    chargeEnd,
    provider: providerSlug(providerName),
    providerName,
    // purchases and taxes belong to no service in some bills
    service: (service ?? chargeCategory ?? 'Usage').slice(0, LONGEST.ServiceName),
    billedCost,
    effectiveCost: effectiveCost ?? billedCost,
    currency: known.currency!,
    simulated,
    focus: Object.keys(focus).length === 0 ? null : focus,
  });
}

const isUse = (category: ChargeCategory | undefined, chargeClass: string | null | undefined) =>
  (category === 'Usage' || category === 'Purchase') && chargeClass?.toLowerCase() !== 'correction';

/**
 * Some providers take usage back as usage: a negative quantity at a negative cost (Microsoft does). A minus on one side only
 * is a credit that is not marked as one, or a mistake.
 */
function refuseOneSided(known: Partial<CostRecord>, billedCost: string): void {
  const isBack = isNegative(billedCost);
  for (const [column, field] of Object.entries(FOCUS_QUANTITIES)) {
    const quantity = known[field] ?? null;
    if (quantity !== null && isNegative(quantity) && !isBack && isPositive(billedCost)) {
      throw new FocusCellError(column, quantity, 'positive, as the cost is');
    }
  }
  const quantities = Object.values(FOCUS_QUANTITIES).map((field) => known[field] ?? null);
  if (isBack && !quantities.some((quantity) => quantity !== null && isNegative(quantity))) {
    throw new FocusCellError(
      'BilledCost',
      billedCost,
      'positive, as the quantity is. A credit has ChargeCategory Credit or Adjustment, or ChargeClass Correction',
    );
  }
}

const isNegative = (decimal: string) => /^-.*[1-9]/.test(decimal);
const isPositive = (decimal: string) => /^[^-]*[1-9]/.test(decimal);

function required(column: string, value: string | null | undefined): asserts value is string {
  if (value === null || value === undefined) throw new FocusCellError(column, '', 'there: every charge needs it');
}

function categoryOf(cell: string | null): ChargeCategory {
  const category = CATEGORY.get((cell ?? '').toLowerCase());
  if (!category) throw new FocusCellError('ChargeCategory', cell ?? '', `one of ${CHARGE_CATEGORIES.join(', ')}`);
  return category;
}

function currencyOf(cell: string | null): string {
  const currency = (cell ?? '').toUpperCase();
  if (!/^[A-Z]{3}$/.test(currency))
    throw new FocusCellError('BillingCurrency', cell ?? '', 'an ISO 4217 code such as USD');
  return currency;
}

const SLUGS: readonly (readonly [RegExp, string])[] = [
  [/^(aws|amazon)/i, 'aws'],
  [/^(microsoft|azure)/i, 'azure'],
  [/^(gcp|google)/i, 'gcp'],
  [/^(oci|oracle)/i, 'oci'],
];

/** The word of the API for a provider that a bill names: `Amazon Web Services` is aws; others are their name in our letters. */
export function providerSlug(name: string): string {
  const known = SLUGS.find(([pattern]) => pattern.test(name));
  if (known) return known[1];
  const slug = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 40);
  return slug === '' ? 'other' : slug;
}

function costRecordOfNothing(): never {
  throw new Error('the header of this file was refused: there is nothing to read its rows by');
}
