/** How a charge came into the ledger; a better origin replaces a worse one, never adds to it. */
export const COST_ORIGINS = ['bill', 'provider_api', 'reported', 'metered'] as const;
export type CostOrigin = (typeof COST_ORIGINS)[number];

/** FOCUS ChargeCategory. Only Credit, Adjustment and Tax may be negative; a refund is a Credit or an Adjustment. */
export const CHARGE_CATEGORIES = ['Usage', 'Purchase', 'Tax', 'Credit', 'Adjustment'] as const;
export type ChargeCategory = (typeof CHARGE_CATEGORIES)[number];

/**
 * One charge, in the words of FOCUS 1.2. Amounts and quantities are decimal strings and keep every digit; times are ISO
 * 8601 in UTC; null: the source does not say. Field by field a column of `flotilla.costs`.
 */
export interface CostRecord {
  readonly origin: CostOrigin;
  /** Who brought it: focus, aws-cost-explorer, openai, sync, metering, … */
  readonly source: string;
  /** The source's own name for the charge; null: it is told apart by its dimensions (`costIdentity`). */
  readonly recordId: string | null;
  readonly chargeStart: string;
  /** Exclusive. */
  readonly chargeEnd: string;
  readonly billingPeriodStart: string | null;
  readonly billingPeriodEnd: string | null;
  /** aws, azure, gcp, oci, openai, on_prem, …: what `providerSlug` makes of the bill's word. */
  readonly provider: string;
  readonly providerName: string | null;
  readonly publisherName: string | null;
  readonly invoiceIssuerName: string | null;
  readonly billingAccountId: string | null;
  readonly subAccountId: string | null;
  readonly service: string;
  readonly serviceCategory: string | null;
  readonly region: string | null;
  /** As the bill spells it: an instance id, an ARN, an Azure resource path. */
  readonly resourceId: string | null;
  readonly resourceName: string | null;
  readonly resourceType: string | null;
  readonly instanceType: string | null;
  readonly chargeCategory: ChargeCategory;
  /** Correction, or null. */
  readonly chargeClass: string | null;
  readonly chargeFrequency: string | null;
  readonly chargeDescription: string | null;
  readonly pricingCategory: string | null;
  readonly skuId: string | null;
  readonly skuPriceId: string | null;
  readonly pricingQuantity: string | null;
  readonly pricingUnit: string | null;
  readonly consumedQuantity: string | null;
  readonly consumedUnit: string | null;
  readonly commitmentDiscountId: string | null;
  readonly commitmentDiscountStatus: string | null;
  /** What is invoiced. */
  readonly billedCost: string;
  /** With commitments spread over what they cover; the billed cost where the source has no other. */
  readonly effectiveCost: string;
  readonly listCost: string | null;
  readonly contractedCost: string | null;
  /** ISO 4217. */
  readonly currency: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The provider says that it will still change. */
  readonly estimated: boolean;
  readonly simulated: boolean;
  /** The rest of the columns of its FOCUS row, by their FOCUS names. */
  readonly focus: Readonly<Record<string, string>> | null;
}

/** A record of which only what is said is said; the rest is null, Usage, not estimated. */
export type PartialCostRecord = Pick<
  CostRecord,
  'origin' | 'source' | 'chargeStart' | 'chargeEnd' | 'provider' | 'service' | 'billedCost' | 'currency'
> &
  Partial<CostRecord>;

/** Fills in what a source does not say. */
export function costRecord(known: PartialCostRecord): CostRecord {
  return { ...NOTHING_SAID, effectiveCost: known.billedCost, ...known };
}

const NOTHING_SAID = {
  recordId: null,
  billingPeriodStart: null,
  billingPeriodEnd: null,
  providerName: null,
  publisherName: null,
  invoiceIssuerName: null,
  billingAccountId: null,
  subAccountId: null,
  serviceCategory: null,
  region: null,
  resourceId: null,
  resourceName: null,
  resourceType: null,
  instanceType: null,
  chargeCategory: 'Usage',
  chargeClass: null,
  chargeFrequency: null,
  chargeDescription: null,
  pricingCategory: null,
  skuId: null,
  skuPriceId: null,
  pricingQuantity: null,
  pricingUnit: null,
  consumedQuantity: null,
  consumedUnit: null,
  commitmentDiscountId: null,
  commitmentDiscountStatus: null,
  listCost: null,
  contractedCost: null,
  tags: {},
  estimated: false,
  simulated: false,
  focus: null,
} as const satisfies Partial<CostRecord>;

/** Every field of a record, by name. */
export const COST_FIELDS = (
  [
    ...Object.keys(NOTHING_SAID),
    'origin',
    'source',
    'chargeStart',
    'chargeEnd',
    'provider',
    'service',
    'billedCost',
    'effectiveCost',
    'currency',
  ] as (keyof CostRecord)[]
).sort();
