import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { testData } from '../../../../test/support/nvidia-smi-replay/index.js';
import { TracesAnswer, TracesRequest } from './traces.proto.js';

const NOW_NS = `${Date.now() - 60_000}000000`;
const value = (of: string | number) => (typeof of === 'string' ? { stringValue: of } : { intValue: String(of) });
const attributes = (of: Record<string, string | number>) =>
  Object.entries(of).map(([key, is]) => ({ key, value: value(is) }));
let serial = 1;
const span = (of: Record<string, string | number>, more: object = {}) => ({
  traceId: '5b8efff798038103d269b633813fc60c',
  spanId: (serial++).toString(16).padStart(16, 'a'),
  name: 'chat',
  kind: 3,
  startTimeUnixNano: NOW_NS,
  endTimeUnixNano: NOW_NS,
  attributes: attributes(of),
  ...more,
});
const CHAT = {
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': 'gpt-4o',
  'gen_ai.usage.input_tokens': 1200,
  'gen_ai.usage.output_tokens': 300,
  'gen_ai.usage.cache_read.input_tokens': 800,
};
const traces = (spans: object[], resource: Record<string, string> = {}) => ({
  resourceSpans: [{ resource: { attributes: attributes(resource) }, scopeSpans: [{ spans }] }],
});

