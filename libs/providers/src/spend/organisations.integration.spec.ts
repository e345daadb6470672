import { FakeAnthropic, FakeOpenAi } from '../../../../test/support/fake-providers/index.js';
import {
  closeAll,
  NOW,
  opened,
  readDays as read,
  sumOf,
  waits,
} from '../../../../test/support/fake-providers/reading.js';
import { anthropicDatasets } from '../anthropic/index.js';
import { openAiDatasets } from '../openai/index.js';
import { DAY_MS, HOUR_MS } from './index.js';

afterEach(closeAll);

describe('OpenAI', () => {
  const completion = (input: number) => ({
    input_tokens: input,
    output_tokens: 1,
    num_model_requests: 1,
    model: 'gpt-4o',
  });

  async function scene(apiKey = 'sk-admin-test') {
    const fake = opened(await FakeOpenAi.start());
    const datasets = openAiDatasets({ apiKey: () => apiKey, account: 'acme', baseUrl: fake.http.url });
    return { fake, usage: datasets.find(({ name }) => name === 'usage/completions'), costs: datasets[0] };
  }

  it('reads page by page, every bucket of the window once and nothing before or after it', async () => {
    const { fake, usage } = await scene();
    const hour = Math.floor(NOW / HOUR_MS) * HOUR_MS;
    for (let back = 0; back < 20 * 24; back++)
      fake.put('usage/completions', hour - back * HOUR_MS, completion(back + 1));
    fake.put('usage/completions', hour + HOUR_MS, completion(1_000_000));
    const found = await read(usage, 15);
    // from 10:00 fifteen days ago to 11:00 today: 361 hours in pages of 168
    expect(found.records).toHaveLength(361);
    expect(fake.http.asked).toHaveLength(3);
    const tokens = found.records.map(({ section, record }) => (section === 'ai_spend' ? record.input_tokens! : 0));
    expect(tokens.reduce((a, b) => a + b)).toBe((361 * 362) / 2); // 1 + 2 + … + 361
    expect(fake.http.asked[0]!.url.searchParams.getAll('group_by')).toContain('service_tier');
  });

  it('costs: dollars as printed, another currency kept apart, a day under way estimated', async () => {
    const { fake, costs } = await scene();
    const today = Date.UTC(2026, 10, 22);
    const row = (value: unknown, currency = 'usd') => ({
      amount: { value, currency },
      line_item: 'gpt-4o-2024-08-06, input',
    });
    fake.put('costs', today - DAY_MS, row(0.1));
    fake.put('costs', today - DAY_MS, row(0.2));
    fake.put('costs', today - DAY_MS, row(7, 'eur'));
    fake.put('costs', today, row(1e-7));
    const found = await read(costs);
    // two rows of one bucket that differ in nothing are one record: 0.1 + 0.2, without a float's error
    expect(found.records.map(({ record }) => record)).toMatchObject([
      {
        date: '2026-11-21',
        amount: '0.3',
        currency: 'USD',
        model_name: 'gpt-4o-2024-08-06',
        token_type: 'uncached_input_tokens',
      },
      { date: '2026-11-21', amount: '7', currency: 'EUR' },
      { date: '2026-11-22', amount: '0.0000001', estimated: true },
    ]);
    expect(found.records[0]!.record).not.toHaveProperty('estimated');
  });

  it.each([
    ['a project key', 'sk-proj-1', 'forbidden'],
    ['a wrong key', 'sk-admin-old', 'unauthorized'],
  ])('%s is refused at once, with what to do and without the key', async (_, key, fault) => {
    const { fake, usage } = await scene(key);
    const error = await read(usage).then(
      () => null,
      (refused: Error) => refused,
    );
    expect(error).toMatchObject({ fault });
    expect(error!.message).toContain('platform.openai.com/settings/organization/admin-keys');
    expect(error!.message).not.toContain(key);
    expect(fake.http.asked).toHaveLength(1);
    expect(waits).toEqual([]);
  });

  it('waits as long as it is told to, gets over a cut and a broken answer', async () => {
    const { fake, usage } = await scene();
    const body = { error: { message: 'Rate limit reached' } };
    fake.http.instead.push(
      { status: 429, headers: { 'retry-after': '7' }, body },
      { body: JSON.stringify({ object: 'page', data: [] }), cutAt: 9 },
      { body: '{"object":"page","data":[' },
    );
    expect((await read(usage)).records).toEqual([]);
    expect(fake.http.asked).toHaveLength(4);
    // 7 s and half of 1 s; half of 2 s; half of 4 s
    expect(waits).toEqual([7_500, 1_000, 2_000]);
  });

  it('gives up after four attempts, and at once when it is asked for more patience than it has', async () => {
    const { fake, usage } = await scene();
    for (let i = 0; i < 4; i++) fake.http.instead.push({ status: 503, body: 'down' });
    await expect(read(usage)).rejects.toMatchObject({ fault: 'unavailable', details: { status: 503 } });
    fake.http.instead.push({ status: 429, headers: { 'retry-after': '3600' }, body: {} });
    await expect(read(usage)).rejects.toMatchObject({ fault: 'rate_limited', details: { retryAfterMs: 3_600_000 } });
    expect(fake.http.asked).toHaveLength(5);
  });

  it('does not follow pages for ever, nor a redirect with its key', async () => {
    const { fake, usage } = await scene();
    const circle = { object: 'page', data: [], has_more: true, next_page: 'page_again' };
    fake.http.instead.push({ body: circle }, { body: circle });
    await expect(read(usage)).rejects.toThrow('a page that was read already');
    for (let i = 0; i < 201; i++) fake.http.instead.push({ body: { ...circle, next_page: `page_${i}` } });
    await expect(read(usage)).rejects.toThrow('more than 200 pages');
    fake.http.instead.splice(0);
    fake.http.instead.push({ body: { ...circle, next_page: null } });
    await expect(read(usage)).rejects.toThrow('there is more, and not where');
    const before = fake.http.asked.length;
    fake.http.instead.push({ status: 302, headers: { location: `${fake.http.url}/elsewhere` }, body: '' });
    await expect(read(usage)).rejects.toMatchObject({ fault: 'bad_request' });
    expect(fake.http.asked).toHaveLength(before + 1);
  });

  it('leaves out rows that are no figures and names them, a bucket told twice counts once', async () => {
    const { fake, usage, costs } = await scene();
    const at = Math.floor(NOW / HOUR_MS) * 3600;
    const bucket = (rows: unknown[]) => ({ start_time: at, end_time: at + 3600, results: rows });
    const data = [
      bucket([completion(5), { ...completion(-1), model: 'a' }, { ...completion(1e30), model: 'b' }, 'rubbish']),
      bucket([completion(6)]),
      { results: [completion(7)] },
    ];
    fake.http.instead.push({ body: { object: 'page', data, has_more: false } });
    const found = await read(usage);
    expect(found.records.map(({ record }) => record)).toMatchObject([{ input_tokens: 6 }]);
    expect(found.unreadable).toBe(4);
    expect(found.remarks).toContain('a bucket came twice in one answer; the last one counts');
    expect(found.remarks.join()).toContain('no count: 1e+30');
    const sums = [null, 'NaN', 1e30, '1e400', {}].map((value) => ({ amount: { value, currency: 'usd' } }));
    fake.http.instead.push({ body: { data: [bucket([...sums, { amount: { value: 1, currency: 'dollars' } }])] } });
    expect(await read(costs)).toMatchObject({ records: [], unreadable: 6 });
    fake.http.instead.push({ body: { rows: [] } });
    await expect(read(costs)).rejects.toThrow('answered without "data"');
  });
});

