import { TEST_PASSWORD, randomAddress, startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

describe('logging in', () => {
  let app: TestApp;
  beforeAll(async () => (app = await startTestApp()));
  afterAll(() => app?.close());

  const login = (body: object, address = randomAddress()) =>
    app.call('POST', '/api/auth/login', { body, headers: { 'x-forwarded-for': address } });
  const refresh = (refreshToken: string) => app.call('POST', '/api/auth/refresh-tokens', { body: { refreshToken } });

  it('answers with a session whose token opens the API', async () => {
    const user = await app.newUser('operator');
    const { status, body } = await login({ email: user.email.toUpperCase(), password: TEST_PASSWORD });
    expect(status).toBe(200);
    expect(body.data).toMatchObject({ tokenType: 'Bearer', expiresIn: 900 });
    expect(body.data.user).toEqual({
      id: user.userId,
      email: user.email,
      name: user.email,
      role: 'operator',
      tenant_id: app.tenantId,
      platform_operator: false,
    });
    const me = await app.call('GET', '/api/v1/auth/me', { as: body.data.accessToken });
    expect(me.body.data).toMatchObject({ type: 'user', role: 'operator', tenant_id: app.tenantId });
  });

  it('does not tell a wrong password from an unknown or disabled user', async () => {
    const [known, disabled] = [await app.newUser('viewer'), await app.newUser('viewer')];
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.users SET status = 'disabled' WHERE id = $1`, [disabled.userId]),
    );
    const answers = [
      await login({ email: known.email, password: 'wrong' }),
      await login({ email: 'nobody@example.com', password: TEST_PASSWORD }),
      await login({ email: disabled.email, password: TEST_PASSWORD }),
    ];
    const seen = answers.map(({ status, body }) => [status, body.code, body.error]);
    expect(new Set(seen.map(String)).size).toBe(1);
    expect(seen[0]).toEqual([401, 'AUTH_ERROR', 'The e-mail or the password is wrong.']);
  });

  it('lists the tenants of an e-mail only after the right password', async () => {
    const email = 'twice@example.com';
    const other = await app.newTenant('Other');
    await app.newUser('viewer', { email });
    await app.newUser('viewer', { email, tenantId: other });
    expect((await login({ email, password: 'wrong' })).status).toBe(401);
    const both = await login({ email, password: TEST_PASSWORD });
    expect([both.status, both.body.code]).toEqual([409, 'CONFLICT']);
    expect(both.body.details.tenants.map((one: { id: string }) => one.id).sort()).toEqual([app.tenantId, other].sort());
    const chosen = await login({ email, password: TEST_PASSWORD, tenant_id: other });
    expect(chosen.body.data.user.tenant_id).toBe(other);
  });

  it('slows guessing down to five a minute for one address and account', async () => {
    const { email } = await app.newUser('viewer');
    const address = randomAddress();
    const statuses = [];
    for (let i = 0; i < 6; i++) statuses.push((await login({ email, password: `wrong ${i}` }, address)).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
    const refused = await login({ email, password: TEST_PASSWORD }, address);
    expect(refused.body.code).toBe('RATE_LIMIT');
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('x-ratelimit-limit')).toBe('5');
    expect((await login({ email, password: TEST_PASSWORD })).status).toBe(200); // a stranger cannot lock the account
  });

  it('records logins and refused logins', async () => {
    const { email } = await app.newUser('viewer');
    await login({ email, password: 'wrong' });
    await login({ email, password: TEST_PASSWORD });
    const admin = await app.login('admin');
    const { body } = await app.call('GET', `/api/audit?event_type=auth&actor=${email}`, { as: admin });
    const types = body.data.map((event: { event_type: string }) => event.event_type);
    expect(types.sort()).toEqual(['auth.login', 'auth.login_refused']);
  });

  describe('refreshing', () => {
    const session = async () => {
      const { email } = await app.newUser('viewer');
      return (await login({ email, password: TEST_PASSWORD })).body.data as {
        accessToken: string;
        refreshToken: string;
      };
    };

    it('gives two tabs a token each and ends the family at any later reuse', async () => {
      const first = await session();
      const [a, b] = await Promise.all([refresh(first.refreshToken), refresh(first.refreshToken)]);
      expect([a.status, b.status]).toEqual([200, 200]);
      expect(a.body.data.refreshToken).not.toBe(b.body.data.refreshToken);
      const next = await refresh(a.body.data.refreshToken);
      expect(next.status).toBe(200);
      // its successor was used: no longer the immediate predecessor
      expect((await refresh(first.refreshToken)).status).toBe(401);
      expect((await refresh(next.body.data.refreshToken)).status).toBe(401);
      expect((await refresh(b.body.data.refreshToken)).status).toBe(401);
      expect((await app.call('GET', '/api/auth/me', { as: next.body.data.accessToken })).status).toBe(401);
    });

    it('ends the family when a token comes again after ten seconds', async () => {
      const first = await session();
      const second = await refresh(first.refreshToken);
      await app.db.system((tx) =>
        tx.rows(
          `UPDATE flotilla.refresh_tokens SET used_at = used_at - interval '11 seconds' WHERE used_at IS NOT NULL`,
        ),
      );
      expect((await refresh(first.refreshToken)).status).toBe(401);
      expect((await refresh(second.body.data.refreshToken)).status).toBe(401);
      const admin = await app.login('admin');
      const { body } = await app.call('GET', '/api/audit?event_type=auth.refresh_token_reused', { as: admin });
      expect(body.count).toBeGreaterThan(0);
    });

    it('refuses an access token, a stranger and a tampered token as refresh token', async () => {
      const { accessToken, refreshToken } = await session();
      for (const text of [accessToken, 'flr_x', `${refreshToken.slice(0, -2)}AA`]) {
        expect((await refresh(text)).status).toBe(401);
      }
    });

    it('ends everything of the session at logout', async () => {
      const { accessToken, refreshToken } = await session();
      expect((await app.call('POST', '/api/auth/logout', { as: accessToken })).status).toBe(200);
      expect((await app.call('GET', '/api/auth/me', { as: accessToken })).status).toBe(401);
      expect((await refresh(refreshToken)).status).toBe(401);
    });
  });

  it('changes a password: the other sessions end, this one stays', async () => {
    const user = await app.newUser('viewer');
    const [mine, other] = [await login(user), await login({ email: user.email, password: user.password })].map(
      (answer) => answer.body.data?.accessToken as string | undefined,
    );
    expect(mine).toBeUndefined(); // an unknown field is refused
    const own = (await login({ email: user.email, password: user.password })).body.data.accessToken as string;
    const change = (current_password: string, new_password: string) =>
      app.call('POST', '/api/auth/password', { as: own, body: { current_password, new_password } });
    expect((await change('wrong', 'another fine password')).body.details.field).toBe('current_password');
    expect((await change(user.password, 'password123')).body.details.field).toBe('new_password');
    expect((await change(user.password, 'another fine password')).status).toBe(200);
    expect((await app.call('GET', '/api/auth/me', { as: own })).status).toBe(200);
    expect((await app.call('GET', '/api/auth/me', { as: other! })).status).toBe(401);
    expect((await login({ email: user.email, password: user.password })).status).toBe(401);
    expect((await login({ email: user.email, password: 'another fine password' })).status).toBe(200);
  });

  it('lists tenants for the picker, without those that opted out', async () => {
    const hidden = await app.newTenant('Hidden');
    await app.db.system((tx) => tx.rows('UPDATE flotilla.tenants SET listed = false WHERE tenant_id = $1', [hidden]));
    const { body } = await app.call('GET', '/api/auth/tenants');
    expect(body.data.map((one: { id: string }) => one.id)).toContain(app.tenantId);
    expect(body.data.map((one: { id: string }) => one.id)).not.toContain(hidden);
    expect(Object.keys(body.data[0]).sort()).toEqual(['id', 'name']);
  });
});
