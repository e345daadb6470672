import { startTestApp } from '../../../../../test/support/app.js';
import { FakeIssuer } from '../../../../../test/support/fake-issuer.js';
import { AUDIENCE, OidcStage, verified } from '../../../../../test/support/oidc-stage.js';

describe('outside issuers', () => {
  const stage = OidcStage.set();

  describe('under two tenants', () => {
    it('go to the tenant of their audience', async () => {
      const other = await stage.app.newTenant();
      const otherOwner = await stage.app.login('owner', other);
      await stage.configure({ create_users: true });
      await stage.configure({ create_users: true, audience: 'second' }, otherOwner);
      const claims = verified('both', 'both@example.com');
      expect((await stage.me(stage.issuer.token(claims))).body.data.tenant_id).toBe(stage.tenantId);
      expect((await stage.me(stage.issuer.token({ ...claims, aud: 'second' }))).body.data.tenant_id).toBe(other);
    });

    it('are refused clearly when both accept them, unless X-Tenant-Id names one', async () => {
      const other = await stage.app.newTenant();
      const otherOwner = await stage.app.login('owner', other);
      await stage.configure({ create_users: true });
      await stage.configure({ create_users: true }, otherOwner);
      const token = stage.issuer.token(verified('both', 'both@example.com'));
      const refused = await stage.me(token);
      expect([refused.status, refused.body.error]).toEqual([401, expect.stringContaining('X-Tenant-Id')]);
      expect((await stage.me(token, { 'x-tenant-id': other })).body.data.tenant_id).toBe(other);
      expect((await stage.me(token, { 'x-tenant-id': stage.app.tenantId })).status).toBe(401);
    });

    it('cannot be disturbed by a tenant that claims the issuer with keys of its own', async () => {
      const thief = await FakeIssuer.start();
      const other = await stage.app.newTenant();
      const otherOwner = await stage.app.login('owner', other);
      await stage.configure({ create_users: true });
      await stage.configure({ create_users: true, jwks_url: thief.jwksUrl }, otherOwner);
      const claims = verified('both', 'both@example.com', { iss: stage.issuer.url });
      expect((await stage.me(stage.issuer.token(claims))).body.data.tenant_id).toBe(stage.tenantId);
      expect((await stage.me(thief.token(claims))).body.data.tenant_id).toBe(other);
      await thief.close();
    });
  });

  describe('keys', () => {
    const email = 'ada@example.com';

    it('are asked for again at once for a new kid, and then not for made-up ones', async () => {
      await stage.app.newUser('viewer', { tenantId: stage.tenantId, email });
      await stage.configure({});
      expect(stage.issuer.asked).toBe(1);
      await stage.me(stage.issuer.token(verified('ada', email)));
      expect(stage.issuer.asked).toBe(1);
      const withdrawn = stage.issuer.token(verified('ada', email));
      stage.issuer.rotate('ES256');
      expect((await stage.me(stage.issuer.token(verified('ada', email)))).status).toBe(200);
      expect(stage.issuer.asked).toBe(2);
      expect((await stage.me(withdrawn)).status).toBe(401);
      for (let i = 0; i < 20; i++)
        await stage.me(stage.issuer.token(verified('ada', email), { header: { kid: `made-up-${i}` } }));
      expect(stage.issuer.asked).toBe(2);
    });

    it('are kept while the issuer is away', async () => {
      await stage.app.newUser('viewer', { tenantId: stage.tenantId, email });
      await stage.configure({});
      stage.issuer.instead = { status: 500, body: 'broken' };
      expect((await stage.me(stage.issuer.token(verified('ada', email)))).status).toBe(200);
      expect((await stage.me(stage.issuer.token(verified('ada', email), { header: { kid: 'new' } }))).status).toBe(401);
    });

    it('that a new replica cannot get answer 503', async () => {
      await stage.app.newUser('viewer', { tenantId: stage.tenantId, email });
      await stage.configure({});
      stage.issuer.instead = { status: 500, body: 'broken' };
      const replica = await startTestApp({ beside: stage.app, config: { outboundAllow: ['127.0.0.0/8'] } });
      try {
        const answer = await replica.call('GET', '/api/auth/me', { as: stage.issuer.token(verified('ada', email)) });
        expect([answer.status, answer.body.code]).toEqual([503, 'SERVICE_UNAVAILABLE']);
        expect(answer.body.error).toContain('answered 500');
        expect(answer.headers.get('retry-after')).toBe('30');
      } finally {
        await replica.close();
      }
    });

    it.each([
      ['a server error', { status: 500, body: '{}' }, 'answered 500'],
      ['no JSON', { status: 200, body: '<html>' }, 'no JWKS'],
      ['no key that signs', { status: 200, body: '{"keys":[{"kty":"oct","k":"AAAA"}]}' }, 'no key for RS256'],
      ['a redirect', { status: 302, body: '', location: 'http://127.0.0.1:1/' }, 'redirect'],
      ['too much', { status: 200, body: ' '.repeat(300_000) }, 'more than'],
    ])('are refused when they are saved: %s', async (_what, instead, words) => {
      stage.issuer.instead = instead;
      const answer = await stage.configure({});
      expect([answer.status, answer.body.details.field]).toEqual([400, 'oidc.jwks_url']);
      expect(answer.body.error).toContain(words);
      expect((await stage.app.call('GET', '/api/tenant', { as: stage.owner })).body.data.oidc).toBeNull();
    });

    it('that are too short are left out', async () => {
      stage.issuer.rotate('ES256');
      stage.issuer.newKey('RS256', 'short', 1024);
      await stage.app.newUser('viewer', { tenantId: stage.tenantId, email });
      await stage.configure({});
      expect((await stage.me(stage.issuer.token(verified('ada', email), { kid: 'short' }))).status).toBe(401);
    });

    it('are never fetched from inside the network', async () => {
      const closed = await startTestApp({ beside: stage.app, config: { outboundAllow: [] } });
      try {
        const answer = await closed.call('PATCH', '/api/tenant', {
          as: stage.owner,
          body: { oidc: { issuer: stage.issuer.url, jwks_url: stage.issuer.jwksUrl, audience: AUDIENCE } },
        });
        expect([answer.status, answer.body.error]).toEqual([400, expect.stringContaining('FLOTILLA_OUTBOUND_ALLOW')]);
        expect(stage.issuer.asked).toBe(0);
      } finally {
        await closed.close();
      }
    });
  });
});
