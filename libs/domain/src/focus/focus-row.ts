import { CHARGE_CATEGORIES } from '../costs/cost-record.js';
import type { ChargeCategory, CostRecord } from '../costs/cost-record.js';
import { decimalCell, FocusCellError, isNull, remembered, tagsCell, timeCell } from './focus-cells.js';
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
const EXACT_CATEGORY = new Map<string, ChargeCategory>(CHARGE_CATEGORIES.map((category) => [category, category]));
const CATEGORY = new Map<string, ChargeCategory>(
  CHARGE_CATEGORIES.map((category) => [category.toLowerCase(), category]),
);
/** Longer than any name in a bill. */
const LONGEST_SERVICE = 256;

type FocusText = keyof typeof FOCUS_TEXTS;
type Quantity = (typeof FOCUS_QUANTITIES)[keyof typeof FOCUS_QUANTITIES];
const QUANTITIES = Object.entries(FOCUS_QUANTITIES) as [string, Quantity][];

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

/** Where each column stands in this file; -1: nowhere. */
type Places = Readonly<Record<string, number>>;

function rowReader(names: readonly string[], place: ReadonlyMap<string, number>, options: FocusOptions): FocusReader {
  const at: Places = Object.fromEntries(FOCUS_PLACED.map((column) => [column, place.get(same(column)) ?? -1]));
  const placed = new Set(FOCUS_PLACED.map(same));
  const rest = names.map((name, index) => [name, index] as const).filter(([name]) => !placed.has(same(name)));
  const nowMs = Date.parse(options.now);
  // a bill says the same times, names and tags over and over
  const time = remembered((cell, column: string) => timeCell(column, cell, options.dates));
  const slug = remembered(providerSlug);
  const tagsOf = remembered((cell) => tagsCell('Tags', cell));

  return (cells) => {
    const text = (column: FocusText | 'BillingCurrency' | 'ChargeCategory' | 'Tags') => cellOf(cells, at[column]!);
    const timeOf = (column: keyof typeof FOCUS_TIMES) => {
      const cell = cellOf(cells, at[column]!);
      return cell === null ? null : time(cell, column);
    };
    const decimal = (column: keyof typeof FOCUS_AMOUNTS | keyof typeof FOCUS_QUANTITIES) => {
      const cell = cellOf(cells, at[column]!);
      return cell === null ? null : decimalCell(column, cell);
    };
    const [providerName, publisherName] = [text('ProviderName'), text('PublisherName')];
    const invoiceIssuerName = text('InvoiceIssuerName');
    const [chargeStart, chargeEnd] = [timeOf('ChargePeriodStart'), timeOf('ChargePeriodEnd')];
    const [billingPeriodStart, billingPeriodEnd] = [timeOf('BillingPeriodStart'), timeOf('BillingPeriodEnd')];
    const [billedCost, effectiveCost] = [decimal('BilledCost'), decimal('EffectiveCost')];
    const [listCost, contractedCost] = [decimal('ListCost'), decimal('ContractedCost')];
    const [pricingQuantity, consumedQuantity] = [decimal('PricingQuantity'), decimal('ConsumedQuantity')];
    const chargeCategory = categoryOf(text('ChargeCategory'));
    const currency = currencyOf(text('BillingCurrency'));
    const tags = text('Tags');
    const tagsRead = tags === null ? {} : tagsOf(tags);
    required('BilledCost', billedCost);
    required('ChargePeriodStart', chargeStart);
    required('ChargePeriodEnd', chargeEnd);
    const provider = providerName ?? publisherName ?? invoiceIssuerName;
    required('ProviderName', provider);
    refuseTimes(chargeStart, chargeEnd, chargeCategory, nowMs);
    const chargeClass = text('ChargeClass');
    if (isUse(chargeCategory, chargeClass)) refuseOneSided({ pricingQuantity, consumedQuantity }, billedCost);
    return {
      origin: 'bill',
      source: 'focus',
      recordId: null,
      chargeStart,
      chargeEnd,
      billingPeriodStart,
      billingPeriodEnd,
      provider: slug(provider),
      providerName: provider,
      publisherName,
      invoiceIssuerName,
      billingAccountId: text('BillingAccountId'),
      subAccountId: text('SubAccountId'),
      // purchases and taxes belong to no service in some bills
      service: (text('ServiceName') ?? chargeCategory).slice(0, LONGEST_SERVICE),
      serviceCategory: text('ServiceCategory'),
      region: text('RegionId'),
      resourceId: text('ResourceId'),
      resourceName: text('ResourceName'),
      resourceType: text('ResourceType'),
      instanceType: null,
      chargeCategory,
      chargeClass,
      chargeFrequency: text('ChargeFrequency'),
      chargeDescription: text('ChargeDescription'),
      pricingCategory: text('PricingCategory'),
      skuId: text('SkuId'),
      skuPriceId: text('SkuPriceId'),
      pricingQuantity,
      pricingUnit: text('PricingUnit'),
      consumedQuantity,
      consumedUnit: text('ConsumedUnit'),
      commitmentDiscountId: text('CommitmentDiscountId'),
      commitmentDiscountStatus: text('CommitmentDiscountStatus'),
      billedCost,
      effectiveCost: effectiveCost ?? billedCost,
      listCost,
      contractedCost,
      currency,
      tags: tagsRead,
      estimated: false,
      simulated: options.simulated,
      focus: othersOf(cells, rest),
    };
  };
}

