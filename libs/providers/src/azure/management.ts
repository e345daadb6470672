import { Caller, objectOf, ProviderError, textOf } from '../ask/index.js';
import type { CallerOptions, Dialect, HttpRequest } from '../ask/index.js';
import type { AzureTokens } from './token.js';

export function azureDialect(name: string, keyAdvice: string): Dialect {
  return {
    name,
    keyAdvice,
    errorOf(body) {
      const error = objectOf(objectOf(body)['error']);
      return { code: textOf(error['code']), message: textOf(error['message']) };
    },
  };
}

/**
 * Asks the management API with a token; once more with a new one when this one is refused.
 *
 * @throws ProviderError
 */
export async function askAzure<T>(
  dialect: Dialect,
  tokens: AzureTokens,
  call: CallerOptions,
  request: Omit<HttpRequest, 'headers'>,
  check: (body: unknown) => T,
): Promise<T> {
  const caller = new Caller(dialect, call);
  const ask = async () => {
    const token = await tokens.get(call);
    const headers = {
      authorization: `Bearer ${token}`,
      ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    return caller.json(() => ({ ...request, headers }), check);
  };
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof ProviderError) || error.details.status !== 401) throw error;
    tokens.forget();
    return ask();
  }
}

/**
 * The link to the next page, which has to lead to where the first question went: a token must not travel to where an
 * answer points.
 *
 * @throws ProviderError `bad_answer`
 */
export function sameOrigin(link: string, baseUrl: string, name: string): URL {
  const url = URL.canParse(link) ? new URL(link) : null;
  if (url && url.origin === new URL(baseUrl).origin) return url;
  throw new ProviderError('bad_answer', `${name} leads to a next page at another address`);
}
