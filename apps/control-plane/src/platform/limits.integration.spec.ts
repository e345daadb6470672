import { randomUUID } from 'node:crypto';
import { startTestApp } from '../../../../test/support/app.js';
import { withoutDatabase } from '../../../../test/support/database-away.js';
import type { Answer, TestApp } from '../../../../test/support/app.js';

/** Limits and idempotency, over two replicas on one database. */
describe('two replicas', () => {
  let a: TestApp;
  let b: TestApp;
  beforeAll(async () => {
    a = await startTestApp();
    b = await startTestApp({ beside: a });
  });
  afterAll(async () => {
    await b?.close();
    await a?.close();
  });

  const tenantWith = async (limit: number) => {
    const tenant = await a.newTenant();
    await a.db.system((tx) =>
      tx.rows('UPDATE flotilla.tenants SET rate_limit_per_minute = $2 WHERE tenant_id = $1', [tenant, limit]),
    );
    return { tenant, key: await a.apiKey('admin', tenant) };
  };
  const me = (app: TestApp, as: string) => app.call('GET', '/api/auth/me', { as });
  const counted = (answers: readonly Answer[]) =>
    answers.reduce<Record<number, number>>((sum, { status }) => ({ ...sum, [status]: (sum[status] ?? 0) + 1 }), {});

  describe('rate limits', () => {
    it('let exactly the limit through, together', async () => {
      const { key } = await tenantWith(60);
      const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => me(i % 2 ? a : b, key)));
      expect(counted(answers)).toEqual({ 200: 60, 429: 40 });
      const refused = answers.find(({ status }) => status === 429)!;
      expect(refused.body.code).toBe('RATE_LIMIT');
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(50);
      expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    });

    it('never let more than a large limit through, and at most a hundredth per replica less', async () => {
      const { key } = await tenantWith(400);
      const answers = await Promise.all(Array.from({ length: 500 }, (_, i) => me(i % 3 ? a : b, key)));
      const allowed = counted(answers)[200]!;
      expect(allowed).toBeLessThanOrEqual(400);
      expect(allowed).toBeGreaterThanOrEqual(400 - 2 * 4);
    });

    it('say limit, rest and end in every answer', async () => {
      const { key } = await tenantWith(1000);
      const rests = [];
      for (let i = 0; i < 3; i++) {
        const { headers } = await me(a, key);
        expect(headers.get('x-ratelimit-limit')).toBe('1000');
        const seconds = Number(headers.get('x-ratelimit-reset')) - Date.now() / 1000;
        expect(seconds).toBeGreaterThan(50);
        expect(seconds).toBeLessThanOrEqual(61);
        rests.push(Number(headers.get('x-ratelimit-remaining')));
      }
      expect(rests).toEqual([999, 998, 997]);
      for (const path of ['/healthz', '/api/none', '/api/auth/me', '/api/auth/tenants', '/docs']) {
        expect((await a.call('GET', path)).headers.get('x-ratelimit-limit')).toBeTruthy();
      }
    });

    it('keep tenants apart', async () => {
      const [one, other] = [await tenantWith(1), await tenantWith(1)];
      expect([(await me(a, one.key)).status, (await me(b, one.key)).status]).toEqual([200, 429]);
      expect((await me(a, other.key)).status).toBe(200);
    });
  });

  describe('Idempotency-Key', () => {
    const invite = (app: TestApp, as: string, key: string, body: object) =>
      app.call('POST', '/api/users', { as, body, headers: { 'idempotency-key': key } });

    it('has one effect for fifty repeats at once on both replicas', async () => {
      const { key, tenant } = await tenantWith(1000);
      const body = { email: 'once@example.com', role: 'viewer' };
      const idempotencyKey = randomUUID();
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, i) => invite(i % 2 ? a : b, key, idempotencyKey, body)),
      );
      expect(counted(answers)).toEqual({ 201: 50 });
      expect(new Set(answers.map((answer) => answer.body.data.user.id)).size).toBe(1);
      const first = answers.filter((answer) => answer.headers.get('idempotency-replayed') === null);
      expect(first).toHaveLength(1);
      expect(first[0]!.body.data.token).toMatch(/^fli_/);
      const replays = answers.filter((answer) => answer.headers.get('idempotency-replayed') === 'true');
      expect(replays).toHaveLength(49);
      expect(replays.every(({ body: { data } }) => data.token === null && data.url === null)).toBe(true);
      const rows = await a.db.system((tx) =>
        tx.rows('SELECT 1 FROM flotilla.users WHERE tenant_id = $1 AND email = $2', [tenant, body.email]),
      );
      expect(rows).toHaveLength(1);
    });

    it('refuses another body, and knows callers and tenants apart', async () => {
      const [one, other] = [await tenantWith(1000), await tenantWith(1000)];
      const key = randomUUID();
      const body = { email: 'same@example.com', role: 'viewer' };
      expect((await invite(a, one.key, key, body)).status).toBe(201);
      const conflict = await invite(b, one.key, key, { ...body, role: 'admin' });
      expect([conflict.status, conflict.body.code]).toEqual([409, 'CONFLICT']);
      const elsewhere = await invite(a, other.key, key, body);
      expect([elsewhere.status, elsewhere.headers.get('idempotency-replayed')]).toEqual([201, null]);
      const colleague = await a.apiKey('admin', one.tenant);
      const theirs = await invite(a, colleague, key, body);
      expect([theirs.status, theirs.headers.get('idempotency-replayed')]).toEqual([409, null]); // the e-mail is taken: no replay
    });

    it('is free again after a refusal', async () => {
      const { key } = await tenantWith(1000);
      const idempotencyKey = randomUUID();
      expect((await invite(a, key, idempotencyKey, { email: 'x' })).status).toBe(400);
      expect((await invite(a, key, idempotencyKey, { email: 'x@example.com', role: 'viewer' })).status).toBe(201);
    });

    it('does not repeat what was cut off', async () => {
      const { key, tenant } = await tenantWith(1000);
      const idempotencyKey = randomUUID();
      const body = { email: 'cut@example.com', role: 'viewer' };
      expect((await invite(a, key, idempotencyKey, body)).status).toBe(201);
      await a.db.system((tx) =>
        tx.rows(
          'UPDATE flotilla.idempotency_keys SET status = NULL, answer = NULL, running_until = now() WHERE tenant_id = $1',
          [tenant],
        ),
      );
      const again = await invite(a, key, idempotencyKey, body);
      expect(again.status).toBe(409);
      expect(again.body.error).toContain('cut off');
    });

    it('refuses keys that are none', async () => {
      const { key } = await tenantWith(1000);
      for (const wrong of ['a b', 'x'.repeat(256)]) {
        expect((await invite(a, key, wrong, { email: 'y@example.com', role: 'viewer' })).status).toBe(400);
      }
    });
  });
});

describe('without its database', () => {
  it('answers 503 at once, stays alive, and comes back', async () => {
    const app = await startTestApp();
    try {
      const key = await app.apiKey('viewer');
      const token = await app.login('viewer');
      await withoutDatabase(app.databaseUrl, async () => {
        for (const as of [key, token]) {
          const started = Date.now();
          const answer = await app.call('GET', '/api/audit', { as });
          expect([answer.status, answer.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
          expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
          expect(Date.now() - started).toBeLessThan(20_000);
        }
        expect((await app.call('GET', '/healthz')).status).toBe(200);
        const ready = await app.call('GET', '/readyz');
        expect([ready.status, ready.body.checks.database]).toEqual([503, 'down']);
        expect((await app.call('GET', '/status')).body.data).toMatchObject({ status: 'degraded', database: 'down' });
        const login = await app.call('POST', '/api/auth/login', { body: { email: 'a@example.com', password: 'x' } });
        expect(login.status).toBe(503);
      });
      expect((await app.call('GET', '/api/auth/me', { as: key })).status).toBe(200);
      expect((await app.call('GET', '/readyz')).status).toBe(200);
    } finally {
      await app.close();
    }
  }, 30_000);
});
