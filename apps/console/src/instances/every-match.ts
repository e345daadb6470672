import { api } from '../data/api';
import { ApiError } from '../data/session';
import type { FleetAnswer } from '../fleet-map/gpus';
import type { Instance } from './columns';
import type { InstanceQuery } from './instances-filters';

/** What an action needs to know of an instance. */
export type Chosen = Pick<Instance, 'id' | 'name' | 'instance_id' | 'state' | 'simulated'>;

/** More are not chosen at once: the API takes a hundred in a request, and ten such requests a minute. */
export const MOST_CHOSEN = 1_000;
const PAGE = 200;

/** All that a filter lets through, whatever page is shown; the first MOST_CHOSEN of them. */
export async function everyMatch(query: InstanceQuery): Promise<Chosen[]> {
  const { page: _, limit: __, ...filter } = query;
  const found: Chosen[] = [];
  for (let cursor: string | undefined; ;) {
    const { data, error } = await api.GET('/api/instances', {
      params: { query: { ...filter, limit: PAGE, ...(cursor && { cursor }) } },
    });
    if (!data) throw ApiError.of(error);
    for (const { id, name, instance_id, state, simulated } of data.data) {
      found.push({ id, name, instance_id, state, simulated });
    }
    const next = data.pagination.next_cursor;
    if (!next || found.length >= MOST_CHOSEN) return found.slice(0, MOST_CHOSEN);
    cursor = next;
  }
}

/** Those behind a number on top of the fleet: the map has them already. */
export function matchesOf(fleet: FleetAnswer, ids: readonly number[]): Chosen[] {
  const known = new Map(fleet.instances.map((one) => [one.id, one]));
  return ids.slice(0, MOST_CHOSEN).flatMap((id) => known.get(id) ?? []);
}
