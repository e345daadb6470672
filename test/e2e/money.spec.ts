/** One month of money on whole processes: machines are metered, the bill comes, nothing counts twice, and it goes out as files. */
import { gzipSync } from 'node:zlib';
import { Api } from './support/api.js';
import type { Json } from './support/api.js';
import { OWNER, System } from './support/system.js';
import { until } from './support/until.js';

const DAY_MS = 86_400_000;
const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);

let system: System;
let owner: Api;
let token: string;

beforeAll(async () => {
  system = await System.start({}, ['--no-agent']);
  owner = await system.login();
  const answer = await fetch(`${system.address}/api/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(OWNER),
  });
  token = ((await answer.json()) as Json).data.accessToken;
}, 150_000);
afterAll(() => system?.stop(), 60_000);

const header =
  'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,ServiceName,ResourceId,RegionId,Tags';
const billed = (amount: string, resource: string, team: string | null, ago: number) =>
  `${amount},USD,${day(ago)}T00:00:00Z,${day(ago - 1)}T00:00:00Z,Usage,AWS,Amazon EC2,${resource},us-east-1,${team === null ? '' : `"{""team"": ""${team}""}"`}`;

const raw = (path: string, init: RequestInit = {}) =>
  fetch(`${system.address}/api${path}`, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });
const importBill = async (...rows: string[]): Promise<Json> => {
  const answer = await raw('/costs/import?file_name=bill.csv', {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: gzipSync([header, ...rows].join('\n')),
  });
  return ((await answer.json()) as Json).data;
};

it('takes a bill once, sums it to the cent, and gives it out again as it came', async () => {
  const rows = [
    billed('55.04', 'i-0trainer', 'research', 2),
    billed('12.000000000000000001', 'i-0web', 'web', 2),
    billed('3.10', 'i-0web', null, 1),
  ];
  expect(await importBill(...rows)).toMatchObject({ accepted: 3, rejected: 0 });
  expect(await importBill(...rows)).toMatchObject({ accepted: 0, duplicates: 3 });

  const summary = (await owner.get('/costs/summary?days=7')).data;
  expect(summary).toMatchObject({ total_cost: 70.14, record_count: 3, simulated: false });
  const tags = (await owner.get('/costs/by-tags?tag_key=team&days=7')).data;
  expect(tags.groups.map((group: Json) => [group.tag_value, group.total_cost])).toEqual([
    ['research', 55.04],
    ['web', 12],
    [null, 3.1],
  ]);

  const csv = await (await raw('/exports/costs?format=csv&days=7')).text();
  expect(csv).toContain(',12.000000000000000001,');
  expect(csv.split('\r\n')).toHaveLength(5);
  const pdf = Buffer.from(await (await raw('/exports/costs?format=pdf&days=7')).arrayBuffer());
  expect(pdf.subarray(0, 5).toString()).toBe('%PDF-');
  expect(pdf.length).toBeGreaterThan(10_000);
});

it('prices what spans of models tell, and counts what has no price as that', async () => {
  const span = (id: string, model: string, input: number, output: number) => ({
    traceId: '5b8efff798038103d269b633813fc60c',
    spanId: id,
    name: `chat ${model}`,
    kind: 3,
    startTimeUnixNano: `${Date.now() - 60_000}000000`,
    endTimeUnixNano: `${Date.now() - 59_000}000000`,
    attributes: [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } },
      { key: 'gen_ai.provider.name', value: { stringValue: 'openai' } },
      { key: 'gen_ai.request.model', value: { stringValue: model } },
      { key: 'gen_ai.usage.input_tokens', value: { intValue: String(input) } },
      { key: 'gen_ai.usage.output_tokens', value: { intValue: String(output) } },
    ],
  });
  const body = JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeSpans: [
          {
            spans: [
              span('eee19b7ec3c1b171', 'gpt-4o', 1_000_000, 100_000),
              span('eee19b7ec3c1b172', 'mystery-1', 5, 5),
            ],
          },
        ],
      },
    ],
  });
  for (let i = 0; i < 2; i++) {
    const answer = await raw('/otlp/v1/traces', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    expect(answer.status).toBe(200);
  }
  await until(
    'the spans are summed once: 2.50 for the input and 1.00 for the output',
    async () => {
      const { data } = await owner.get('/ai-spend/summary');
      return data.total_cost === 3.5;
    },
    { withinMs: 30_000 },
  );
  const { data } = await owner.get('/ai-spend/summary');
  expect(data.unpriced).toMatchObject({ records: 1 });
  const csv = await (await raw('/exports/ai-spend?format=csv')).text();
  expect(csv).toContain('mystery-1');
});
