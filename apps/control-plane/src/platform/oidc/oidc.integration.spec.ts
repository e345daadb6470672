import { createHmac } from 'node:crypto';
import { encode, FakeIssuer } from '../../../../../test/support/fake-issuer.js';
import { AUDIENCE, OidcStage, verified } from '../../../../../test/support/oidc-stage.js';

describe('tokens of an outside issuer', () => {
  const stage = OidcStage.set();

  it('are accepted from the moment the owner configures the issuer, and not before or after', async () => {
    const user = await stage.app.newUser('operator', { tenantId: stage.tenantId });
    const token = stage.issuer.token(verified('u1', user.email.toUpperCase()));
    expect((await stage.me(token)).status).toBe(401);
    const saved = await stage.configure({});
    expect([saved.status, saved.body.data.oidc]).toEqual([
      200,
      {
        issuer: stage.issuer.url,
        jwks_url: stage.issuer.jwksUrl,
        audience: AUDIENCE,
        default_role: 'viewer',
        create_users: false,
        email_claim: 'email',
        name_claim: 'name',
        trust_email: false,
      },
    ]);
    const answer = await stage.me(token);
    expect(answer.body.data).toEqual({
      type: 'user',
      id: String(user.userId),
      name: user.email,
      tenant_id: stage.tenantId,
      role: 'operator',
      scopes: [],
      platform_operator: false,
      tenant: expect.objectContaining({ currency: 'USD', timezone: 'UTC' }),
    });
    expect((await stage.events('tenant.updated'))[0]!.details).toMatchObject({ before: { oidc: null } });
    expect((await stage.configure(null)).body.data.oidc).toBeNull();
    expect((await stage.me(token)).status).toBe(401);
  });

  it('are verified with RS256, ES256 and EdDSA, as the key says', async () => {
    await stage.configure({ create_users: true });
    for (const algorithm of ['RS256', 'ES256', 'EdDSA'] as const) {
      const kid = stage.issuer.newKey(algorithm);
      await stage.app.newUser('viewer', { tenantId: stage.tenantId, email: `${algorithm}@example.com`.toLowerCase() });
      // new kids: only the first is asked for at once (30 s between questions), so each key gets its own address
      await stage.configure({ create_users: true, jwks_url: `${stage.issuer.url}/${algorithm}` });
      const answer = await stage.me(stage.issuer.token(verified(algorithm, `${algorithm}@example.com`), { kid }));
      expect([algorithm, answer.status]).toEqual([algorithm, 200]);
    }
  });

  it('are refused when anything about them is wrong', async () => {
    await stage.app.newUser('viewer', { tenantId: stage.tenantId, email: 'ada@example.com' });
    await stage.configure({});
    const good = verified('ada', 'ada@example.com');
    expect((await stage.me(stage.issuer.token(good))).status).toBe(200);
    const now = Math.floor(Date.now() / 1000);
    const [head, body, signature] = stage.issuer.token(good).split('.') as [string, string, string];
    const none = `${encode({ alg: 'none', typ: 'JWT' })}.${body}.`;
    const hmac = (header: object) => {
      const signed = `${encode(header)}.${body}`;
      return `${signed}.${createHmac('sha256', stage.issuer.publicPem()).update(signed).digest('base64url')}`;
    };
    const kid = JSON.parse(Buffer.from(head, 'base64url').toString()).kid as string;
    const stranger = await FakeIssuer.start();
    const foreign = stranger.token({ ...good, iss: stage.issuer.url });
    const cases: [string, string][] = [
      ['no algorithm', none],
      ['no algorithm, with a signature', `${encode({ alg: 'none', kid })}.${body}.${signature}`],
      ['HMAC with the public key', hmac({ alg: 'HS256', typ: 'JWT', kid })],
      ['HMAC said to be RS256', hmac({ alg: 'RS256', typ: 'JWT', kid })],
      ['another algorithm of the same key', `${encode({ alg: 'PS256', kid })}.${body}.${signature}`],
      ['an algorithm of another key', `${encode({ alg: 'ES256', kid })}.${body}.${signature}`],
      ['a key in the header', stage.issuer.token(good, { header: { kid: 'x', jwk: { kty: 'oct', k: 'AAAA' } } })],
      ['keys by an address in the header', stage.issuer.token(good, { header: { kid: 'x', jku: stranger.jwksUrl } })],
      ['a path as kid', stage.issuer.token(good, { header: { kid: '../../../dev/null' } })],
      ['an extension we do not know', stage.issuer.token(good, { header: { crit: ['b64'], b64: false } })],
      ['another type', stage.issuer.token(good, { header: { typ: 'logout+jwt' } })],
      ["another issuer's key", foreign],
      [
        'a changed body',
        `${head}.${encode({ ...good, iss: stage.issuer.url, exp: now + 999, sub: 'eve' })}.${signature}`,
      ],
      ['no signature', `${head}.${body}.`],
      ['another audience', stage.issuer.token({ ...good, aud: 'https://other.example.com' })],
      ['no audience', stage.issuer.token({ ...good, aud: undefined })],
      ['another audience, ours as azp', stage.issuer.token({ ...good, aud: ['other'], azp: AUDIENCE })],
      ['an issuer with a slash more', stage.issuer.token({ ...good, iss: `${stage.issuer.url}/` })],
      ['an unknown issuer', stage.issuer.token({ ...good, iss: 'https://issuer.example' })],
      ['over', stage.issuer.token({ ...good, exp: now - 31 })],
      ['without an end', stage.issuer.token({ ...good, exp: undefined })],
      ['not valid yet', stage.issuer.token({ ...good, nbf: now + 60 })],
      ['no subject', stage.issuer.token({ ...good, sub: undefined })],
    ];
    const statuses = [];
    for (const [what, token] of cases) {
      const answer = await stage.app.call('GET', '/api/auth/me', {
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-for': `10.9.8.${statuses.length}` },
      });
      statuses.push([what, answer.status, answer.body.code]);
    }
    expect(statuses).toEqual(cases.map(([what]) => [what, 401, 'AUTH_ERROR']));
    expect(stranger.asked).toBe(0);
    await stranger.close();
  });

  it('name their audience in aud, in one of several, or in azp without aud', async () => {
    await stage.app.newUser('viewer', { tenantId: stage.tenantId, email: 'ada@example.com' });
    await stage.configure({});
    for (const more of [{ aud: ['other', AUDIENCE] }, { aud: undefined, azp: AUDIENCE }]) {
      expect((await stage.me(stage.issuer.token({ ...verified('ada', 'ada@example.com'), ...more }))).status).toBe(200);
    }
  });

  it('bring nobody in by an address that the issuer does not vouch for', async () => {
    await stage.app.newUser('admin', { tenantId: stage.tenantId, email: 'ada@example.com' });
    await stage.configure({ create_users: true });
    for (const [sub, claims] of Object.entries({
      missing: { email_verified: undefined },
      denied: { email_verified: false },
      text: { email_verified: 'false' },
      none: { email: undefined },
      object: { email: { $ne: '' } },
    })) {
      const answer = await stage.me(stage.issuer.token({ ...verified(sub, 'ada@example.com'), ...claims }));
      expect([sub, answer.status, answer.body.error]).toEqual([sub, 401, expect.stringContaining('verified e-mail')]);
    }
    expect(await stage.events('auth.login_refused')).toHaveLength(5);
    await stage.configure({ trust_email: true, email_claim: 'mail' });
    const custom = { mail: 'ada@example.com', email: undefined, email_verified: undefined };
    expect((await stage.me(stage.issuer.token({ ...verified('trusted', ''), ...custom }))).status).toBe(200);
    expect(
      (await stage.me(stage.issuer.token({ ...verified('x', ''), ...custom, email_verified: false }))).status,
    ).toBe(401);
  });

  it('make users with the default role at first sight only where the tenant lets them', async () => {
    const token = stage.issuer.token(verified('new', 'New@Example.com', { name: 'New\nPerson' }));
    await stage.configure({ default_role: 'operator' });
    const refused = await stage.me(token);
    expect([refused.status, refused.body.error]).toEqual([401, expect.stringContaining('invite')]);
    await stage.configure({ default_role: 'operator', create_users: true });
    const answers = await Promise.all(Array.from({ length: 10 }, () => stage.me(token)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    const users = await stage.app.call('GET', '/api/users?search=new@example.com', { as: stage.owner });
    expect(users.body.data).toEqual([
      expect.objectContaining({ email: 'new@example.com', name: 'New Person', role: 'operator', status: 'active' }),
    ]);
    expect(await stage.events('user.created')).toEqual([
      expect.objectContaining({
        actor: expect.objectContaining({ label: 'new@example.com' }),
        details: { issuer: stage.issuer.url, subject: 'new', email: 'new@example.com', role: 'operator' },
      }),
    ]);
    expect(await stage.events('auth.identity_linked')).toHaveLength(1);
    expect((await stage.configure({ default_role: 'owner' })).status).toBe(400);
  });

  it('stay with their user when the e-mail changes, and activate who was invited', async () => {
    const invited = await stage.app.call('POST', '/api/users', {
      as: stage.owner,
      body: { email: 'guest@example.com', role: 'viewer' },
    });
    await stage.configure({});
    const first = await stage.me(stage.issuer.token(verified('guest', 'guest@example.com')));
    expect([first.status, first.body.data.id]).toEqual([200, String(invited.body.data.user.id)]);
    const later = await stage.me(stage.issuer.token(verified('guest', 'married@example.com')));
    expect(later.body.data.id).toBe(first.body.data.id);
    const user = await stage.app.call('GET', `/api/users/${first.body.data.id}`, { as: stage.owner });
    expect(user.body.data.status).toBe('active');
  });

  it('end with the user: disabled at once, and recorded', async () => {
    const user = await stage.app.newUser('viewer', { tenantId: stage.tenantId });
    await stage.configure({ create_users: true });
    const token = stage.issuer.token(verified('gone', user.email));
    expect((await stage.me(token)).status).toBe(200);
    await stage.app.call('PATCH', `/api/users/${user.userId}`, { as: stage.owner, body: { status: 'disabled' } });
    const refused = await stage.me(token);
    expect([refused.status, refused.body.error]).toEqual([401, expect.stringContaining('disabled')]);
    // a new subject with the same address is no way around it
    expect((await stage.me(stage.issuer.token(verified('again', user.email)))).status).toBe(401);
    expect(
      (await stage.events('auth.login_refused'))
        .map(({ details }) => String(details['subject']))
        .sort((a, b) => a.localeCompare(b)),
    ).toEqual(['again', 'gone']);
  });

  it('carry the role of the user and never the rights of a platform operator', async () => {
    const operator = await stage.app.newUser('owner', { tenantId: stage.tenantId, platformOperator: true });
    await stage.configure({});
    const token = stage.issuer.token(verified('op', operator.email));
    expect((await stage.app.call('GET', '/api/tenant', { as: token })).status).toBe(200);
    const refused = await stage.app.call('GET', '/api/tenants', { as: token });
    expect([refused.status, refused.body.code]).toEqual([403, 'FORBIDDEN']);
    expect((await stage.app.call('POST', '/api/auth/logout', { as: token })).status).toBe(403);
  });

  it('are recorded as a login when the person was away for an hour', async () => {
    const user = await stage.app.newUser('viewer', { tenantId: stage.tenantId });
    await stage.configure({});
    const token = stage.issuer.token(verified('ada', user.email));
    await stage.me(token);
    await stage.app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.user_identities SET seen_at = now() - interval '61 minutes' WHERE tenant_id = $1`, [
        stage.tenantId,
      ]),
    );
    await stage.configure({ default_role: 'operator' }); // forgets what is cached
    await stage.me(token);
    await stage.me(token);
    const logins = (await stage.events('auth.login')).filter(({ details }) => details['issuer'] === stage.issuer.url);
    expect(logins).toEqual([expect.objectContaining({ actor: expect.objectContaining({ label: user.email }) })]);
  });

  it('are configured by owners only, and forget their links with the issuer', async () => {
    const admin = await stage.app.login('admin', stage.tenantId);
    expect((await stage.configure({}, admin)).status).toBe(403);
    await stage.configure({ create_users: true });
    await stage.me(stage.issuer.token(verified('ada', 'ada@example.com')));
    const links = () =>
      stage.app.db.system((tx) =>
        tx.rows('SELECT 1 FROM flotilla.user_identities WHERE tenant_id = $1', [stage.tenantId]),
      );
    expect(await links()).toHaveLength(1);
    await stage.configure({ create_users: true, audience: 'another' });
    expect(await links()).toHaveLength(1);
    await stage.configure({ create_users: true, jwks_url: `${stage.issuer.url}/other.json` });
    expect(await links()).toHaveLength(0);
  });
});
