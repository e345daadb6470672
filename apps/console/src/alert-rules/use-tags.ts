import { api, useLoad } from '../data/api';

/** The tags that instances carry, to choose from. */
export function useTags(): { readonly keys: readonly string[]; readonly valuesOf: (key: string) => readonly string[] } {
  const instances = useLoad(
    ['/api/instances', 'names'],
    () => api.GET('/api/instances', { params: { query: { limit: 200, sort: 'name' } } }),
    { staleTime: 60_000 },
  ).data?.data;
  const found = new Map<string, Set<string>>();
  for (const { tags } of instances ?? []) {
    for (const [key, value] of Object.entries(tags)) {
      found.set(key, (found.get(key) ?? new Set()).add(value));
    }
  }
  return { keys: [...found.keys()].sort(), valuesOf: (key) => [...(found.get(key) ?? [])].sort() };
}
