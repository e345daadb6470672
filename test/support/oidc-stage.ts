import { startTestApp } from './app.js';
import type { Answer, TestApp } from './app.js';
import { FakeIssuer } from './fake-issuer.js';

export const AUDIENCE = 'https://flotilla.example.com';

/** An application that may call loopback; for each test a fresh tenant, its owner and an issuer: nothing is cached. */
export class OidcStage {
  app!: TestApp;
  issuer!: FakeIssuer;
  tenantId!: string;
  /** Access token of the tenant's owner. */
  owner!: string;

  /** Call inside `describe`. */
  static set(): OidcStage {
    const stage = new OidcStage();
    beforeAll(async () => {
      stage.app = await startTestApp({ config: { outboundAllow: ['127.0.0.0/8'] } });
    });
    afterAll(() => stage.app?.close());
    beforeEach(async () => {
      stage.issuer = await FakeIssuer.start();
      stage.tenantId = await stage.app.newTenant();
      stage.owner = await stage.app.login('owner', stage.tenantId);
    });
    afterEach(() => stage.issuer.close());
    return stage;
  }

  /** Lets a tenant accept the issuer; `oidc` overrides the usual configuration, null ends it. */
  configure(oidc: object | null, as: string = this.owner): Promise<Answer> {
    const { url, jwksUrl } = this.issuer;
    return this.app.call('PATCH', '/api/tenant', {
      as,
      body: { oidc: oidc && { issuer: url, jwks_url: jwksUrl, audience: AUDIENCE, ...oidc } },
    });
  }

  me(as: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.app.call('GET', '/api/auth/me', { as, headers });
  }

  async events(type: string): Promise<{ actor: { label: string }; details: Record<string, unknown> }[]> {
    return (await this.app.call('GET', `/api/audit?event_type=${type}`, { as: this.owner })).body.data;
  }
}

/** Claims that bring a person in. */
export function verified(sub: string, email: string, more: object = {}): Record<string, unknown> {
  return { sub, email, email_verified: true, aud: AUDIENCE, ...more };
}
