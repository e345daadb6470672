import { supersededBy } from './supersede.js';
import type { Claim } from './supersede.js';

const claim = (more: Partial<Claim>): Claim => ({
  origin: 'metered',
  provider: 'aws',
  billingAccountId: null,
  subAccountId: '111',
  service: 'Amazon Elastic Compute Cloud',
  serviceCategory: null,
  chargeCategory: 'Usage',
  resourceId: null,
  day: '2026-11-01',
  instanceId: null,
  ...more,
});
const metered = claim({ instanceId: 1, resourceId: 'i-1', serviceCategory: 'Compute' });

describe('a charge that a better origin tells too', () => {
  it.each<[string, Claim, Claim[], string | null]>([
    ['nothing better', metered, [metered, claim({ instanceId: 2 })], null],
    ['a bill that names the instance', metered, [claim({ origin: 'bill', instanceId: 1 })], 'bill'],
    ['the best of several', metered, [claim({ origin: 'reported', instanceId: 1 }), claim({ origin: 'bill', instanceId: 1 })], 'bill'], // prettier-ignore
    ['compute of its account, without resources', metered, [claim({ origin: 'provider_api' })], 'provider_api'],
    ['storage of its account only', metered, [claim({ origin: 'bill', service: 'Amazon S3', serviceCategory: 'Storage' })], null], // prettier-ignore
    ['compute of another account', metered, [claim({ origin: 'bill', subAccountId: '222' })], null],
    [
      'compute of its payer',
      metered,
      [claim({ origin: 'bill', subAccountId: '222', billingAccountId: '111' })],
      'bill',
    ],
    ['compute of any account, for an instance of which nobody knows it', { ...metered, subAccountId: null }, [claim({ origin: 'bill', subAccountId: '222' })], 'bill'], // prettier-ignore
    ['another day', metered, [claim({ origin: 'bill', instanceId: 1, day: '2026-11-02' })], null],
    ['another provider', metered, [claim({ origin: 'bill', instanceId: 1, provider: 'gcp' })], null],
    ['a fee of the first of the month', metered, [claim({ origin: 'bill', chargeCategory: 'Tax' })], null],
    ['an agent that reports another machine', metered, [claim({ origin: 'reported', resourceId: 'i-2' })], null],
    ['an agent that reports all compute', metered, [claim({ origin: 'reported' })], 'reported'],
    ['a bill of the account, for what its interface said', claim({ origin: 'provider_api', service: 'Amazon S3' }), [claim({ origin: 'bill' })], 'bill'], // prettier-ignore
    [
      'a report, for another report',
      claim({ origin: 'reported' }),
      [claim({ origin: 'reported', instanceId: 1 })],
      null,
    ],
    ['a worse one, for a bill', claim({ origin: 'bill' }), [metered, claim({ origin: 'provider_api' })], null],
  ])('%s', (_, charge, others, expected) => expect(supersededBy(charge, [charge, ...others])).toBe(expected));
});
