import type { InstanceQuery } from '@flotilla/contracts';
import type { CopyValue, TenantRef } from '@flotilla/persistence';

/** Which instances: the query of the list without its pages. */
export type InstanceFilters = Omit<InstanceQuery, 'page' | 'limit' | 'cursor' | 'sort'>;

/** The values of FILTER. */
export function filterValues(actor: TenantRef, query: InstanceFilters): CopyValue[] {
  const tags = [query.tag ?? []].flat().map((tag) => [tag.slice(0, tag.indexOf(':')), tag.slice(tag.indexOf(':') + 1)]);
  return [
    actor.tenantId,
    query.state ?? null,
    query.instance_type ?? null,
    query.gpu_type ?? null,
    query.region ?? null,
    query.cloud_provider ?? null,
    tags.length === 0 ? null : JSON.stringify(Object.fromEntries(tags)),
    query.search === undefined ? null : `%${query.search.replace(/[\\%_]/g, '\\$&')}%`,
    query.health ?? null,
    query.ids ?? null,
  ];
}
