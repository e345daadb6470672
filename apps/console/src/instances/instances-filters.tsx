import type { operations } from '@flotilla/api-client';
import { useMemo } from 'react';
import type { FleetAnswer } from '../fleet-map/gpus';
import { Select } from '../ui/field';
import ui from '../ui/ui.module.css';
import css from './instances-table.module.css';

export type InstanceQuery = NonNullable<operations['Instances_findAll']['parameters']['query']>;

/** Filters of the table, as the address has them; empty: every one. */
export const FILTERS = { search: '', state: '', provider: '', region: '', gpu: '', tag: '' } as const;
export type Filters = { readonly [Name in keyof typeof FILTERS]: string };

/** Of an address that holds more than them. */
export const filtersOf = ({ search, state, provider, region, gpu, tag }: Filters): Filters => ({
  search,
  state,
  provider,
  region,
  gpu,
  tag,
});

/** What the API is asked for. */
export function queryOf({ search, state, provider, region, gpu, tag }: Filters): InstanceQuery {
  return {
    ...(search && { search }),
    ...(state && { state: [state] as NonNullable<InstanceQuery['state']> }),
    ...(provider && { cloud_provider: provider as NonNullable<InstanceQuery['cloud_provider']> }),
    ...(region && { region }),
    ...(gpu && { gpu_type: gpu }),
    ...(tag && { tag }),
  };
}

const STATES = ['running', 'stopped', 'pending', 'stopping', 'terminated', 'unknown'] as const;
/** More than this many choices are no help. */
const MOST = 200;

interface Props {
  readonly address: Filters;
  readonly onChange: (change: Partial<Filters>) => void;
  readonly fleet: FleetAnswer | undefined;
}

export function InstanceFilters({ address, onChange, fleet }: Props) {
  const known = useMemo(() => knownValues(fleet), [fleet]);
  const choices = (every: string, values: readonly string[], current: string) =>
    [
      ['', every] as const,
      // one that came in the address stays to be seen
      ...[...new Set([...values, ...(current ? [current] : [])])].map((value) => [value, value] as const),
    ] as const;
  return (
    <div className={css['filters']}>
      <input
        className={`${ui['input']} ${css['search']}`}
        type="search"
        aria-label="Name, id, type, GPU or region"
        placeholder="Name, id, type, GPU or region"
        value={address.search}
        onChange={(event) => onChange({ search: event.target.value })}
      />
      <Select
        label="State"
        value={address.state}
        options={choices('Any state', STATES, address.state)}
        onChange={(state) => onChange({ state })}
      />
      <Select
        label="Provider"
        value={address.provider}
        options={choices('Any provider', known.providers, address.provider)}
        onChange={(provider) => onChange({ provider })}
      />
      <Select
        label="Region"
        value={address.region}
        options={choices('Any region', known.regions, address.region)}
        onChange={(region) => onChange({ region })}
      />
      <Select
        label="GPU model"
        value={address.gpu}
        options={choices('Any GPU', known.gpus, address.gpu)}
        onChange={(gpu) => onChange({ gpu })}
      />
      <Select
        label="Tag"
        value={address.tag}
        options={choices('Any tag', known.tags, address.tag)}
        onChange={(tag) => onChange({ tag })}
      />
    </div>
  );
}

function knownValues(fleet: FleetAnswer | undefined) {
  const instances = fleet?.instances ?? [];
  const of = (values: readonly (string | null)[]) =>
    [...new Set(values.filter((value) => value !== null))].sort().slice(0, MOST);
  return {
    providers: of(instances.map((one) => one.cloud_provider)),
    regions: of(instances.map((one) => one.region)),
    gpus: of(instances.map((one) => one.gpu_type)),
    tags: of(instances.flatMap((one) => Object.entries(one.tags).map(([key, value]) => `${key}:${value}`))),
  };
}
