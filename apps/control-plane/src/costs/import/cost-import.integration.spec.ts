import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGzip, gzipSync } from 'node:zlib';
import { startTestApp } from '../../../../../test/support/app.js';
import type { TestApp } from '../../../../../test/support/app.js';
import { testData } from '../../../../../test/support/nvidia-smi-replay/index.js';

const DATA = testData();
const HEADER =
  'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,ServiceName,ResourceId,Tags';
const row = (amount: string, resource = 'i-1', start = '2026-10-01 00:00:00') =>
  `${amount},USD,${start},2026-10-01 01:00:00,Usage,AWS,Amazon EC2,${resource},"{""team"": ""search""}"`;
const csv = (...rows: string[]) => [HEADER, ...rows].join('\n');

describe('POST /costs/import', () => {
  let app: TestApp;
  let tenant: string;
  let admin: string;

  beforeAll(async () => (app = await startTestApp()));
  afterAll(() => app.close());
  // a tenant has ten imports a minute
  beforeEach(async () => {
    tenant = await app.newTenant();
    admin = await app.apiKey('admin', tenant);
  });

  const send = async (body: string | Buffer | ReadableStream, query = '', as = admin) => {
    const answer = await fetch(`${app.url}/api/costs/import${query}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${as}`, 'content-type': 'text/csv' },
      body: body as never,
      duplex: 'half',
    } as never);
    return {
      status: answer.status,
      body: (await answer.json()) as never as {
        data: Record<string, unknown>;
        error: string;
        details: Record<string, never>;
      },
    };
  };
  const rows = () =>
    app.db.system((tx) => tx.rows('SELECT * FROM flotilla.costs c WHERE c.tenant_id = $1 ORDER BY c.id', [tenant]));
  const none = async () => {
    expect(await rows()).toEqual([]);
    expect(
      await app.db.system((tx) => tx.rows('SELECT * FROM flotilla.cost_imports i WHERE i.tenant_id = $1', [tenant])),
    ).toEqual([]);
  };

  it('takes a file once, however often it is sent, and corrects what a newer one says', async () => {
    const first = await send(csv(row('1.50'), row('2.50', 'i-2')), '?file_name=october.csv');
    expect(first).toMatchObject({
      status: 200,
      body: { data: { rows: 2, accepted: 2, rejected: 0, first_day: '2026-10-01' } },
    });
    expect((await send(csv(row('1.5'), row('2.50', 'i-2')))).body.data).toMatchObject({
      accepted: 0,
      updated: 0,
      duplicates: 2,
    });
    expect((await send(csv(row('9'), row('2.50', 'i-2')))).body.data).toMatchObject({
      accepted: 0,
      updated: 1,
      duplicates: 1,
    });
    expect((await rows()).map((cost) => cost['billed_cost'])).toEqual(['9', '2.50']);
  });

  it('keeps equal charges of one bill apart, over chunks too, and again the same way', async () => {
    // a chunk is 5,000 rows
    const many = csv(...Array.from({ length: 12_000 }, (_, i) => row('1', `i-${i % 1_500}`)));
    expect((await send(many)).body.data).toMatchObject({ rows: 12_000, accepted: 12_000 });
    expect((await send(many)).body.data).toMatchObject({ accepted: 0, duplicates: 12_000 });
    const sum = await app.db.system((tx) =>
      tx.row(`SELECT sum(c.billed_cost)::text AS sum FROM flotilla.costs c WHERE c.tenant_id = $1`, [tenant]),
    );
    expect(sum).toEqual({ sum: '12000' });
  });

  it('tells each row that is no charge with its line, and takes its neighbours', async () => {
    const { data } = (await send(csv(row('1'), row('1,5'), row('abc', 'i-2'), row('2', 'i-3'), 'too,few'))).body;
    expect(data).toMatchObject({ rows: 5, accepted: 2, rejected: 3 });
    expect(
      (data['rejections'] as { line: number; column: string }[]).map(({ line, column }) => [line, column]),
    ).toEqual([
      [3, null],
      [4, 'BilledCost'],
      [6, null],
    ]);
  });

  it('says which currencies have no rate, whose amounts are in no total', async () => {
    const as = async (currency: string, resource: string) =>
      (await send(csv(row('1', resource).replace('USD', currency)))).body.data;
    expect(await as('USD', 'i-1')).toMatchObject({ accepted: 1, without_rate: [] });
    expect(await as('EUR', 'i-2')).toMatchObject({ accepted: 1, without_rate: ['EUR'] });
    const rate = { base: 'EUR', quote: 'USD', day: '2026-10-01', rate: '1.1' };
    expect((await app.call('POST', '/api/currency-rates', { as: admin, body: rate })).status).toBeLessThan(300);
    expect(await as('EUR', 'i-3')).toMatchObject({ accepted: 1, without_rate: [] });
  });

  it('stores nothing with strict when a row is not right, and nothing with dry_run', async () => {
    const bad = await send(csv(row('1'), row('abc')), '?strict=true');
    expect(bad).toMatchObject({ status: 400, body: { error: expect.stringContaining('line 3') } });
    await none();
    expect((await send(csv(row('1')), '?dry_run=true')).body.data).toMatchObject({
      id: null,
      accepted: 1,
      dry_run: true,
    });
    await none();
  });

  it.each<[string, string | Buffer, string]>([
    ['broken quoting', csv(row('1'), '1,USD,"never closed', row('2')), 'line'],
    ['no header of FOCUS', 'a,b\n1,2', 'the header lacks BilledCost'],
    ['nothing', '', 'empty'],
    ['a broken archive', gzipSync(csv(row('1'))).subarray(0, 40), 'gzip'],
    ['a picture', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3]), 'Line 1'],
  ])('refuses %s and stores nothing', async (_, body, words) => {
    const answer = await send(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(words);
    await none();
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith(`flotilla-import-${process.pid}-`))).toEqual([]);
  });

  it('refuses what is announced as 2 GB before it comes', async () => {
    const { request } = await import('node:http');
    const status = await new Promise<number>((resolve, reject) => {
      const outgoing = request(`${app.url}/api/costs/import`, {
        method: 'POST',
        headers: { authorization: `Bearer ${admin}`, 'content-type': 'text/csv', 'content-length': 2 ** 31 },
      });
      outgoing.on('response', (answer) => {
        resolve(answer.statusCode!);
        outgoing.destroy();
      });
      outgoing.on('error', reject);
      outgoing.write(csv(row('1')));
    });
    expect(status).toBe(413);
    await none();
  });

  it('ends a gzip bomb long before it fills memory or disk', async () => {
    const rows = Buffer.alloc(2 ** 20, `${row('1')}\n`);
    function* text() {
      yield Buffer.from(`${HEADER}\n`);
      for (let i = 0; i < 300; i++) yield rows;
    }
    const parts: Buffer[] = [];
    for await (const part of Readable.from(text()).pipe(createGzip())) parts.push(part as Buffer);
    const bomb = Buffer.concat(parts);
    expect(bomb.length).toBeLessThan(1.4 * 2 ** 20);
    const before = process.memoryUsage().rss;
    const answer = await send(bomb);
    expect(answer.status).toBe(413);
    expect(answer.body.error).toContain('200 times its size');
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 2 ** 20);
    await none();
  });

  it('is for admins, and for one tenant', async () => {
    expect((await send(csv(row('1')), '', await app.apiKey('operator', tenant))).status).toBe(403);
    const stranger = await app.login('admin', await app.newTenant());
    await send(csv(row('1')), '', stranger);
    expect((await send(csv(row('1')))).body.data).toMatchObject({ accepted: 1 });
  });

  const sample = join(DATA, 'focus', 'focus_sample.csv');
  if (!existsSync(sample)) it.skip(`the FinOps Foundation's sample: ${sample} is not here`, () => undefined);
  else {
    it("takes the FinOps Foundation's sample, and its totals come out to the last digit", async () => {
      const golden = JSON.parse(readFileSync(join(DATA, 'focus', 'golden-totals.json'), 'utf8')) as Record<
        string,
        never
      >;
      const { data } = (await send(gzipSync(readFileSync(sample)))).body;
      expect(data).toMatchObject({ rows: golden['rows'], accepted: golden['rows'], rejected: 0 });
      const totals = await app.db.system((tx) =>
        tx.row(
          `SELECT round(sum(c.billed_cost), 6)::float8 AS billed, round(sum(c.effective_cost), 6)::float8 AS effective,
                  round(sum(c.list_cost), 6)::float8 AS list, round(sum(c.contracted_cost), 6)::float8 AS contracted
                FROM flotilla.costs c WHERE c.tenant_id = $1`,
          [tenant],
        ),
      );
      const { billed, effective, list, contracted } = golden;
      expect(totals).toEqual({ billed, effective, list, contracted });
      const providers = await app.db.system((tx) =>
        tx.rows(
          `SELECT c.provider_name AS name, round(sum(c.billed_cost), 6)::float8 AS billed FROM flotilla.costs c WHERE c.tenant_id = $1 GROUP BY 1`,
          [tenant],
        ),
      );
      expect(Object.fromEntries(providers.map(({ name, billed: sum }) => [name, sum]))).toEqual(
        golden['by_provider_billed'],
      );
    });

    it.each(readdirSync(join(DATA, 'focus', 'examples')))(
      'takes the specification’s scenario %s, or says what it lacks',
      async (name) => {
        const answer = await send(readFileSync(join(DATA, 'focus', 'examples', name)), '?dates=mdy');
        if (name.startsWith('commitment_discount')) {
          expect(answer.body.error).toContain('the header lacks BillingCurrency, ProviderName, ServiceName');
        } else expect(answer.body.data).toMatchObject({ rejected: 0, accepted: expect.any(Number) });
      },
    );
  }
});