describe('POST /otlp/v1/traces', () => {
  let app: TestApp;
  let key: string;

  beforeAll(async () => {
    app = await startTestApp();
    key = await app.apiKey(['agent']);
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      await tx.rows('DELETE FROM flotilla.ai_usage');
      await tx.rows('DELETE FROM flotilla.ai_usage_hours');
    }),
  );

  const post = async (
    body: Uint8Array | string,
    contentType: string,
    headers: Record<string, string> = {},
    as = key,
  ) => {
    const answer = await fetch(`${app.url}/api/otlp/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': contentType, 'x-api-key': as, ...headers },
      body: body as NonNullable<RequestInit['body']>,
    });
    const bytes = Buffer.from(await answer.arrayBuffer());
    return { status: answer.status, type: answer.headers.get('content-type'), bytes, text: bytes.toString() };
  };
  const send = (body: unknown) => post(JSON.stringify(body), 'application/json');
  const rows = () =>
    app.db.system((tx) =>
      tx.rows<{ model: string; cost: string | null; origin: string | null } & Record<string, unknown>>(
        `SELECT d.model, d.provider, u.cost::text AS cost, d.cost_origin AS origin, d.unpriced_reason, d.team_id, d.workload_ref,
                d.instance_id, u.errors, d.price_source
           FROM flotilla.ai_usage u JOIN flotilla.ai_dimensions d ON d.tenant_id = u.tenant_id AND d.id = u.dimension_id
          ORDER BY u.at, u.record_key`,
      ),
    );
  const sums = () =>
    app.db.system((tx) =>
      tx.row(
        `SELECT sum(h.records)::int AS records, sum(h.output)::int AS output, sum(h.cost)::text AS cost FROM flotilla.ai_usage_hours h`,
      ),
    );

  it('prices the captured spans to the last digit, and what has no price is none', async () => {
    const folder = join(testData(), 'otlp');
    if (!existsSync(folder)) {
      process.stdout.write('no captured spans: golden costs of OTLP are not checked (FLOTILLA_TEST_DATA)\n');
      return;
    }
    const body = readFileSync(join(folder, 'genai-spans.json'), 'utf8');
    const expected = JSON.parse(readFileSync(join(folder, 'expected-costs.json'), 'utf8')) as {
      spans: { usd: number | null }[];
    };
    const answer = await post(body, 'application/json');
    expect(answer).toMatchObject({ status: 200, type: 'application/json', text: '{}' });
    const stored = await rows();
    expect(stored.map(({ cost }) => (cost === null ? null : Number(cost)))).toEqual(
      expected.spans.map(({ usd }) => usd),
    );
    expect(stored[1]).toMatchObject({
      cost: '0.02775',
      provider: 'anthropic',
      team_id: 'search',
      workload_ref: 'checkout-assistant',
    });
    expect(stored[4]).toMatchObject({
      provider: 'self_hosted',
      unpriced_reason: expect.stringContaining('own machines'),
    });
    expect(stored[5]).toMatchObject({ cost: '0', errors: 1 });
    expect(stored[7]).toMatchObject({
      cost: null,
      origin: null,
      unpriced_reason: expect.stringContaining('mystery-1 of acme'),
    });
    const before = await sums();
    expect(before).toEqual({ records: 8, output: 300 + 640 + 210 + 512 + 100 + 5, cost: '0.05968192' });
    await post(body, 'application/json');
    expect(await sums()).toEqual(before);
  });

  it('takes protobuf as it takes JSON, and answers in it', async () => {
    const request = traces([span(CHAT)], { 'service.name': 'shop' });
    const bytes = TracesRequest.encode(
      TracesRequest.fromObject({
        resourceSpans: [
          {
            resource: request.resourceSpans[0]!.resource,
            scopeSpans: [
              {
                spans: request.resourceSpans[0]!.scopeSpans[0]!.spans.map((one) => ({
                  ...one,
                  traceId: Buffer.from((one as { traceId: string }).traceId, 'hex'),
                  spanId: Buffer.from((one as { spanId: string }).spanId, 'hex'),
                })),
              },
            ],
          },
        ],
      }),
    ).finish();
    const answer = await post(gzipSync(bytes), 'application/x-protobuf', { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 200, type: 'application/x-protobuf' });
    expect(TracesAnswer.toObject(TracesAnswer.decode(answer.bytes))).toEqual({});
    // the same span as JSON is the same record
    expect((await send(request)).status).toBe(200);
    expect(await rows()).toMatchObject([{ cost: '0.005', workload_ref: 'shop' }]);
  });

  it('corrects a span that is told anew, in its hour too', async () => {
    const one = span(CHAT);
    await send(traces([one, span(CHAT)]));
    expect(await sums()).toEqual({ records: 2, output: 600, cost: '0.010' });
    await send(traces([{ ...one, attributes: attributes({ ...CHAT, 'gen_ai.usage.output_tokens': 400 }) }]));
    expect(await sums()).toEqual({ records: 2, output: 700, cost: '0.011' });
    // to another model: out of one sum and into another
    await send(traces([{ ...one, attributes: attributes({ ...CHAT, 'gen_ai.request.model': 'mystery' }) }]));
    expect(await sums()).toEqual({ records: 2, output: 600, cost: '0.005' });
  });

  it('stores the good ones among bad ones, and says what was wrong', async () => {
    const bad = (of: Record<string, string | number>) => span({ ...CHAT, ...of });
    const answer = await send(
      traces([
        span(CHAT),
        bad({ 'gen_ai.usage.input_tokens': -1 }),
        bad({ 'gen_ai.usage.input_tokens': '1000000000000000000000000000000' }),
        bad({ 'gen_ai.usage.cache_read.input_tokens': 1201 }),
        bad({ 'gen_ai.usage.cost.amount': 'NaN' }),
        span(CHAT, { startTimeUnixNano: `${Date.now() + 5 * 86_400_000}000000` }),
        span(CHAT, { spanId: 'zz' }),
        span({ 'http.request.method': 'GET' }),
        span({ ...CHAT, 'gen_ai.operation.name': 'invoke_agent' }),
      ]),
    );
    expect(answer.status).toBe(200);
    const { partialSuccess } = JSON.parse(answer.text) as {
      partialSuccess: { rejectedSpans: number; errorMessage: string };
    };
    expect(partialSuccess.rejectedSpans).toBe(6);
    expect(partialSuccess.errorMessage).toContain('input tokens are no count: -1');
    expect(await rows()).toMatchObject([{ cost: '0.005' }]);
  });

  it('keeps hostile texts as texts', async () => {
    const nasty = `'; DROP TABLE flotilla.costs; --\u0000\ud800=cmd|' /C calc'!A0`;
    await send(traces([span({ ...CHAT, 'gen_ai.request.model': nasty, 'team.id': 'x'.repeat(5_000) })]));
    const [row] = await rows();
    expect(row).toMatchObject({ model: expect.stringContaining('DROP TABLE'), cost: null });
    expect(String(row!['team_id'])).toHaveLength(256);
  });

  it('takes a cost that is told, with who computed it', async () => {
    const told = { ...CHAT, 'gen_ai.usage.cost.amount': '0.0123', 'gen_ai.usage.cost.currency': 'EUR' };
    await send(traces([span({ ...told, 'gen_ai.usage.cost.source': 'provider' })]));
    expect(await rows()).toMatchObject([{ cost: '0.0123', origin: 'provider', price_source: 'provider' }]);
  });

  it('finds the own machine that served a model', async () => {
    const id = await app.db.system((tx) =>
      tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name) VALUES ($1, 'on_prem', 'gpu-7', 'gpu-seven') RETURNING id`,
        [app.tenantId],
      ),
    );
    const own = { ...CHAT, 'gen_ai.provider.name': 'vllm', 'gen_ai.request.model': 'Qwen/Qwen3-32B' };
    await send(traces([span(own, { kind: 2 })], { 'host.name': 'gpu-7' }));
    await send(traces([span({ ...own, 'server.address': 'gpu-seven' })], { 'host.name': 'laptop' }));
    await send(traces([span({ ...own, 'server.address': '10.0.0.1' })], { 'host.name': 'gpu-7' }));
    const found = (await rows()).map((row) => row['instance_id'] as number | null);
    expect(found.filter((one) => one === id!.id)).toHaveLength(2);
    expect(found.filter((one) => one === null)).toHaveLength(1);
  });

  it.each<[string, string, string, number, string]>([
    ['broken JSON', '{"resourceSpans":', 'application/json', 400, 'not valid JSON'],
    ['another shape', '{"resourceSpans": 7}', 'application/json', 400, 'resourceSpans is no list'],
    ['a list', '[]', 'application/json', 400, 'ExportTraceServiceRequest'],
    ['broken protobuf', '\u000a\u00ff\u00ff', 'application/x-protobuf', 400, 'not a valid ExportTraceServiceRequest'],
    ['text', 'hello', 'text/plain', 415, 'Content-Type must be'],
  ])('refuses %s', async (_, body, type, status, message) => {
    const answer = await post(Buffer.from(body, 'latin1'), type);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(message);
    expect(await rows()).toEqual([]);
  });

  it('ends a gzip bomb at its limit', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20), { level: 9 });
    expect(bomb.length).toBeLessThan(300_000);
    expect((await post(bomb, 'application/json', { 'content-encoding': 'gzip' })).status).toBe(413);
  });

  it('is for agents and operators, under both addresses', async () => {
    const body = JSON.stringify(traces([]));
    expect((await post(body, 'application/json', {}, await app.apiKey(['read']))).status).toBe(403);
    expect((await post(body, 'application/json', {}, await app.apiKey('operator'))).status).toBe(200);
    const v1 = await app.call('POST', '/api/v1/otlp/v1/traces', { as: key, body: traces([span(CHAT)]) });
    expect(v1.status).toBe(200);
    expect(await rows()).toHaveLength(1);
  });
});
