const HEADER = [
  'BilledCost',
  'EffectiveCost',
  'ListCost',
  'BillingCurrency',
  'BillingAccountId',
  'SubAccountId',
  'BillingPeriodStart',
  'BillingPeriodEnd',
  'ChargePeriodStart',
  'ChargePeriodEnd',
  'ChargeCategory',
  'ProviderName',
  'ServiceName',
  'ServiceCategory',
  'RegionId',
  'ResourceId',
  'SkuId',
  'ConsumedQuantity',
  'ConsumedUnit',
  'Tags',
].join(',');

const LINES_AT_ONCE = 500;
const HOUR_MS = 3_600_000;
const MONTH = Date.parse('2026-10-01T00:00:00Z');
const HOURS = 31 * 24;

const iso = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/**
 * A month's bill by the hour: `count` rows from number `first` on, no two alike; half of them name one of `resources`.
 * With `corrected`, every tenth row costs other than without.
 */
export function* focusCsv(
  count: number,
  first: number,
  resources: readonly string[],
  corrected = false,
): Generator<string> {
  yield `${HEADER}\n`;
  for (let from = 0; from < count; from += LINES_AT_ONCE) {
    const lines = Math.min(LINES_AT_ONCE, count - from);
    yield Array.from({ length: lines }, (_, n) => line(first + from + n, resources, corrected)).join('');
  }
}

function line(n: number, resources: readonly string[], corrected: boolean): string {
  const start = MONTH + (n % HOURS) * HOUR_MS;
  const own = resources[Math.floor(n / 2) % resources.length]!;
  const name = n % 2 === 0 ? own : `vol-${n.toString(16)}`;
  const cost = ((n % 10_000) / (corrected && n % 10 === 1 ? 710 : 700)).toFixed(6);
  return `${[
    cost,
    cost,
    ((n % 10_000) / 600).toFixed(6),
    'USD',
    '999999999999',
    String(111111111100 + (n % 20)),
    '2026-10-01T00:00:00Z',
    '2026-11-01T00:00:00Z',
    iso(start),
    iso(start + HOUR_MS),
    'Usage',
    'AWS',
    n % 2 === 0 ? 'Amazon Elastic Compute Cloud' : 'Amazon Elastic Block Store',
    n % 2 === 0 ? 'Compute' : 'Storage',
    'us-east-1',
    `arn:aws:ec2:us-east-1:${111111111100 + (n % 20)}:instance/${name}`,
    `SKU-${n}`,
    '1',
    'Hours',
    `"{""team"":""team-${n % 20}"",""env"":""prod""}"`,
  ].join(',')}\n`;
}
