import createFetchClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import type { paths } from './api.gen.js';

export type { components, operations, paths } from './api.gen.js';

export interface ClientOptions {
  /** Where the control plane is: `https://flotilla.example.com`. */
  readonly baseUrl: string;
  /** An access token or an API key, or a function that gives the current one before each request. */
  readonly credential?: string | (() => string | undefined | Promise<string | undefined>);
  /** Only tests and unusual networks give one. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

/**
 * The typed door to the API.
 *
 * @example
 * const api = createClient({ baseUrl, credential: key });
 * const { data, error } = await api.GET('/api/users/{id}', { params: { path: { id: 1 } } });
 */
export function createClient({ baseUrl, credential, fetch }: ClientOptions): Client<paths> {
  const client = createFetchClient<paths>({
    baseUrl: baseUrl.replace(/\/$/, ''),
    // lists travel as name=a&name=b: names may hold commas
    querySerializer: { array: { style: 'form', explode: true } },
    ...(fetch && { fetch }),
  });
  client.use({
    async onRequest({ request }) {
      const current = typeof credential === 'function' ? await credential() : credential;
      if (current) request.headers.set('Authorization', `Bearer ${current}`);
      return request;
    },
  });
  return client;
}
