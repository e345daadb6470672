import type { CostOrigin, CostRecord } from './cost-record.js';

/** What decides whether a charge counts beside others of its provider and day. */
export type Claim = Pick<CostRecord, 'origin' | 'provider' | 'billingAccountId' | 'subAccountId' | 'service'> &
  Pick<CostRecord, 'serviceCategory' | 'chargeCategory' | 'resourceId'> & {
    /** UTC day. */
    readonly day: string;
    readonly instanceId: number | null;
  };

/** The best first. */
export const ORIGIN_RANK: Readonly<Record<CostOrigin, number>> = { bill: 1, provider_api: 2, reported: 3, metered: 4 };

/** Services that machines are charged under, where their source gives no FOCUS service category. POSIX and JavaScript alike. */
export const COMPUTE_SERVICE = '(ec2|elastic compute|compute engine|virtual machine|^compute$|gpu)';
const COMPUTE = new RegExp(COMPUTE_SERVICE, 'i');

/** Whether a charge is for machines. */
export const isCompute = (claim: Pick<Claim, 'service' | 'serviceCategory'>): boolean =>
  claim.serviceCategory === null ? COMPUTE.test(claim.service) : claim.serviceCategory === 'Compute';

/**
 * The best origin that tells the same money as `charge`, or null: then the charge counts.
 *
 * Of the same provider and day, a better origin replaces
 * - whatever is of an instance that it charges itself;
 * - metered charges, where it has compute of the account: it may not know machines one by one;
 * - reported and provider_api charges, where it is a bill or a provider's interface and has anything of the account: both are
 *   whole, what an agent reports may be a part.
 *
 * A charge whose account nobody knows is in every account of its provider: rather counted once too seldom than twice. Only
 * usage shows that an origin has a day: fees and taxes stand on the first of a month without the rest of it.
 */
export function supersededBy(charge: Claim, others: readonly Claim[]): Exclude<CostOrigin, 'metered'> | null {
  const better = others
    .filter((other) => ORIGIN_RANK[other.origin] < ORIGIN_RANK[charge.origin] && other.chargeCategory === 'Usage')
    .filter((other) => other.provider === charge.provider && other.day === charge.day)
    .filter((other) => isOfInstance(charge, other) || coversAccount(charge, other))
    .map((other) => other.origin)
    .sort((a, b) => ORIGIN_RANK[a] - ORIGIN_RANK[b]);
  return (better[0] ?? null) as Exclude<CostOrigin, 'metered'> | null;
}

const isOfInstance = (charge: Claim, other: Claim) =>
  charge.instanceId !== null && charge.instanceId === other.instanceId;

function coversAccount(charge: Claim, other: Claim): boolean {
  // what names a resource says nothing about the others, unless its source is whole
  const isWhole = other.origin === 'bill' || other.origin === 'provider_api';
  if (charge.origin === 'metered' ? !isCompute(other) || !(isWhole || other.resourceId === null) : !isWhole) {
    return false;
  }
  const account = charge.subAccountId ?? charge.billingAccountId;
  return account === null || account === other.subAccountId || account === other.billingAccountId;
}
