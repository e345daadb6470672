import { billingModelOf, costRecord, DAY_MICROS, secondsText } from '@flotilla/domain';
import type { BillingModel, CostRecord, MeteredCharge } from '@flotilla/domain';

/** Whom the metered charges are for. */
export interface MeteredInstance {
  readonly id: number;
  readonly cloud_provider: string;
  readonly provider_id: string;
  readonly name: string | null;
  readonly region: string | null;
  readonly instance_type: string | null;
  readonly account_id: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly simulated: boolean;
}

/** `source` of what Flotilla metered itself; agents may report metered amounts too, under their own. */
export const METERING = 'metering';

/** The provider's own word for its machines, so that metered days and billed days stand under one service. */
const SERVICES: Readonly<Record<string, string>> = {
  aws: 'Amazon Elastic Compute Cloud',
  azure: 'Virtual Machines',
  gcp: 'Compute Engine',
  on_prem: 'Owned machines',
};

export const modelOf = (instance: MeteredInstance): BillingModel =>
  billingModelOf(instance.cloud_provider, instance.tags);

/** A metered charge for the ledger. A day that is not over is estimated. */
export function meteredCost(instance: MeteredInstance, charge: MeteredCharge, nowMicros: number): CostRecord {
  const end = charge.dayMicros + DAY_MICROS;
  const iso = (micros: number) => new Date(micros / 1000).toISOString();
  return costRecord({
    origin: 'metered',
    source: METERING,
    recordId: `${instance.id}/${iso(charge.dayMicros).slice(0, 10)}/${charge.currency}/${charge.hourlyCost}`,
    chargeStart: iso(charge.dayMicros),
    chargeEnd: iso(end),
    provider: instance.cloud_provider,
    subAccountId: instance.account_id,
    service: SERVICES[instance.cloud_provider] ?? 'Compute',
    serviceCategory: 'Compute',
    region: instance.region,
    resourceId: instance.provider_id,
    resourceName: instance.name,
    resourceType: 'Instance',
    instanceType: instance.instance_type,
    chargeDescription: `${charge.hourlyCost} ${charge.currency} an hour, ${modelOf(instance) === 'always_on' ? 'on or off' : 'while it runs'}`,
    consumedQuantity: secondsText(charge.billedMicros),
    consumedUnit: 'Seconds',
    billedCost: charge.amount,
    currency: charge.currency,
    tags: instance.tags,
    estimated: end > nowMicros,
    simulated: instance.simulated,
  });
}