function cellOf(cells: readonly string[], index: number): string | null {
  if (index < 0) return null;
  const cell = cells[index];
  if (cell === undefined) return null;
  const text = cell.trim();
  return isNull(text) ? null : text;
}

function othersOf(
  cells: readonly string[],
  columns: readonly (readonly [string, number])[],
): Readonly<Record<string, string>> | null {
  let others: Record<string, string> | null = null;
  for (const [name, index] of columns) {
    const text = cellOf(cells, index);
    if (text !== null) (others ??= {})[name] = text;
  }
  return others;
}

function refuseTimes(start: string, end: string, category: ChargeCategory, nowMs: number): void {
  if (end < start) throw new FocusCellError('ChargePeriodEnd', end, `at or after ChargePeriodStart (${start})`);
  const ahead = category === 'Purchase' ? PURCHASE_AHEAD_MS : DAY_MS;
  if (Date.parse(start) > nowMs + ahead)
    throw new FocusCellError('ChargePeriodStart', start, 'in the past: it is in the future');
}

const isUse = (category: ChargeCategory | undefined, chargeClass: string | null | undefined) =>
  (category === 'Usage' || category === 'Purchase') && chargeClass?.toLowerCase() !== 'correction';

/**
 * Some providers take usage back as usage: a negative quantity at a negative cost (Microsoft does). A minus on one side only
 * is a credit that is not marked as one, or a mistake.
 */
function refuseOneSided(quantities: Readonly<Record<Quantity, string | null>>, billedCost: string): void {
  const isBack = isNegative(billedCost);
  let isTakenBack = false;
  for (const [column, field] of QUANTITIES) {
    const quantity = quantities[field];
    if (quantity === null || !isNegative(quantity)) continue;
    isTakenBack = true;
    if (!isBack && isPositive(billedCost)) throw new FocusCellError(column, quantity, 'positive, as the cost is');
  }
  if (isBack && !isTakenBack) {
    throw new FocusCellError(
      'BilledCost',
      billedCost,
      'positive, as the quantity is. A credit has ChargeCategory Credit or Adjustment, or ChargeClass Correction',
    );
  }
}

const isNegative = (decimal: string) => decimal.startsWith('-') && /[1-9]/.test(decimal);
const isPositive = (decimal: string) => !decimal.startsWith('-') && /[1-9]/.test(decimal);

function required(column: string, value: string | null | undefined): asserts value is string {
  if (value === null || value === undefined) throw new FocusCellError(column, '', 'there: every charge needs it');
}

function categoryOf(cell: string | null): ChargeCategory {
  const category = EXACT_CATEGORY.get(cell ?? '') ?? CATEGORY.get((cell ?? '').toLowerCase());
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
