import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { AiSpendJob } from './ai-spend.job.js';

const DAY_MS = 86_400_000;
const NOW = Date.now();
const day = (ago: number) => new Date(NOW - ago * DAY_MS).toISOString().slice(0, 10);
const usage = (record_id: string, more: object) => ({
  timestamp: `${day(1)}T10:00:00.000Z`,
  provider: 'openai',
  model_name: 'gpt-image-1',
  record_id,
  ...more,
});
const images = (record_id: string, quantity: string, more: object = {}) =>
  usage(record_id, { usage_quantity: quantity, usage_unit: 'images', spend_type: 'images/1024x1024', ...more });
const price = (more: object) => ({
  kind: 'model',
  provider: 'openai',
  model_name: 'gpt-image*',
  valid_from: day(10),
  ...more,
});

describe('prices of units that are no tokens', () => {
  let app: TestApp;
  let admin: string;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      for (const table of ['ai_usage', 'ai_usage_hours', 'ai_repricings', 'prices']) {
        await tx.client.query(`DELETE FROM flotilla.${table}`);
      }
    }),
  );

  const set = async (body: object): Promise<number> => {
    const answer = await app.call('POST', '/api/prices', { as: admin, body });
    expect([answer.status, answer.body.error]).toEqual([201, undefined]);
    return answer.body.data.id as number;
  };
  const tell = async (...elements: object[]) => {
    const { body } = await app.call('POST', '/api/sync', { as: key, body: { ai_spend: elements } });
    expect(body.data.ai_spend.rejected).toEqual([]);
  };
  const summary = async () => (await app.call('GET', '/api/ai-spend/summary', { as: admin })).body.data;
  const costs = async () =>
    ((await app.call('GET', '/api/ai-spend?resolution=request', { as: admin })).body.data as Record<string, unknown>[])
      .map((row) => [row['usage_unit'], row['usage_quantity'], row['cost'], row['cost_source'], row['price_source']])
      .sort((a, b) => Number(a[1]) - Number(b[1]));

  it('prices images, seconds and calls exactly, and says by which price', async () => {
    const image = await set(price({ usage_unit: 'images', unit_cost: '0.042' }));
    const second = await set(price({ model_name: 'whisper-1', usage_unit: 'seconds', unit_cost: '0.0001' }));
    await tell(
      images('a', '3'),
      usage('b', { model_name: 'whisper-1', usage_quantity: '61.5', usage_unit: 'Seconds' }),
      usage('c', { model_name: 'tts-1', usage_quantity: '900', usage_unit: 'characters' }),
    );
    expect(await costs()).toEqual([
      ['images', 3, 0.126, 'estimate', `price:${image}`], // 3 × 0.042
      ['Seconds', 61.5, 0.00615, 'estimate', `price:${second}`], // 61.5 × 0.0001
      ['characters', 900, null, null, null],
    ]);
    expect(await summary()).toMatchObject({ total_cost: 0.13215, records: 3, unpriced: { records: 1 } });
  });

  it('takes the price of the kind before that of any, the exact kind before a pattern, and the longer pattern', async () => {
    await set(price({ usage_unit: 'images', unit_cost: 1 }));
    await set(price({ usage_unit: 'images', unit_cost: 2, spend_type: 'images_*' }));
    await set(price({ usage_unit: 'images', unit_cost: 3, spend_type: 'images_1024*' }));
    await set(price({ usage_unit: 'images', unit_cost: 4, spend_type: 'images_1024x1024' }));
    await tell(
      images('a', '1', { spend_type: 'edits' }),
      images('b', '10', { spend_type: 'images/256x256' }),
      images('c', '100', { spend_type: 'images/1024x1792' }),
      images('d', '1000'),
    );
    expect((await costs()).map((row) => row[2])).toEqual([1, 20, 300, 4000]);
  });

  it('pays for tokens where they are told, and for units where they are not', async () => {
    await set(price({ usage_unit: 'images', unit_cost: 1 }));
    await set(price({ input_cost: 10, output_cost: 40 }));
    await tell(
      images('a', '2', { input_tokens: 1_000_000, output_tokens: 0 }),
      images('b', '5', { input_tokens: 0, output_tokens: 0 }),
    );
    // 1 × 10; 5 × 1
    expect((await costs()).map((row) => row[2])).toEqual([10, 5]);
  });

  it('prices usage that tells nothing but its requests', async () => {
    const id = await set(price({ model_name: 'rerank-3', usage_unit: 'requests', unit_cost: '0.002' }));
    await tell(usage('a', { model_name: 'rerank-3', requests: 500 }), usage('b', { model_name: 'other', requests: 5 }));
    expect(await costs()).toEqual([
      [null, null, 1, 'estimate', `price:${id}`], // 500 × 0.002
      [null, null, null, null, null],
    ]);
  });

  it('prices what came before the price, once, by what held on its day', async () => {
    await tell(
      images('a', '3'),
      images('b', '4', { timestamp: `${day(4)}T10:00:00.000Z` }),
      usage('c', { requests: 7 }),
      usage('d', { model_name: 'tts-1', usage_quantity: '9', usage_unit: 'characters' }),
    );
    const reprice = () => app.app.get(AiSpendJob).repriceAll();
    await reprice();
    expect(await summary()).toMatchObject({ total_cost: 0, unpriced: { records: 4 } });
    await set(price({ usage_unit: 'images', unit_cost: '0.05', valid_from: day(2) }));
    await set(price({ usage_unit: 'requests', unit_cost: '0.5' }));
    await reprice();
    // 3 × 0.05 + 7 × 0.5; the four images are of before
    const after = await summary();
    expect(after).toMatchObject({ total_cost: 3.65, unpriced: { records: 2 } });
    await reprice();
    expect(await summary()).toEqual(after);
  });

  it.each<[string, object, string]>([
    ['a unit without its cost', { usage_unit: 'images' }, 'unit_cost'],
    ['a cost without its unit', { unit_cost: 1 }, 'unit_cost'],
    ['units beside tokens', { usage_unit: 'images', unit_cost: 1, input_cost: 1 }, 'unit_cost'],
    ['units of a tier', { usage_unit: 'images', unit_cost: 1, service_tier: 'flex' }, 'unit_cost'],
    ['a kind of tokens', { input_cost: 1, spend_type: 'images' }, 'spend_type'],
    ['nothing', {}, 'input_cost'],
  ])('refuses %s', async (_, more, field) => {
    const { status, body } = await app.call('POST', '/api/prices', { as: admin, body: price(more) });
    expect([status, body.details.field]).toEqual([400, field]);
  });

  it('lists and changes them, and keeps them apart from prices of tokens', async () => {
    const units = await set(price({ usage_unit: 'images', unit_cost: '0.05', spend_type: 'images_*' }));
    const tokens = await set(price({ input_cost: 1 }));
    const patch = async (id: number, body: object) => {
      const answer = await app.call('PATCH', `/api/prices/${id}`, { as: admin, body });
      return [answer.status, answer.status === 200 ? answer.body.data.unit_cost : answer.body.details.field];
    };
    expect(await patch(units, { unit_cost: '0.06', note: 'Contract' })).toEqual([200, 0.06]);
    expect(await patch(units, { input_cost: 1 })).toEqual([400, 'input_cost']);
    expect(await patch(tokens, { unit_cost: 1 })).toEqual([400, 'unit_cost']);
    const { data } = (await app.call('GET', '/api/prices?kind=model', { as: admin })).body;
    expect(data).toMatchObject([
      { id: units, usage_unit: 'images', unit_cost: 0.06, spend_type: 'images_*', input_cost: null },
      { id: tokens, usage_unit: null, unit_cost: null, spend_type: null, input_cost: 1 },
    ]);
  });
});
