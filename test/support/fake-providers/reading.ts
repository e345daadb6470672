import { addAmounts, DAY_MS } from '../../../libs/providers/src/spend/index.js';
import type { Normalized, SpendDataset } from '../../../libs/providers/src/spend/index.js';
import type { FakeProvider } from './server.js';

/** When it is, in tests of the clients. */
export const NOW = Date.UTC(2026, 10, 22, 10, 30);

/** What would have been waited, in milliseconds: nobody waits in a test. */
export const waits: number[] = [];

const patience = {
  nowMs: () => NOW,
  random: () => 0.5,
  sleep: (ms: number) => Promise.resolve(void waits.push(ms)),
  deadlineMs: 5_000,
};
const open: FakeProvider[] = [];

/** Closed after the test. */
export function opened<T extends { http: FakeProvider }>(fake: T): T {
  open.push(fake.http);
  return fake;
}

export async function closeAll(): Promise<void> {
  waits.splice(0);
  for (const one of open.splice(0)) await one.close();
}

/** The last days up to now. */
export const readDays = (dataset: SpendDataset | undefined, days = 1): Promise<Normalized> =>
  dataset!.read({ fromMs: NOW - days * DAY_MS, toMs: NOW }, patience);

/** The sum of all costs, exact. */
export const sumOf = ({ records }: Normalized): string =>
  records.reduce((sum, { section, record }) => (section === 'costs' ? addAmounts(sum, record.amount) : sum), '0');
