import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import { startTestApp } from '../../../../test/support/app.js';
import type { Answer, TestApp } from '../../../../test/support/app.js';

/** The outside of every route: envelope, errors, bodies, headers. */
describe('the HTTP side', () => {
  let app: TestApp;
  let admin: string;
  const lines: string[] = [];
  beforeAll(async () => {
    app = await startTestApp({ log: (line) => lines.push(line) });
    admin = await app.apiKey('admin');
  });
  afterAll(() => app?.close());

  const expectError = (answer: Answer, status: number, code: string) => {
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.body.success).toBe(false);
    expect(typeof answer.body.error).toBe('string');
    expect(answer.body.request_id).toBe(answer.headers.get('x-request-id'));
    expect(new Date(answer.body.timestamp).toISOString()).toBe(answer.body.timestamp);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(JSON.stringify(answer.body)).not.toMatch(/\bat .*\.(ts|js):|SELECT|INSERT|flotilla\./);
  };

  it('wraps one thing and a list as documented', async () => {
    const me = await app.call('GET', '/api/auth/me', { as: admin });
    expect(Object.keys(me.body)).toEqual(['success', 'data']);
    await app.newUser('viewer');
    const { body } = await app.call('GET', '/api/users?limit=1', { as: admin });
    expect(Object.keys(body)).toEqual(['success', 'data', 'count', 'pagination']);
    expect(body.count).toBe(1);
    expect(Object.keys(body.pagination)).toEqual(['limit', 'page', 'total', 'total_pages', 'next_cursor', 'has_more']);
  });

  it('serves the same under /api and /api/v1', async () => {
    const both = await Promise.all(
      ['/api/tenant', '/api/v1/tenant'].map((path) => app.call('GET', path, { as: admin })),
    );
    expect(both.map(({ status }) => status)).toEqual([403, 403]);
    expectError(await app.call('GET', '/api/v2/tenant', { as: admin }), 404, 'NOT_FOUND');
  });

  it.each([
    ['an unknown route', 'GET', '/api/nothing'],
    ['an unknown root', 'GET', '/nothing'],
    ['a method that the path does not know', 'PUT', '/api/users'],
    ['a path that encodes nothing', 'GET', '/api/users/%E0%A4%A'],
  ])('%s is a documented error', async (_, method, path) => {
    const answer = await app.call(method, path, { as: admin });
    expectError(answer, path.includes('%') ? 400 : 404, path.includes('%') ? 'VALIDATION_ERROR' : 'NOT_FOUND');
    expect(answer.headers.get('x-ratelimit-limit')).toBeTruthy();
  });

  it('answers HEAD like GET without a body, OPTIONS with what the path knows, TRACE with 404', async () => {
    const head = await app.call('HEAD', '/api/auth/me', { as: admin });
    expect([head.status, head.body]).toEqual([200, '']);
    const options = await app.call('OPTIONS', '/api/users/1');
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'DELETE, GET, HEAD, PATCH, OPTIONS']);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      httpRequest(`${app.url}/api/users`, { method: 'TRACE' }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(404);
  });

  const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
    app.call('POST', '/api/users', { as: admin, body: body as string, headers });

  it.each([
    ['malformed JSON', '{"email": nope}', {}, 'body', /not valid JSON.*double quotes/],
    ['nothing', '', {}, 'body', /JSON body/],
    ['no JSON', 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }, 'Content-Type', /application\/json/],
    ['another charset', '{}', { 'content-type': 'application/json; charset=utf-16' }, 'Content-Type', /UTF-8/],
    ['a scalar', '5', {}, 'body', /./],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, {}, 'body', /deeper than 32/],
    ['5,900 levels', `${'{"a":'.repeat(5900)}1${'}'.repeat(5900)}`, {}, 'body', /deeper than 32/],
    ['20,000 levels, not closed', '['.repeat(20_000), {}, 'body', /deeper than 32/],
    [
      '1,001 fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`f${i}`, 1]))),
      {},
      'body',
      /1000 fields/,
    ],
    ['an unknown encoding', '{}', { 'content-encoding': 'pigz' }, 'Content-Encoding', /gzip/],
  ])('refuses %s with 400 and says what mends it', async (_, body, headers, field, text) => {
    const answer = await post(body, headers);
    expectError(answer, 400, 'VALIDATION_ERROR');
    expect(answer.body.details.field).toBe(field);
    expect(answer.body.error).toMatch(text);
  });

  it('refuses what is too large with 413, also when it is a gzip bomb', async () => {
    const large = JSON.stringify({ email: 'x'.repeat(1024 * 1024) });
    expectError(await post(large), 413, 'PAYLOAD_TOO_LARGE');
    const bomb = gzipSync(Buffer.alloc(200 * 1024 * 1024, 0x20));
    expect(bomb.length).toBeLessThan(300_000);
    const before = process.memoryUsage().arrayBuffers;
    expectError(await post(bomb, { 'content-encoding': 'gzip' }), 413, 'PAYLOAD_TOO_LARGE');
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50 * 1024 * 1024);
  });

  it('reads a gzipped body', async () => {
    const body = gzipSync(JSON.stringify({ email: 'zip@example.com', role: 'viewer' }));
    expect((await post(body, { 'content-encoding': 'gzip' })).status).toBe(201);
  });

  it.each([
    ['an unknown field', { email: 'a@b.co', role: 'viewer', tenant_id: 'x' }, 'tenant_id', /unknown field/],
    ['a missing field', { email: 'a@b.co' }, 'role', /role/],
    ['a wrong type', { email: 5, role: 'viewer' }, 'email', /email/],
    ['an unknown value of a list', { email: 'a@b.co', role: 'god' }, 'role', /role/],
    ['__proto__', '{"email":"a@b.co","role":"viewer","__proto__":{"role":"owner"}}', '__proto__', /unknown field/],
  ])('names the field: %s', async (_, body, field, text) => {
    const answer = await app.call('POST', '/api/users', { as: admin, body });
    expectError(answer, 400, 'VALIDATION_ERROR');
    expect(answer.body.details.field).toBe(field);
    expect(answer.body.error).toMatch(text);
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=1e1',
    'limit=',
    'limit=-1',
    'limit=NaN',
    'page=0',
    'unknown=1',
    'limit=1&limit=2',
    'cursor=nonsense',
    'status=weird',
  ])('refuses the query %s', async (query) => {
    const answer = await app.call('GET', `/api/users?${query}`, { as: admin });
    expectError(answer, 400, 'VALIDATION_ERROR');
    expect(answer.body.details.field).toBe(query.split('=')[0]);
  });

  it('refuses an unknown parameter on a route that takes none', async () => {
    const answer = await app.call('GET', '/api/auth/me?x=1', { as: admin });
    expectError(answer, 400, 'VALIDATION_ERROR');
    expect(answer.body.details.field).toBe('x');
  });

  it('never shows the value of a secret field', async () => {
    const body = { email: 'a@example.com', password: { nested: 'hunter2secret' } };
    const answer = await app.call('POST', '/api/auth/login', { body });
    expect(JSON.stringify(answer.body)).not.toContain('hunter2secret');
  });

  it('follows cursors over inserts, and refuses those of others', async () => {
    for (let i = 0; i < 5; i++) await app.newUser('viewer');
    const seen: number[] = [];
    let next: string | null = null;
    do {
      const page: Answer = await app.call('GET', `/api/users?limit=2${next ? `&cursor=${next}` : ''}`, { as: admin });
      seen.push(...page.body.data.map((user: { id: number }) => user.id));
      next = page.body.pagination.next_cursor;
    } while (next);
    expect(new Set(seen).size).toBe(seen.length);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
    const first = await app.call('GET', '/api/users?limit=1', { as: admin });
    const cursor = first.body.pagination.next_cursor as string;
    const stranger = await app.apiKey('admin', await app.newTenant());
    expectError(await app.call('GET', `/api/users?cursor=${cursor}`, { as: stranger }), 400, 'VALIDATION_ERROR');
    expectError(await app.call('GET', `/api/api-keys?cursor=${cursor}`, { as: admin }), 400, 'VALIDATION_ERROR');
    expectError(await app.call('GET', `/api/users?cursor=${cursor}&page=1`, { as: admin }), 400, 'VALIDATION_ERROR');
  });

  it("keeps a caller's request id when it is harmless", async () => {
    const kept = await app.call('GET', '/healthz', { headers: { 'x-request-id': 'abc-123' } });
    expect(kept.headers.get('x-request-id')).toBe('abc-123');
    const replaced = await app.call('GET', '/healthz', { headers: { 'x-request-id': 'a b"c' } });
    expect(replaced.headers.get('x-request-id')).toMatch(/^req_/);
  });

  it('logs one JSON object a line, without secrets', async () => {
    await app.call('GET', '/api/x%0d%0aforged?token=canary-secret', { as: admin });
    await app.call('GET', '/api/auth/me', { headers: { authorization: 'Bearer canary-secret' } });
    const text = lines.join('');
    expect(text).toContain('"message"'.replace('message', 'msg'));
    for (const line of lines) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(text).not.toContain('canary-secret');
    expect(text).not.toContain(admin.split('_')[3]!);
  });

  it('serves health, figures, the document and its page', async () => {
    expect((await app.call('GET', '/healthz')).body).toEqual({ status: 'ok' });
    expect((await app.call('GET', '/readyz')).body).toEqual({ status: 'ready', checks: { database: 'up' } });
    expect((await app.call('GET', '/status')).body.data).toMatchObject({ status: 'ok', database: 'up' });
    const figures = await app.call('GET', '/metrics');
    expect(figures.headers.get('content-type')).toContain('text/plain');
    expect(figures.body).toMatch(/flotilla_http_request_duration_seconds_count\{.*route="\/api\/users"/);
    for (const pool of ['read', 'write', 'ingest', 'system']) {
      expect(figures.body).toMatch(new RegExp(`flotilla_db_pool_connections\\{pool="${pool}",state="limit"\\} [1-9]`));
      expect(figures.body).toContain(`flotilla_db_pool_waiting{pool="${pool}"} 0`);
    }
    expect(figures.body).toContain('process_cpu_seconds_total');
    const [document, alias] = await Promise.all(
      ['/api/openapi.json', '/api/v1/openapi.json'].map((path) => app.call('GET', path)),
    );
    expect(document!.body.openapi).toBe('3.1.0');
    expect(alias!.body).toEqual(document!.body);
    const page = await app.call('GET', '/docs');
    expect([page.status, page.headers.get('content-security-policy')?.includes("script-src 'self'")]).toEqual([
      200,
      true,
    ]);
    for (const asset of page.body.matchAll(/(?:src|href)="([^"]+)"/g) as Iterable<RegExpMatchArray>) {
      expect((await app.call('GET', asset[1]!)).status).toBe(200);
    }
    const script = await app.call('GET', '/agent/install.sh');
    expect([script.status, script.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
    const sums = await app.call('GET', '/agent/SHA256SUMS');
    expect(sums.body).toContain(
      `${createHash('sha256')
        .update(script.body as string)
        .digest('hex')}  install.sh\n`,
    );
    for (const path of ['/agent/none', '/agent/..%2fpackage.json', '/agent/package.json', '/agent/']) {
      expect((await app.call('GET', path)).status).toBe(404);
    }
    const metrics = await app.call('GET', '/api/meta/condition-metrics', { as: admin });
    expect(metrics.body.data).toContainEqual(
      expect.objectContaining({ name: 'daily_cost', unit: 'currency', level: 'instance', source: 'money' }),
    );
    const model = await app.call('GET', '/api/meta/error-model', { as: admin });
    expect(model.body.data.codes).toHaveLength(10);
  });
});
