import { AWS } from './aws.js';
import { AZURE } from './azure.js';
import { GCP_GPUS, GCP_TPUS, LAMBDA, RUNPOD } from './other-clouds.js';
import { rowsOf } from './sheet.js';
import type { InstanceType, SheetRow } from './sheet.js';

/** Of the base table as a whole; changes with every change of a sheet. */
export const PRICE_TABLE_VERSION = '2026-11-22';

/** How an instance is paid for. Reserved capacity and savings plans are not visible from the machine: the bill knows. */
export type Lifecycle = 'on_demand' | 'spot' | 'reserved';

export interface PriceQuestion {
  /** As in an instance's `cloud_provider`. */
  readonly provider: string;
  readonly type: string;
  readonly region: string;
  /** null: not known; then the on-demand price is what can be said. */
  readonly lifecycle: Lifecycle | null;
  /** The moment of use. */
  readonly at: Date;
}

export interface InstancePrice {
  /** Decimal string, exactly as listed. */
  readonly amount: string;
  readonly currency: 'USD';
  /** Whose list, in words. */
  readonly source: string;
  /** The day from which this price is known, YYYY-MM-DD. */
  readonly asOf: string;
  readonly table: string;
}

const SHEETS = [AWS, AZURE, LAMBDA, RUNPOD, GCP_TPUS, GCP_GPUS];
let index: ReadonlyMap<string, readonly SheetRow[]> | null = null;

/**
 * The list price of an hour, or null when the base table has none for exactly this type, region and way of paying. It
 * never guesses: not from another region, and a spot or a reserved machine is not worth its on-demand price.
 *
 * Of several lists the newest that is not younger than `at` counts, and the oldest one for the time before: the table
 * has no older prices, and `asOf` says so.
 */
export function priceOf({ provider, type, region, lifecycle, at }: PriceQuestion): InstancePrice | null {
  const day = at.toISOString().slice(0, 10);
  const priced = rowsFor(provider, type).flatMap((row) => {
    const amount = pricesOf(row, lifecycle)?.get(region);
    return amount === undefined ? [] : [{ amount, spec: row.spec }];
  });
  const known = priced.sort((a, b) => (a.spec.asOf < b.spec.asOf ? 1 : -1));
  const best = known.find(({ spec }) => spec.asOf <= day) ?? known.at(-1);
  if (!best) return null;
  const { source, asOf } = best.spec;
  return { amount: best.amount, currency: 'USD', source, asOf, table: PRICE_TABLE_VERSION };
}

/** What the type is: GPUs, memory, and whether a stop loses a disk. null: the table does not have it. */
export function instanceTypeOf(provider: string, type: string): InstanceType | null {
  return rowsFor(provider, type).at(-1)?.spec ?? null;
}

/** Every type of the table, for lists and estimates. */
export const instanceTypes = (): readonly InstanceType[] =>
  [...table().values()].flatMap((rows) => rows.map((r) => r.spec));

function pricesOf(row: SheetRow, lifecycle: Lifecycle | null): ReadonlyMap<string, string> | null {
  if (lifecycle === 'spot') return row.spot;
  return lifecycle === 'reserved' ? null : row.onDemand;
}

const rowsFor = (provider: string, type: string): readonly SheetRow[] => table().get(keyOf(provider, type)) ?? [];

/** Azure writes its sizes in changing case. */
const keyOf = (provider: string, type: string): string => `${provider} ${type.toLowerCase()}`;

function table(): ReadonlyMap<string, readonly SheetRow[]> {
  if (index) return index;
  const made = new Map<string, SheetRow[]>();
  for (const row of SHEETS.flatMap(rowsOf)) {
    const key = keyOf(row.spec.provider, row.spec.type);
    made.set(key, [...(made.get(key) ?? []), row]);
  }
  return (index = made);
}
