import { costWindow } from '@flotilla/contracts';
import type { CostFilters, CostWindow } from '@flotilla/contracts';
import type { CopyValue, ReadTx, TenantRef } from '@flotilla/persistence';
import { resolveInstance } from '../instance-refs/index.js';
import { AppError } from '../platform/index.js';

/** Account, subscription or project that a charge goes to. */
export const ACCOUNT = 'coalesce(c.sub_account_id, c.billing_account_id)';
/** GPU model of the instance that a charge is for. */
export const GPU_TYPE = `(SELECT i.gpu_type FROM flotilla.instances i WHERE i.tenant_id = c.tenant_id AND i.id = c.instance_id)`;

/** Whether the tags in `column` are what was asked for; @param asked an SQL expression with what `tagsAsked` makes */
export const tagsFit = (column: string, asked: string) =>
  `${column} @> ANY (ARRAY(SELECT jsonb_array_elements(${asked})))`;

/** All charges, also what a better origin replaced: to compare origins. The values are those of COUNTED_COSTS. */
export const ALL_COSTS = `
  WHERE c.tenant_id = $1 AND c.charge_day >= $2::date AND c.charge_day <= $3::date
    AND ($4::text[] IS NULL OR c.service = ANY ($4::text[]))
    AND ($5::text IS NULL OR c.instance_type = $5)
    AND ($6::text IS NULL OR c.provider = $6)
    AND ($7::text IS NULL OR c.region = $7)
    AND ($8::bigint IS NULL OR c.instance_id = $8::bigint)
    AND ($9::jsonb IS NULL OR (
      ($9::jsonb -> 'tags' IS NULL OR ${tagsFit('c.tags', "$9::jsonb -> 'tags'")})
      AND ($9::jsonb ->> 'account_id' IS NULL OR ${ACCOUNT} = $9::jsonb ->> 'account_id')
      AND ($9::jsonb ->> 'gpu_type' IS NULL OR ${GPU_TYPE} = $9::jsonb ->> 'gpu_type')
      AND ($9::jsonb ->> 'charge_category' IS NULL OR c.charge_category = $9::jsonb ->> 'charge_category')
      AND ($9::jsonb ->> 'origin' IS NULL OR c.origin = $9::jsonb ->> 'origin')
      AND ($9::jsonb -> 'without' IS NULL OR NOT EXISTS (
        SELECT FROM jsonb_array_elements_text($9::jsonb -> 'without') AS k(name)
         WHERE CASE k.name
                 WHEN 'region' THEN c.region WHEN 'account' THEN ${ACCOUNT} WHEN 'instance_type' THEN c.instance_type
                 WHEN 'gpu_type' THEN ${GPU_TYPE} WHEN 'instance' THEN c.instance_id::text
                 ELSE nullif(c.tags ->> substr(k.name, 5), '') END IS NOT NULL))))`;

/** Charges that count: `$1` tenant, `$2` and `$3` first and last day, `$4` to `$9` (the last one JSON) see `costFilter`. */
export const COUNTED_COSTS = `${ALL_COSTS} AND c.superseded_by IS NULL`;

export interface CostFilter {
  readonly window: CostWindow;
  readonly values: readonly CopyValue[];
}

/** The values of COUNTED_COSTS. @throws AppError VALIDATION_ERROR, NOT_FOUND for an instance that is not there */
export async function costFilter(tx: ReadTx, actor: TenantRef, query: CostFilters, now: Date): Promise<CostFilter> {
  const window = costDays(query, now);
  const instance = query.instance_id === undefined ? null : await resolveInstance(tx, actor, query.instance_id);
  return {
    window,
    values: [
      actor.tenantId,
      window.firstDay,
      window.lastDay,
      query.service ?? null,
      query.instance_type ?? null,
      query.cloud_provider ?? null,
      query.region ?? null,
      instance,
      restOf(query),
    ],
  };
}

/** The filters that are asked for seldom, as one value. */
function restOf({ tag, account_id, gpu_type, charge_category, origin, without }: CostFilters): string | null {
  const asked = {
    ...(tag !== undefined && { tags: alternatives(tag) }),
    account_id,
    gpu_type,
    charge_category,
    origin,
    without,
  };
  const text = JSON.stringify(asked);
  return text === '{}' ? null : text;
}

/** @throws AppError VALIDATION_ERROR where the bounds contradict each other */
export function costDays(query: Parameters<typeof costWindow>[0], now: Date): CostWindow {
  const window = costWindow(query, now);
  if ('field' in window) {
    throw new AppError('VALIDATION_ERROR', `${window.field} does not fit: expected ${window.expected}`, { ...window });
  }
  return window;
}

/** `key:value` as the JSON object that tags contain. */
export const tagJson = (tag: string) =>
  JSON.stringify({ [tag.slice(0, tag.indexOf(':'))]: tag.slice(tag.indexOf(':') + 1) });

/** One or several `key:value` as JSON for `tagsFit`: any value of each key, and all keys. */
export const tagsAsked = (tags: string | readonly string[]) => JSON.stringify(alternatives(tags));

/** Every choice of one value for each key. The contract takes ten tags, of which the most choices are 36. */
function alternatives(tags: string | readonly string[]): readonly Readonly<Record<string, string>>[] {
  const values = new Map<string, Set<string>>();
  for (const tag of [tags].flat()) {
    const colon = tag.indexOf(':');
    const key = tag.slice(0, colon);
    values.set(key, (values.get(key) ?? new Set()).add(tag.slice(colon + 1)));
  }
  return [...values].reduce<Record<string, string>[]>(
    (made, [key, ofKey]) => made.flatMap((one) => [...ofKey].map((value) => ({ ...one, [key]: value }))),
    [{}],
  );
}

/** A charge's rate into the tenant's currency: NULL where nobody gave one. Needs `c` and `t` (flotilla.tenants). */
export const RATE = `CASE WHEN c.currency = t.currency THEN 1 ELSE flotilla.currency_rate(c.tenant_id, c.currency, t.currency, c.charge_day) END`;
