import { momentOf } from '@flotilla/contracts';
import type { CostElement } from '@flotilla/contracts';
import { costRecord } from '@flotilla/domain';
import type { ChargeCategory, CostRecord } from '@flotilla/domain';

const DAY_MS = 86_400_000;
/** Clocks differ and days begin earlier in the east; what begins later than this is a mistake. */
const FUTURE_MS = DAY_MS;

/** What an element leaves to its tenant. */
export interface ReportContext {
  /** The tenant's. */
  readonly currency: string;
  readonly simulated: boolean;
  readonly now: Date;
}

/**
 * An element of a /sync body as a charge. An agent is believed to report, never to bill: its origin is `reported`, or the
 * least of all where it says itself that the amount is an estimate or metered.
 */
export function reportedCost(element: CostElement, context: ReportContext): CostRecord | { readonly refused: string } {
  const start = element.timestamp === undefined ? new Date(`${element.date}T00:00:00Z`) : momentOf(element.timestamp);
  if (start.getTime() > context.now.getTime() + FUTURE_MS) {
    return {
      refused: `${element.timestamp === undefined ? 'date' : 'timestamp'}: ${start.toISOString()} is in the future`,
    };
  }
  const end = element.period_end === undefined ? endOfDay(start) : momentOf(element.period_end);
  if (end.getTime() < start.getTime()) {
    return { refused: `period_end: ${end.toISOString()} is before the charge begins (${start.toISOString()})` };
  }
  const source = element.cost_source ?? 'bill';
  const category = element.charge_category ?? 'usage';
  return costRecord({
    origin: source === 'bill' ? 'reported' : 'metered',
    source: source === 'bill' ? 'sync' : `sync-${source}`,
    recordId: element.record_id ?? null,
    chargeStart: start.toISOString(),
    chargeEnd: end.toISOString(),
    provider: element.cloud_provider ?? 'other',
    // FOCUS: who pays is the billing account, what it is split by the sub account
    billingAccountId: element.project_id === undefined ? null : (element.account_id ?? null),
    subAccountId: element.project_id ?? element.account_id ?? null,
    service: element.service,
    region: element.region ?? null,
    resourceId: element.resource_id ?? element.instance_id ?? element.api_key_id ?? null,
    instanceType: element.instance_type ?? null,
    chargeCategory: (category[0]!.toUpperCase() + category.slice(1)) as ChargeCategory,
    skuId: skuOf(element),
    consumedQuantity: element.usage_quantity ?? null,
    consumedUnit: element.usage_unit ?? null,
    billedCost: element.amount,
    effectiveCost: element.effective_amount ?? element.amount,
    listCost: element.list_amount ?? null,
    contractedCost: element.contracted_amount ?? null,
    currency: element.currency ?? context.currency,
    tags: element.tags ?? {},
    estimated: element.estimated ?? false,
    simulated: context.simulated,
  });
}

/** AI providers bill by model, kind of token and tier: that is their SKU. Others name theirs. */
function skuOf({ model_name, token_type, service_tier, sku }: CostElement): string | null {
  const parts = [model_name, token_type, service_tier];
  return parts.some((part) => part !== undefined) ? parts.map((part) => part ?? '').join('/') : (sku ?? null);
}

function endOfDay(start: Date): Date {
  return new Date(Math.floor(start.getTime() / DAY_MS) * DAY_MS + DAY_MS);
}
