/**
 * The columns of FOCUS 1.0 to 1.2 that the ledger has a place for, and which of them a file must have. Source: FinOps
 * Open Cost and Usage Specification, columns of 1.2.
 */
export const FOCUS_TEXTS = {
  ProviderName: 'providerName',
  PublisherName: 'publisherName',
  InvoiceIssuerName: 'invoiceIssuerName',
  BillingAccountId: 'billingAccountId',
  SubAccountId: 'subAccountId',
  ServiceName: 'service',
  ServiceCategory: 'serviceCategory',
  RegionId: 'region',
  ResourceId: 'resourceId',
  ResourceName: 'resourceName',
  ResourceType: 'resourceType',
  ChargeClass: 'chargeClass',
  ChargeFrequency: 'chargeFrequency',
  ChargeDescription: 'chargeDescription',
  PricingCategory: 'pricingCategory',
  SkuId: 'skuId',
  SkuPriceId: 'skuPriceId',
  PricingUnit: 'pricingUnit',
  ConsumedUnit: 'consumedUnit',
  CommitmentDiscountId: 'commitmentDiscountId',
  CommitmentDiscountStatus: 'commitmentDiscountStatus',
} as const;

export const FOCUS_AMOUNTS = {
  BilledCost: 'billedCost',
  EffectiveCost: 'effectiveCost',
  ListCost: 'listCost',
  ContractedCost: 'contractedCost',
} as const;

export const FOCUS_QUANTITIES = { PricingQuantity: 'pricingQuantity', ConsumedQuantity: 'consumedQuantity' } as const;

export const FOCUS_TIMES = {
  ChargePeriodStart: 'chargeStart',
  ChargePeriodEnd: 'chargeEnd',
  BillingPeriodStart: 'billingPeriodStart',
  BillingPeriodEnd: 'billingPeriodEnd',
} as const;

/** Without these a row says neither what it costs nor when, nor whose it is. */
export const FOCUS_REQUIRED = [
  'BilledCost',
  'BillingCurrency',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ChargeCategory',
  'ProviderName',
  'ServiceName',
] as const;

/** Columns that have a place of their own; the others are kept by their names. */
export const FOCUS_PLACED: readonly string[] = [
  ...Object.keys(FOCUS_TEXTS),
  ...Object.keys(FOCUS_AMOUNTS),
  ...Object.keys(FOCUS_QUANTITIES),
  ...Object.keys(FOCUS_TIMES),
  'BillingCurrency',
  'ChargeCategory',
  'Tags',
];

/** Every column of FOCUS 1.2, in the order of the specification. */
export const FOCUS_COLUMNS: readonly string[] = [
  'AvailabilityZone',
  'BilledCost',
  'BillingAccountId',
  'BillingAccountName',
  'BillingAccountType',
  'BillingCurrency',
  'BillingPeriodEnd',
  'BillingPeriodStart',
  'CapacityReservationId',
  'CapacityReservationStatus',
  'ChargeCategory',
  'ChargeClass',
  'ChargeDescription',
  'ChargeFrequency',
  'ChargePeriodEnd',
  'ChargePeriodStart',
  'CommitmentDiscountCategory',
  'CommitmentDiscountId',
  'CommitmentDiscountName',
  'CommitmentDiscountQuantity',
  'CommitmentDiscountStatus',
  'CommitmentDiscountType',
  'CommitmentDiscountUnit',
  'ConsumedQuantity',
  'ConsumedUnit',
  'ContractedCost',
  'ContractedUnitPrice',
  'EffectiveCost',
  'InvoiceId',
  'InvoiceIssuerName',
  'ListCost',
  'ListUnitPrice',
  'PricingCategory',
  'PricingCurrency',
  'PricingCurrencyContractedUnitPrice',
  'PricingCurrencyEffectiveCost',
  'PricingCurrencyListUnitPrice',
  'PricingQuantity',
  'PricingUnit',
  'ProviderName',
  'PublisherName',
  'RegionId',
  'RegionName',
  'ResourceId',
  'ResourceName',
  'ResourceType',
  'ServiceCategory',
  'ServiceName',
  'ServiceSubcategory',
  'SkuId',
  'SkuMeter',
  'SkuPriceDetails',
  'SkuPriceId',
  'SubAccountId',
  'SubAccountName',
  'SubAccountType',
  'Tags',
];
