import { generateKeyPairSync } from 'node:crypto';
import jsonwebtoken from 'jsonwebtoken';
import { ROLES } from '@flotilla/contracts';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { SigningKeys } from './auth/signing-keys.js';
import { includesRole } from './index.js';
import type { OpenApiDocument, Operation } from './index.js';

/** Only an API key stands for an agent: a person is let in by the guard and refused by the room. */
const KEYS_ONLY = ['/api/sync'];
/** End the session that asks, never end themselves, or ask for the cookie of a browser instead of a credential. */
const LEFT_OUT = ['/api/auth/logout', '/api/auth/browser-session', '/api/auth/browser-session/refresh'];
const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Caller = (typeof ROLES)[number] | 'platform_operator' | 'agent' | 'mcp' | 'nobody';

const CALLERS: readonly Caller[] = [...ROLES, 'agent', 'mcp', 'platform_operator', 'nobody'];

/** Who may call what: every route of the document against every kind of caller. */
describe('access', () => {
  let app: TestApp;
  let document: OpenApiDocument;
  const credentials = new Map<Caller, string | undefined>();

  beforeAll(async () => {
    app = await startTestApp();
    document = (await app.call('GET', '/api/openapi.json')).body as OpenApiDocument;
    await app.db.system((tx) => tx.rows('UPDATE flotilla.tenants SET rate_limit_per_minute = 1000000'));
    for (const caller of CALLERS) credentials.set(caller, await credential(caller));
  });
  afterAll(() => app?.close());

  const credential = async (caller: Caller, tenantId?: string): Promise<string | undefined> => {
    if (caller === 'nobody') return undefined;
    if (caller === 'platform_operator') return app.login(caller, tenantId);
    return app.apiKey(caller === 'agent' || caller === 'mcp' ? [caller] : caller, tenantId);
  };

  /** Some routes let a tenant in a few times a minute only: another tenant has its own few times. */
  const answerOf = async (method: string, url: string, caller: Caller, body: unknown): Promise<number> => {
    const { status } = await app.call(method, url, { as: credentials.get(caller), body });
    if (status !== 429 || caller === 'nobody') return status;
    const as = await credential(caller, await app.newTenant());
    return (await app.call(method, url, { as, body })).status;
  };

  const operations = (): [string, string, Operation][] =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) =>
        item[method] ? [[method.toUpperCase(), path, item[method]] as [string, string, Operation]] : [],
      ),
    );

  /** What the declaration promises: let in, refused, or not known. */
  const expected = (caller: Caller, path: string, operation: Operation): 'in' | 401 | 403 => {
    const access = operation['x-access'] as string;
    const scopes = (operation['x-scopes'] ?? []) as string[];
    if (access === 'public') return 'in';
    if (caller === 'nobody') return 401;
    if (caller === 'agent' || caller === 'mcp') return scopes.includes(caller) ? 'in' : 403;
    if (access === 'platform_operator') return caller === 'platform_operator' ? 'in' : 403;
    if (KEYS_ONLY.includes(path) && caller === 'platform_operator') return 403;
    const role = caller === 'platform_operator' ? 'owner' : caller;
    return includesRole(role, access === 'authenticated' ? 'viewer' : (access as (typeof ROLES)[number])) ? 'in' : 403;
  };

  it('is declared by every route', () => {
    const undeclared = operations().filter(([, , operation]) => !operation['x-access']);
    expect(undeclared.map(([method, path]) => `${method} ${path}`)).toEqual([]);
    expect(operations().length).toBeGreaterThan(30);
  });

  it('holds for every route and every kind of caller', async () => {
    const wrong: string[] = [];
    for (const [method, path, operation] of operations()) {
      // a body that no schema accepts and ids that do not exist: who is let in gets 400 or 404, and nothing happens
      const url = path.replace(/\{[^}]+\}/g, '999999999');
      const body = method === 'GET' || method === 'DELETE' ? undefined : { no_such_field_anywhere: 1 };
      for (const caller of CALLERS) {
        if (LEFT_OUT.includes(path) || (path === '/api/stream' && caller !== 'nobody')) continue;
        const status = await answerOf(method, url, caller, body);
        const seen = status === 401 || status === 403 ? status : 'in';
        if (seen !== expected(caller, path, operation))
          wrong.push(
            `${method} ${path} as ${caller}: ${status}, ${String(expected(caller, path, operation))} expected`,
          );
        if (status >= 500 && path !== '/readyz') wrong.push(`${method} ${path} as ${caller}: ${status}`);
      }
    }
    expect(wrong).toEqual([]);
  }, 120_000);

  it('names the role that is missing', async () => {
    const { status, body } = await app.call('GET', '/api/users', { as: credentials.get('viewer') });
    expect([status, body.code, body.details]).toEqual([
      403,
      'FORBIDDEN',
      { field: 'role', value: 'viewer', expected: 'admin' },
    ]);
    expect(body.error).toContain('admin');
  });

  it("answers another tenant's id like one that does not exist", async () => {
    const other = await app.newTenant();
    const theirs = await app.newUser('viewer', { tenantId: other });
    const key = await app.apiKey('viewer', other);
    const admin = credentials.get('admin');
    const shape = async (method: string, path: string, body?: object) => {
      const answer = await app.call(method, path, { as: admin, body });
      return [answer.status, answer.body.code, answer.body.error.replace(/id \S+/, 'id X')];
    };
    for (const [method, base, body] of [
      ['GET', '/api/users/ID'],
      ['PATCH', '/api/users/ID', { name: 'x' }],
      ['DELETE', '/api/users/ID'],
      ['POST', '/api/users/ID/reset-password'],
    ] as const) {
      const foreign = await shape(method, base.replace('ID', String(theirs.userId)), body);
      expect(foreign).toEqual(await shape(method, base.replace('ID', '999999999'), body));
      expect(foreign[0]).toBe(404);
    }
    const foreignKey = await shape('DELETE', `/api/api-keys/${key.split('_')[2]}`);
    expect(foreignKey).toEqual(await shape('DELETE', '/api/api-keys/000000000000'));
    expect((await app.call('GET', '/api/auth/me', { as: key })).status).toBe(200);
  });

  describe('credentials', () => {
    const me = (headers: Record<string, string>) => app.call('GET', '/api/auth/me', { headers });

    it('takes a key in either header, and refuses two different credentials', async () => {
      const key = credentials.get('viewer')!;
      expect((await me({ 'x-api-key': key })).status).toBe(200);
      expect((await me({ authorization: `Bearer ${key}` })).status).toBe(200);
      expect((await me({ authorization: `Bearer ${key}`, 'x-api-key': credentials.get('admin')! })).status).toBe(401);
    });

    it('refuses a key with a wrong checksum, secret or form', async () => {
      const key = credentials.get('viewer')!;
      const [, , id, secret] = key.split('_');
      for (const wrong of [
        `${key}x`,
        `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`,
        `flt_live_${id}_`,
        `flt_test_${id}_${secret}`,
        'flt_',
      ]) {
        expect((await me({ 'x-api-key': wrong })).status).toBe(401);
      }
    });

    it('refuses every token that is not ours, whatever its header says', async () => {
      const keys = app.app.get(SigningKeys, { strict: false });
      const { kid, privateKey, publicKey } = await keys.current();
      const token = await app.login('viewer');
      const claims = jsonwebtoken.decode(token) as Record<string, unknown>;
      const sign = (change: object, options: object = {}, header: object = {}) =>
        jsonwebtoken.sign({ ...claims, ...change }, privateKey, {
          algorithm: 'ES256',
          keyid: kid,
          header: { alg: 'ES256', typ: 'at+jwt', ...header },
          ...options,
        } as never);
      expect((await me({ authorization: `Bearer ${sign({})}` })).status).toBe(200); // the method itself works
      const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
      const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
      const past = Math.floor(Date.now() / 1000) - 10;
      const pem = publicKey.export({ type: 'spki', format: 'pem' }) as string;
      const wrong: Record<string, string> = {
        'no signature': `${base64({ alg: 'none', typ: 'at+jwt', kid })}.${base64(claims)}.`,
        'HS256 with the public key': jsonwebtoken.sign(claims, Buffer.from(pem), {
          algorithm: 'HS256',
          keyid: kid,
          header: { alg: 'HS256', typ: 'at+jwt' },
          allowInvalidAsymmetricKeyTypes: true,
        } as never),
        "another's key": jsonwebtoken.sign(claims, stranger, {
          algorithm: 'ES256',
          keyid: kid,
          header: { alg: 'ES256', typ: 'at+jwt' },
        }),
        'an unknown kid': sign({}, { keyid: 'unknown' }),
        'a path as kid': sign({}, { keyid: '../../../../etc/passwd' }),
        'another type': sign({}, {}, { typ: 'JWT' }),
        'another audience': sign({ aud: 'elsewhere' }),
        'another issuer': sign({ iss: 'elsewhere' }),
        expired: sign({ exp: past }),
        'not yet valid': sign({ nbf: past + 3600 }),
        'another user of the session': sign({ sub: '999999999' }),
        'no session': sign({ sid: '6f1c9a1e-52d4-4b7e-9d1c-0a4e5b6c7d8e' }),
        'another tenant': sign({ tid: await app.newTenant() }),
        'a changed payload': token.replace(/\.[^.]+\./, `.${base64({ ...claims, sub: '1' })}.`),
      };
      const let_in = [];
      for (const [name, text] of Object.entries(wrong)) {
        if ((await me({ authorization: `Bearer ${text}` })).status !== 401) let_in.push(name);
      }
      expect(let_in).toEqual([]);
    });

    it('ends at once when a key is revoked, a user disabled, a tenant suspended', async () => {
      const tenant = await app.newTenant();
      const owner = await app.login('owner', tenant);
      const issued = await app.call('POST', '/api/api-keys', { as: owner, body: { name: 'ci', scopes: ['read'] } });
      expect(issued.status).toBe(201);
      const { id, key } = issued.body.data as { id: string; key: string };
      expect((await me({ 'x-api-key': key })).body.data).toMatchObject({ role: 'viewer', scopes: ['read'] });
      await app.call('DELETE', `/api/api-keys/${id}`, { as: owner });
      expect((await me({ 'x-api-key': key })).status).toBe(401);
      const user = await app.newUser('viewer', { tenantId: tenant });
      const { body } = await app.call('POST', '/api/auth/login', {
        body: { email: user.email, password: user.password },
      });
      const theirs = { authorization: `Bearer ${body.data.accessToken as string}` };
      expect((await me(theirs)).status).toBe(200);
      await app.call('PATCH', `/api/users/${user.userId}`, { as: owner, body: { status: 'disabled' } });
      expect((await me(theirs)).status).toBe(401);
      const operator = credentials.get('platform_operator');
      const suspended = await app.call('PATCH', `/api/tenants/${tenant}`, {
        as: operator,
        body: { status: 'suspended' },
      });
      expect(suspended.body.data.status).toBe('suspended');
      expect((await me({ authorization: `Bearer ${owner}` })).status).toBe(401);
    });

    it('rotates a key with an overlap and shows the secret only once', async () => {
      const owner = await app.login('owner');
      const first = (await app.call('POST', '/api/api-keys', { as: owner, body: { name: 'ci', role: 'operator' } }))
        .body.data;
      const rotated = await app.call('POST', `/api/api-keys/${first.id}/rotate`, {
        as: owner,
        body: { overlap_minutes: 5 },
      });
      expect(rotated.body.data).toMatchObject({ rotated_from: first.id, role: 'operator', name: 'ci' });
      for (const key of [first.key, rotated.body.data.key]) expect((await me({ 'x-api-key': key })).status).toBe(200);
      const cut = await app.call('POST', `/api/api-keys/${first.id}/rotate`, {
        as: owner,
        body: { overlap_minutes: 0 },
      });
      expect(cut.status).toBe(201);
      expect((await me({ 'x-api-key': first.key })).status).toBe(401);
      const { body } = await app.call('GET', '/api/api-keys?limit=200', { as: owner });
      expect(JSON.stringify(body)).not.toContain(first.key.split('_')[3]);
    });

    it('does not let anybody hand out more than they have', async () => {
      const admin = await app.login('admin');
      const key = await app.call('POST', '/api/api-keys', { as: admin, body: { name: 'x', role: 'owner' } });
      const user = await app.call('POST', '/api/users', {
        as: admin,
        body: { email: 'boss@example.com', role: 'owner' },
      });
      expect([key.status, user.status]).toEqual([403, 403]);
      const owner = await app.newUser('owner');
      expect(
        (await app.call('PATCH', `/api/users/${owner.userId}`, { as: admin, body: { role: 'viewer' } })).status,
      ).toBe(403);
    });

    it('believes tokens of the key before while new ones are signed by the next', async () => {
      const before = await app.login('viewer');
      const keys = app.app.get(SigningKeys, { strict: false });
      const old = await keys.current();
      await app.db.system(async (tx) => {
        const row = await tx.row(
          'DELETE FROM flotilla.signing_keys RETURNING kid, public_key, private_key_sealed, ends_at',
        );
        await tx.rows(
          `INSERT INTO flotilla.signing_keys (kid, public_key, private_key_sealed, ends_at, created_at) VALUES ($1, $2, $3, $4, now() - interval '31 days')`,
          Object.values(row!),
        );
      });
      await keys.rotate();
      expect((await keys.current()).kid).not.toBe(old.kid);
      const after = await app.login('viewer');
      for (const token of [before, after]) expect((await me({ authorization: `Bearer ${token}` })).status).toBe(200);
    });
  });
});