describe('Anthropic', () => {
  it('reads usage and costs with its own headers, and says that it takes an admin key', async () => {
    const fake = opened(await FakeAnthropic.start());
    let key = 'sk-ant-admin-test';
    const [costs, usage] = anthropicDatasets({ apiKey: () => key, account: 'acme', baseUrl: fake.http.url });
    fake.costs.set(Date.UTC(2026, 10, 21), [{ currency: 'USD', amount: '123.78912', description: 'Input' }]);
    fake.usage.set(Date.UTC(2026, 10, 22, 9), [
      { uncached_input_tokens: 1, output_tokens: 2, model: 'claude', service_tier: 'batch' },
    ]);
    // 41 days of costs in pages of 31, 337 hours of usage in pages of 168
    expect(sumOf(await read(costs, 40))).toBe('1.2378912');
    expect((await read(usage, 14)).records.map(({ record }) => record)).toMatchObject([
      { model_name: 'claude', input_tokens: 1, output_tokens: 2, batch: true, service_tier: 'batch' },
    ]);
    expect(fake.http.asked).toHaveLength(2 + 3);
    expect(fake.http.asked[0]!.url.searchParams.getAll('group_by[]')).toEqual(['workspace_id', 'description']);
    key = 'sk-ant-api03-ordinary';
    await expect(read(usage)).rejects.toThrow(/admin key \(sk-ant-admin…\).*individual accounts have none/);
  });
});
