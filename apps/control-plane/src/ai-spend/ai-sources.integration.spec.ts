import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

const DAY_MS = 86_400_000;
// one moment for the whole file: its days stay what they are when it runs over midnight
const NOW = Date.now();
const at = (ago: number, hour = 10) =>
  `${new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10)}T${String(hour).padStart(2, '0')}:00:00.000Z`;
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

describe('two tellings of the same calls', () => {
  let app: TestApp;
  let viewer: string;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());

  const get = async (path: string) => (await app.call('GET', `/api${path}`, { as: viewer })).body;
  const sync = (...elements: object[]) => app.call('POST', '/api/sync', { as: key, body: { ai_spend: elements } });

  it("counts the provider's own report instead of what applications tell of the same calls", async () => {
    const report = { usage_source: 'provider_api', project_id: 'proj_1', timestamp: at(1, 0), period_end: at(0, 0) };
    await sync(
      element({ requests: 10, input_tokens: 12_000, cached_input_tokens: 8000, output_tokens: 3000, ...report }),
      // of the same project; of a team's own name of a project; of none
      element({ project_id: 'proj_1', team_id: 'search', workload_id: 'shop' }),
      element({ project_id: 'checkout', output_tokens: 299, team_id: 'search' }),
      element({ output_tokens: 298 }),
      // another day, another model, and a project of the provider that its report of the day does not have
      element({ timestamp: at(2) }),
      element({ model_name: 'gpt-4o-mini' }),
      element({ ...report, timestamp: at(3, 0), period_end: at(2, 0), project_id: 'proj_2' }),
      element({ project_id: 'proj_2', output_tokens: 297 }),
    );
    const { data } = await get('/ai-spend/summary');
    // 0.05 of the report, 3 × 0.005 beside it less 3 tokens of output, gpt-4o-mini 0.0003
    expect(data.total_cost).toBeCloseTo(0.05 + 0.005 * 3 - 0.00003 + 0.0003, 9);
    expect(data.overlaps).toMatchObject([
      { provider: 'openai', model_name: 'gpt-4o', source: 'sync', requests: 3, output_tokens: 897 },
    ]);
    // asked alone, and asked for what the report does not tell, each source answers whole
    expect((await get('/ai-spend/summary?source=sync')).data).toMatchObject({ records: 6, overlaps: [] });
    expect((await get('/ai-spend/summary?team_id=search')).data).toMatchObject({ records: 2, overlaps: [] });
    const file = (await app.call('GET', '/api/exports/ai-spend?format=csv&days=7', { as: viewer })).body as string;
    expect(file.trim().split('\r\n')).toHaveLength(1 + 5);
  });
});
