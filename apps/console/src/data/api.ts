import { createClient } from '@flotilla/api-client';
import type { components } from '@flotilla/api-client';
import { QueryClient, useMutation, useQuery } from '@tanstack/react-query';
import type { UseQueryOptions } from '@tanstack/react-query';
import { whenOther } from './former';
import { ApiError, sessions } from './session';

export type Schemas = components['schemas'];

/** A token that was refused is exchanged once; the second refusal is the session's end, which shows the login. */
async function withSession(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(request);
  if (response.status !== 401) return response;
  const token = await sessions.renew();
  if (token === undefined) return response;
  again.headers.set('Authorization', `Bearer ${token}`);
  return fetch(again);
}

/** The only door to the control plane. */
export const api = createClient({
  baseUrl: window.location.origin,
  credential: () => sessions.accessToken(),
  fetch: withSession,
});

type Answer<T> = Promise<{ readonly data?: T; readonly error?: unknown }>;

/** A refusal becomes an exception, which is what the hooks know. */
async function taken<T>(answer: Answer<T>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) throw ApiError.of(error);
  return data;
}

/**
 * What a GET answers, kept and shared by key.
 *
 * @param key the path first: what an event makes old is found by it
 * @example useLoad(['/api/instances', params], () => api.GET('/api/instances', { params }))
 */
export function useLoad<T>(
  key: readonly [path: string, ...rest: unknown[]],
  load: () => Answer<T>,
  options: Omit<UseQueryOptions<T>, 'queryKey' | 'queryFn'> = {},
) {
  return useQuery<T>({ ...options, queryKey: key, queryFn: () => taken(load()) });
}

/** A change, and which answers (by the begin of their path) it makes old. */
export function useSend<T, Given = void>(send: (given: Given) => Answer<T>, makesOld: readonly string[]) {
  return useMutation<T, unknown, Given>({
    mutationFn: (given) => taken(send(given)),
    onSuccess: () => makeOld(makesOld),
  });
}

export function makeOld(paths: readonly string[]): Promise<void> {
  return queryClient.invalidateQueries({
    predicate: ({ queryKey }) => paths.some((path) => String(queryKey[0]).startsWith(path)),
  });
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // what the API refuses it will refuse again; what did not arrive may arrive
      retry: (count, error) => !(error instanceof ApiError) && count < 3,
      refetchOnWindowFocus: true,
    },
  },
});

whenOther(() => queryClient.clear());

/** One sentence for a person, whatever went wrong. */
export function sentenceOf(error: unknown): string {
  if (error instanceof TypeError) return 'The control plane does not answer. Is it running, and is the network up?';
  return error instanceof Error ? error.message : 'Something failed that left no reason.';
}
