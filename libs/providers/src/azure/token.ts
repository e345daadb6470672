import { Caller, objectOf, ProviderError, textOf } from '../ask/index.js';
import type { CallerOptions, Dialect } from '../ask/index.js';

/** A service principal: an app registration with a client secret. */
export interface AzurePrincipal {
  readonly tenantId: string;
  readonly clientId: string;
  /** Called for each new token, so that a secret that was replaced in its file is taken. */
  readonly clientSecret: () => string;
  /** Left out: login.microsoftonline.com. */
  readonly loginUrl?: string;
}

const DIALECT: Dialect = {
  name: 'Microsoft Entra',
  keyAdvice:
    'Check tenant_id, client_id and the client secret (Entra admin center, App registrations, Certificates & secrets); secrets end after two years at most',
  errorOf(body) {
    const { error, error_description: description } = objectOf(body);
    // the rest of it is trace ids and a timestamp
    return { code: textOf(error), message: textOf(description)?.split(/\r?\n| Trace ID/)[0] };
  },
  refused: new Set(['invalid_client', 'unauthorized_client', 'invalid_request']),
};
const SCOPE = 'https://management.azure.com/.default';
/** A token is not used in the last minutes of its life. */
const MARGIN_MS = 5 * 60_000;

/** Tokens of the Azure management API, kept until shortly before they end. */
export class AzureTokens {
  private kept: { token: string; untilMs: number } | null = null;

  constructor(private readonly principal: AzurePrincipal) {}

  /** @throws ProviderError */
  async get(call: CallerOptions): Promise<string> {
    const caller = new Caller(DIALECT, call);
    if (this.kept && caller.nowMs() < this.kept.untilMs) return this.kept.token;
    const { tenantId, clientId, clientSecret, loginUrl = 'https://login.microsoftonline.com' } = this.principal;
    const url = new URL(`${loginUrl.replace(/\/+$/, '')}/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`);
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: clientId,
      client_secret: clientSecret(),
      scope: SCOPE,
    }).toString();
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const { token, seconds } = await caller.json(
      () => ({ method: 'POST', url, headers, body }),
      (answer) => {
        const { access_token: given, expires_in: life } = objectOf(answer);
        const accessToken = textOf(given);
        if (accessToken === undefined) throw new ProviderError('bad_answer', 'Microsoft Entra gave no token');
        return { token: accessToken, seconds: Number(life) || 0 };
      },
    );
    this.kept = { token, untilMs: caller.nowMs() + seconds * 1000 - MARGIN_MS };
    return token;
  }

  /** The next question gets a new one: this one was refused. */
  forget(): void {
    this.kept = null;
  }
}
