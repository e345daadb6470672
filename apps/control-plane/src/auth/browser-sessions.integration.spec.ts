import { TEST_PASSWORD, randomAddress, startTestApp } from '../../../../test/support/app.js';
import type { Answer, TestApp } from '../../../../test/support/app.js';

describe('the session of a browser', () => {
  let app: TestApp;
  beforeAll(async () => (app = await startTestApp()));
  afterAll(() => app?.close());

  const PATH = '/api/auth/browser-session';
  const send = (method: string, path: string, headers: Record<string, string>, body?: object) =>
    app.call(method, path, {
      ...(body && { body }),
      headers: { 'x-flotilla-console': '1', 'x-forwarded-for': randomAddress(), ...headers },
    });
  const login = async (headers: Record<string, string> = {}) => {
    const { email } = await app.newUser('viewer');
    return send('POST', PATH, headers, { email, password: TEST_PASSWORD });
  };
  const cookieOf = (answer: Answer) => answer.headers.get('set-cookie') ?? '';
  const valueOf = (answer: Answer) => cookieOf(answer).split(';')[0]!;

  it('keeps the refresh token where no script can read it', async () => {
    const answer = await login();
    expect(answer.status).toBe(200);
    expect(Object.keys(answer.body.data).sort()).toEqual(['accessToken', 'expiresIn', 'tokenType', 'user']);
    expect(cookieOf(answer)).toMatch(
      /^flotilla_session=flr_[\w-]+; Max-Age=1209600; Path=\/api\/auth\/browser-session; Expires=[^;]+; HttpOnly; SameSite=Strict$/,
    );
    expect(JSON.stringify(answer.body)).not.toContain('flr_');
  });

  it('is Secure behind TLS', async () => {
    expect(cookieOf(await login({ 'x-forwarded-proto': 'https' }))).toMatch(/; Secure; SameSite=Strict$/);
  });

  it('goes on after the page was loaded anew, with a new cookie each time', async () => {
    const first = await login();
    const second = await send('POST', `${PATH}/refresh`, { cookie: `theme=dark; ${valueOf(first)}` });
    expect(second.status).toBe(200);
    expect(valueOf(second)).not.toBe(valueOf(first));
    const me = await app.call('GET', '/api/auth/me', { as: second.body.data.accessToken });
    expect(me.body.data.role).toBe('viewer');
  });

  it('ends with the cookie taken away', async () => {
    const begun = await login();
    const ended = await app.call('DELETE', PATH, {
      as: begun.body.data.accessToken,
      headers: { 'x-flotilla-console': '1' },
    });
    expect([ended.status, cookieOf(ended)]).toEqual([200, expect.stringMatching(/^flotilla_session=; Path=/)]);
    const late = await send('POST', `${PATH}/refresh`, { cookie: valueOf(begun) });
    expect([late.status, late.body.code, cookieOf(late)]).toEqual([
      401,
      'AUTH_ERROR',
      expect.stringMatching(/^flotilla_session=; Path=.*1970/),
    ]);
  });

  it('is refused to pages of other sites, which cannot send the header', async () => {
    const begun = await login();
    const { email } = await app.newUser('viewer');
    const forged = [
      await app.call('POST', `${PATH}/refresh`, { headers: { cookie: valueOf(begun) } }),
      await app.call('POST', PATH, { body: { email, password: TEST_PASSWORD } }),
      await app.call('DELETE', PATH, { as: begun.body.data.accessToken }),
    ];
    expect(forged.map(({ status, headers }) => [status, headers.get('set-cookie')])).toEqual([
      [403, null],
      [403, null],
      [403, null],
    ]);
    // and the session that was tried still stands
    expect((await send('POST', `${PATH}/refresh`, { cookie: valueOf(begun) })).status).toBe(200);
  });

  it('says that there is none', async () => {
    const none = await send('POST', `${PATH}/refresh`, {});
    expect([none.status, none.body.error]).toEqual([401, 'This browser has no session. Log in.']);
  });
});
