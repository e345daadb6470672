import { startTestApp } from '../../../test/support/app.js';
import type { TestApp } from '../../../test/support/app.js';
import { createClient } from './index.js';

describe('the generated client', () => {
  let app: TestApp;
  beforeAll(async () => (app = await startTestApp()));
  afterAll(() => app?.close());

  it('logs in, reads with the token that it got, and sees errors by their type', async () => {
    const user = await app.newUser('viewer');
    const session: { token?: string } = {};
    const api = createClient({ baseUrl: `${app.url}/`, credential: () => session.token });

    const stranger = await api.GET('/api/instances');
    expect([stranger.response.status, stranger.error?.code]).toEqual([401, 'AUTH_ERROR']);

    const login = await api.POST('/api/auth/login', { body: { email: user.email, password: user.password } });
    expect(login.data?.data.user).toMatchObject({ id: user.userId, role: 'viewer' });
    session.token = login.data!.data.accessToken;

    await app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, state)
         SELECT $1, 'aws', 'i-' || n, CASE WHEN n = 1 THEN 'stopped' ELSE 'running' END FROM generate_series(1, 3) n`,
        [app.tenantId],
      ),
    );
    const running = await api.GET('/api/instances', { params: { query: { state: ['running'], limit: 1 } } });
    expect(running.data).toMatchObject({ count: 1, pagination: { total: 2, limit: 1, has_more: true } });
    const both = await api.GET('/api/instances', { params: { query: { state: ['running', 'stopped'] } } });
    expect(both.data?.pagination.total).toBe(3);
    const id = running.data!.data[0]!.id;
    const one = await api.GET('/api/instances/{instanceId}', { params: { path: { instanceId: String(id) } } });
    expect([one.data?.data.id, one.data?.data.state]).toEqual([id, 'running']);

    const missing = await api.GET('/api/instances/{instanceId}', { params: { path: { instanceId: '999999999' } } });
    expect(missing.data).toBeUndefined();
    expect([missing.response.status, missing.error?.code]).toEqual([404, 'NOT_FOUND']);
    const forbidden = await api.GET('/api/users');
    expect(forbidden.error).toMatchObject({ code: 'FORBIDDEN', details: { expected: 'admin' } });
    const wrong = await api.POST('/api/auth/login', { body: { email: 'no address', password: 'x' } });
    expect([wrong.response.status, wrong.error?.details?.['field']]).toEqual([400, 'email']);
  });

  it('takes an API key as credential', async () => {
    const api = createClient({ baseUrl: app.url, credential: await app.apiKey('admin') });
    expect((await api.GET('/api/auth/me')).data?.data).toMatchObject({ type: 'api_key', role: 'admin' });
  });
});
