import { TEST_PASSWORD, randomAddress, startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { FirstOwnerService } from '../tenants/index.js';

/** Users, tenants, the audit and the first owner, as an admin meets them. */
describe('people and tenants', () => {
  let app: TestApp;
  let owner: string;
  beforeAll(async () => {
    app = await startTestApp();
    owner = await app.login('owner');
  });
  afterAll(() => app?.close());

  const login = (email: string, password: string) =>
    app.call('POST', '/api/auth/login', { body: { email, password }, headers: { 'x-forwarded-for': randomAddress() } });

  it('invites a person, who sets a password once and is in', async () => {
    const body = { email: 'Ada@Example.com', name: 'Ada', role: 'operator' };
    const invited = await app.call('POST', '/api/users', { as: owner, body });
    expect(invited.status).toBe(201);
    const { user, token, url } = invited.body.data;
    expect([user.status, user.email]).toEqual(['invited', 'ada@example.com']);
    expect(url).toBe(`/api/auth/invitations/${token}/accept`);
    expect((await login('ada@example.com', 'anything at all')).status).toBe(401);
    const weak = await app.call('POST', url, { body: { password: 'password123' } });
    expect([weak.status, weak.body.details.field]).toEqual([400, 'password']);
    const accepted = await app.call('POST', url, { body: { password: TEST_PASSWORD, name: 'Ada L.' } });
    expect(accepted.status).toBe(201);
    expect(accepted.body.data.user).toMatchObject({ name: 'Ada L.', role: 'operator' });
    expect((await app.call('POST', url, { body: { password: TEST_PASSWORD } })).status).toBe(404);
    expect((await login('ada@example.com', TEST_PASSWORD)).status).toBe(200);
    expect((await app.call('POST', '/api/users', { as: owner, body })).status).toBe(409);
  });

  it('accepts an invitation once, also when twenty try at once', async () => {
    const invited = await app.call('POST', '/api/users', {
      as: owner,
      body: { email: 'race@example.com', role: 'viewer' },
    });
    const tries = await Promise.all(
      Array.from({ length: 20 }, () =>
        app.call('POST', invited.body.data.url, {
          body: { password: TEST_PASSWORD },
          headers: { 'x-forwarded-for': randomAddress() },
        }),
      ),
    );
    expect(tries.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(tries.filter(({ status }) => status === 404)).toHaveLength(19);
  });

  it('resets a password without ending the old one before it is used', async () => {
    const user = await app.newUser('viewer');
    const link = await app.call('POST', `/api/users/${user.userId}/reset-password`, { as: owner });
    expect((await login(user.email, TEST_PASSWORD)).status).toBe(200);
    expect((await app.call('POST', link.body.data.url, { body: { password: 'quite another password' } })).status).toBe(
      201,
    );
    expect((await login(user.email, TEST_PASSWORD)).status).toBe(401);
    expect((await login(user.email, 'quite another password')).status).toBe(200);
  });

  it('always keeps an active owner, also when two owners demote each other at once', async () => {
    const tenantId = await app.newTenant();
    const [one, two] = [await app.newUser('owner', { tenantId }), await app.newUser('owner', { tenantId })];
    const [asOne, asTwo] = await Promise.all(
      [one, two].map(async (user) => (await login(user.email, user.password)).body.data.accessToken as string),
    );
    const demote = (as: string, id: number) => app.call('PATCH', `/api/users/${id}`, { as, body: { role: 'viewer' } });
    const answers = await Promise.all([demote(asOne!, two.userId), demote(asTwo!, one.userId)]);
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    const owners = await app.db.system((tx) =>
      tx.rows(`SELECT 1 FROM flotilla.users WHERE tenant_id = $1 AND role = 'owner' AND status = 'active'`, [tenantId]),
    );
    expect(owners).toHaveLength(1);
  });

  it("changes the tenant's settings and tells the audit what they were", async () => {
    const body = { currency: 'EUR', idle_for_minutes: 45, rate_limit_per_minute: 2000 };
    const changed = await app.call('PATCH', '/api/tenant', { as: owner, body });
    expect(changed.body.data).toMatchObject(body);
    const refused = await app.call('PATCH', '/api/tenant', { as: owner, body: { timezone: 'Mars/Olympus' } });
    expect([refused.status, refused.body.details.field]).toEqual([400, 'timezone']);
    expect((await app.call('GET', '/api/auth/me', { as: owner })).headers.get('x-ratelimit-limit')).toBe('2000');
    const audit = await app.call('GET', '/api/audit?event_type=tenant', { as: owner });
    expect(audit.body.data[0]).toMatchObject({
      event_type: 'tenant.updated',
      actor: { type: 'user' },
      address: expect.any(String),
      request_id: expect.any(String),
      details: { before: { currency: 'USD', idle_for_minutes: 30 }, after: body },
    });
  });

  it('creates a tenant whose owner knows nothing of the others', async () => {
    const operator = await app.login('platform_operator');
    const body = { name: 'New one', owner_email: 'first@example.com' };
    const created = await app.call('POST', '/api/tenants', { as: operator, body });
    expect(created.status).toBe(201);
    const first = await app.call('POST', created.body.data.url, { body: { password: TEST_PASSWORD } });
    const users = await app.call('GET', '/api/users', { as: first.body.data.accessToken });
    expect(users.body.data.map((user: { email: string }) => user.email)).toEqual(['first@example.com']);
    const audit = await app.call('GET', '/api/audit', { as: first.body.data.accessToken });
    expect(audit.body.data.map((event: { event_type: string }) => event.event_type)).toContain('tenant.created');
    const listed = await app.call('GET', '/api/tenants?limit=200', { as: operator });
    expect(listed.body.data.map((tenant: { id: string }) => tenant.id)).toContain(created.body.data.tenant.id);
  });

  it('pages through the audit, newest first, and never shows a secret in it', async () => {
    const seen: number[] = [];
    let next = '';
    do {
      const { body } = await app.call('GET', `/api/audit?limit=3${next && `&cursor=${next}`}`, { as: owner });
      seen.push(...body.data.map((event: { id: number }) => event.id));
      next = body.pagination.next_cursor ?? '';
      expect(JSON.stringify(body)).not.toMatch(/fli_|flr_|\$argon2|a long enough test password/);
    } while (next);
    expect(seen.length).toBeGreaterThan(5);
    expect([...seen].sort((a, b) => b - a)).toEqual(seen);
  });

  it('lets nobody change or delete what the audit holds, not even the application itself', async () => {
    const actor = { tenantId: app.tenantId, type: 'system', id: null, label: 'x' } as const;
    const change = 'UPDATE flotilla.audit_log SET actor_label = $1';
    const remove = 'DELETE FROM flotilla.audit_log WHERE actor_label <> $1 RETURNING id';
    for (const sql of [change, remove]) {
      await expect(app.db.write(actor, (tx) => tx.rows(sql, ['x']))).rejects.toThrow('permission denied');
    }
    await expect(app.db.system((tx) => tx.rows(change, ['x']))).rejects.toThrow('permission denied');
    // jobs may remove what a signed checkpoint stands for: there is none, so there is nothing
    expect(await app.db.system((tx) => tx.rows(remove, ['x']))).toEqual([]);
    const { body } = await app.call('GET', '/api/audit', { as: owner });
    expect(body.data.length).toBeGreaterThan(5);
  });
});

describe('the first owner', () => {
  it('is made once by however many replicas, with a password that only the maker knows', async () => {
    const app = await startTestApp();
    try {
      const service = app.app.get(FirstOwnerService, { strict: false });
      const all = await Promise.all(
        Array.from({ length: 5 }, () => service.ensureFirstOwner({ email: 'Boss@Example.com' })),
      );
      const makers = all.filter(({ created }) => created);
      expect(makers).toHaveLength(1);
      expect(all.filter(({ generatedPassword }) => generatedPassword !== null)).toEqual(makers);
      expect(new Set(all.map(({ tenantId }) => tenantId)).size).toBe(1);
      const body = { email: 'boss@example.com', password: makers[0]!.generatedPassword };
      const session = await app.call('POST', '/api/auth/login', { body });
      expect(session.body.data.user).toMatchObject({ role: 'owner', platform_operator: true });
      await expect(service.ensureFirstOwner({ password: 'x' })).resolves.toMatchObject({ created: false });
    } finally {
      await app.close();
    }
  });

  it('refuses a weak password and then makes nobody', async () => {
    const app = await startTestApp();
    try {
      const service = app.app.get(FirstOwnerService, { strict: false });
      await expect(service.ensureFirstOwner({ password: 'password123' })).rejects.toThrow('first that are guessed');
      expect(await app.db.system((tx) => tx.rows('SELECT 1 FROM flotilla.users'))).toHaveLength(0);
    } finally {
      await app.close();
    }
  });
});
