/** What cost can be grouped by, in the API's words and in a person's. Any tag besides: `tag:<key>`. */
export const DIMENSIONS = [
  ['service', 'Service', 'services'],
  ['provider', 'Provider', 'providers'],
  ['account', 'Account', 'accounts'],
  ['region', 'Region', 'regions'],
  ['instance_type', 'Instance type', 'instance types'],
  ['gpu_type', 'GPU model', 'GPU models'],
  ['instance', 'Instance', 'instances'],
  ['charge_category', 'Kind of charge', 'kinds'],
  ['origin', 'Where it comes from', 'origins'],
] as const;

/** The filters of the API that this screen keeps in its address, under the API's names. */
export const SINGLE_FILTERS = [
  'service',
  'cloud_provider',
  'account_id',
  'region',
  'instance_type',
  'gpu_type',
  'instance_id',
  'charge_category',
  'origin',
] as const;
export type SingleFilter = (typeof SINGLE_FILTERS)[number];

export type CostFilters = { readonly [K in SingleFilter]?: string } & {
  readonly tag?: readonly string[];
  readonly without?: readonly string[];
};

const FILTER_OF: Readonly<Record<string, SingleFilter>> = {
  service: 'service',
  provider: 'cloud_provider',
  account: 'account_id',
  region: 'region',
  instance_type: 'instance_type',
  gpu_type: 'gpu_type',
  instance: 'instance_id',
  charge_category: 'charge_category',
  origin: 'origin',
};

const tagOf = (by: string) => (by.startsWith('tag:') ? by.slice(4) : undefined);

/** What a person calls a dimension. */
export function dimensionWords(by: string): string {
  const tag = tagOf(by);
  if (tag !== undefined) return tag;
  return DIMENSIONS.find(([name]) => name === by)?.[1] ?? by;
}

const ORIGINS: Readonly<Record<string, string>> = {
  bill: 'Imported bill',
  provider_api: 'The provider’s cost interface',
  reported: 'Reported by agents',
  metered: 'Metered: price × time',
};

/** What a group is called; what lacks the dimension is a group of its own and never hidden. */
export function valueWords(by: string, value: string | null, name: string | null = null): string {
  if (value === null) {
    const tag = tagOf(by);
    return tag === undefined ? `No ${dimensionWords(by).toLowerCase().replace('gpu', 'GPU')}` : `No ${tag} tag`;
  }
  if (by === 'origin') return ORIGINS[value] ?? value;
  return name ?? value;
}

/** The filters that leave one group: added to those that hold already. */
export function narrowed(filters: CostFilters, by: string, value: string | null): CostFilters {
  const tag = tagOf(by);
  if (value === null) return { ...filters, without: [...new Set([...(filters.without ?? []), by])] };
  if (tag !== undefined) {
    const others = (filters.tag ?? []).filter((one) => !one.startsWith(`${tag}:`));
    return { ...filters, tag: [...others, `${tag}:${value}`] };
  }
  const filter = FILTER_OF[by];
  return filter ? { ...filters, [filter]: value } : filters;
}

/** One filter as it is shown and taken away. */
export interface Chip {
  readonly key: string;
  readonly dimension: string;
  readonly value: string;
  readonly without: CostFilters;
}

/** Every filter that holds, each with what holds when it is taken away. */
export function chipsOf(filters: CostFilters): readonly Chip[] {
  const single = SINGLE_FILTERS.flatMap((filter): Chip[] => {
    const value = filters[filter];
    if (value === undefined) return [];
    const by = Object.keys(FILTER_OF).find((one) => FILTER_OF[one] === filter)!;
    const { [filter]: _, ...rest } = filters;
    return [{ key: filter, dimension: dimensionWords(by), value: valueWords(by, value), without: rest }];
  });
  const tags = (filters.tag ?? []).map((tag): Chip => {
    const colon = tag.indexOf(':');
    return {
      key: `tag ${tag}`,
      dimension: tag.slice(0, colon),
      value: tag.slice(colon + 1),
      without: { ...filters, tag: filters.tag!.filter((one) => one !== tag) },
    };
  });
  const lacking = (filters.without ?? []).map((by): Chip => ({
    key: `without ${by}`,
    dimension: dimensionWords(by),
    value: valueWords(by, null),
    without: { ...filters, without: filters.without!.filter((one) => one !== by) },
  }));
  return [...single, ...tags, ...lacking];
}
