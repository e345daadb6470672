import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { flatSheet, modelCost, normalizeUsage, sumDecimals } from '@flotilla/domain';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { testData } from '../../../../test/support/nvidia-smi-replay/index.js';
import { AiSpendJob } from './ai-spend.job.js';

const DAY_MS = 86_400_000;
// one moment for the whole file: its days stay what they are when it runs over midnight
const NOW = Date.now();
const at = (ago: number, hour = 10) => `${new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10)}T${hour}:00:00.000Z`;
const element = (more: object = {}) => ({
  timestamp: at(1),
  provider: 'openai',
  model_name: 'gpt-4o',
  requests: 1,
  input_tokens: 1200,
  cached_input_tokens: 800,
  output_tokens: 300,
  ...more,
});

describe('the ledger of usage', () => {
  let app: TestApp;
  let viewer: string;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      for (const table of [
        'ai_usage',
        'ai_usage_hours',
        'ai_usage_closed_days',
        'ai_workloads',
        'costs',
        'currency_rates',
      ]) {
        await tx.client.query(`DELETE FROM flotilla.${table}`);
      }
    }),
  );

  const get = async (path: string, as = viewer) => (await app.call('GET', `/api${path}`, { as })).body;
  const sync = async (...elements: object[]) =>
    (await app.call('POST', '/api/sync', { as: key, body: { ai_spend: elements } })).body.data.ai_spend;

  it('stores what agents report once, corrects what they tell anew, and rejects what cannot be', async () => {
    const good = element({ record_id: 'r1' });
    expect(await sync(good)).toMatchObject({ accepted: 1, duplicates: 0, updated: 0, rejected: [] });
    expect(await sync(good)).toMatchObject({ accepted: 0, duplicates: 1, updated: 0 });
    expect(await sync({ ...good, output_tokens: 400 })).toMatchObject({ accepted: 0, updated: 1 });
    const { rejected } = await sync(
      element({ input_tokens: -1 }),
      element({ input_tokens: 1e30 }),
      element({ output_tokens: 'NaN' }),
      element({ timestamp: new Date(Date.now() + 3 * DAY_MS).toISOString() }),
      element({ timestamp: '2001-01-01T00:00:00Z' }),
      element({ cached_input_tokens: 1300 }),
      element({ cost: '-1' }),
      element({ cost: '1e30' }),
      element({ timestamp: at(1, 11), period_end: at(1, 10) }),
    );
    expect(rejected.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(rejected[3].error).toContain('in the future');
    expect(rejected[4].error).toContain('more than 400 days ago');
    expect(rejected[5].error).toContain('larger than the input');
    const { data } = await get('/ai-spend/summary');
    // (400 × 2.50 + 800 × 1.25 + 400 × 10) / 1e6
    expect(data).toMatchObject({ total_cost: 0.006, records: 1, requests: 1, input_tokens: 1200, output_tokens: 400 });
  });

  it('drops the records of days that nobody tells about any more, keeps their sums, and never counts them twice', async () => {
    const old = element({ timestamp: at(60), record_id: 'old' });
    await sync(old, element());
    const job = app.app.get(AiSpendJob, { strict: false });
    expect(await job.keepDays()).toEqual([]);
    await app.db.system((tx) => tx.rows(`UPDATE flotilla.ai_usage SET received_at = now() - interval '31 days'`));
    expect(await job.keepDays()).toContain(at(60).slice(0, 10));
    expect((await get('/ai-spend/summary?days=90')).data).toMatchObject({ total_cost: 0.01, records: 2 });
    expect((await get('/ai-spend?days=90&resolution=request')).count).toBe(1);
    expect((await sync(old)).rejected).toEqual([{ index: 0, error: expect.stringContaining('no longer kept') }]);
    expect((await sync(old, element({ record_id: 'new' }))).accepted).toBe(1);
  });

  it('counts a record once however many tell it at the same time', async () => {
    const bodies = Array.from({ length: 8 }, (_, version) =>
      Array.from({ length: 20 }, (_, i) =>
        element({ record_id: `r${(i * 7 + version) % 20}`, output_tokens: 100 + version }),
      ),
    );
    await Promise.all(bodies.map((elements) => sync(...elements)));
    const [{ hours, raw }] = (await app.db.system((tx) =>
      tx.rows(
        `SELECT (SELECT jsonb_build_array(sum(h.records), sum(h.output), sum(h.cost)) FROM flotilla.ai_usage_hours h) AS hours,
                (SELECT jsonb_build_array(count(*), sum(u.output), sum(u.cost)) FROM flotilla.ai_usage u) AS raw`,
      ),
    )) as [{ hours: number[]; raw: number[] }];
    expect(hours).toEqual(raw);
    expect(hours[0]).toBe(20);
  });

  it('prices a captured trace to the last digit', () => {
    const file = join(testData(), 'llm-traces', 'AzureLLMInferenceTrace_code.csv');
    if (!existsSync(file)) {
      process.stdout.write('no captured trace of requests: its golden cost is not checked (FLOTILLA_TEST_DATA)\n');
      return;
    }
    const sheet = flatSheet({ input: '2.50', output: '10.00' });
    const [, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
    const costs = lines.map((line) => {
      const [, input, output] = line.split(',');
      const usage = normalizeUsage({ counting: 'inclusive', input, output });
      if (!usage.ok) throw new Error(usage.reason);
      const cost = modelCost(usage.usage, sheet, { requests: 1, contextTokens: 0, factor: '1' });
      return cost.ok ? cost.cost : 'NaN';
    });
    expect(sumDecimals(costs)).toBe('47.608895');
  });
});
