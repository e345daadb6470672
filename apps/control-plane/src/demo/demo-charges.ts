import { costRecord, smoothNoise } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import { DEMO_SEED } from './demo.types.js';

const DAY_MS = 86_400_000;

interface Line {
  readonly provider: string;
  readonly service: string;
  readonly category: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  /** USD of a day. */
  readonly daily: number;
}

/** What comes beside machines: some of it tagged, and some shared by all, as it is everywhere. */
const LINES: readonly Line[] = [
  line('aws', 'Amazon Simple Storage Service', 'Storage', 'us-east-1', { team: 'foundation-models' }, 412),
  line('aws', 'Amazon Simple Storage Service', 'Storage', 'us-east-1', { team: 'speech' }, 96),
  line('aws', 'AWS Data Transfer', 'Networking', 'us-east-1', {}, 188),
  line('aws', 'Amazon CloudWatch', 'Management and Governance', 'us-east-1', {}, 41),
  line('gcp', 'Cloud Storage', 'Storage', 'us-central1', { team: 'vision' }, 143),
  line('gcp', 'Networking', 'Networking', 'us-central1', {}, 67),
  line('azure', 'Bandwidth', 'Networking', 'swedencentral', {}, 39),
  line('azure', 'Azure Blob Storage', 'Storage', 'swedencentral', { team: 'assistants' }, 58),
  line('on_prem', 'Colocation', 'Other', 'fra-dc2', {}, 320),
];

/** Charges of days (`fromDay` to `toDay`, since 1970), simulated, with the same identities every time. */
export function demoCharges(fromDay: number, toDay: number): CostRecord[] {
  const records: CostRecord[] = [];
  for (let day = fromDay; day < toDay; day++) {
    LINES.forEach((one, n) => {
      const amount =
        one.daily *
        (1 + 0.12 * smoothNoise(DEMO_SEED + n, day / 3)) *
        (one.category === 'Networking' && (day + 3) % 7 >= 5 ? 0.6 : 1);
      records.push(charge(one, n, day, amount.toFixed(6)));
    });
    // a credit of the month, on its first day
    if (new Date(day * DAY_MS).getUTCDate() === 1) {
      const credit = line('aws', 'Amazon Elastic Compute Cloud', 'Compute', 'us-east-1', {}, 0);
      records.push({ ...charge(credit, LINES.length, day, '-2500'), chargeCategory: 'Credit' });
    }
  }
  return records;
}

function charge(one: Line, n: number, day: number, amount: string): CostRecord {
  return costRecord({
    origin: 'reported',
    source: 'demo',
    recordId: `demo/${n}/${day}`,
    chargeStart: new Date(day * DAY_MS).toISOString(),
    chargeEnd: new Date((day + 1) * DAY_MS).toISOString(),
    provider: one.provider,
    service: one.service,
    serviceCategory: one.category,
    region: one.region,
    resourceId: `simulated-${n}`,
    billedCost: amount,
    currency: 'USD',
    tags: one.tags,
    simulated: true,
  });
}

function line(
  provider: string,
  service: string,
  category: string,
  region: string,
  tags: Line['tags'],
  daily: number,
): Line {
  return { provider, service, category, region, tags, daily };
}
