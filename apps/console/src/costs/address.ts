import { PRESETS, givenWindow, windowOf } from './cost-window';
import type { CostWindow, Preset } from './cost-window';
import { SINGLE_FILTERS } from './groups';
import type { CostFilters } from './groups';

export const COST_TYPES = [
  ['billed', 'Billed'],
  ['effective', 'Effective'],
  ['list', 'List price'],
  ['contracted', 'Contracted'],
] as const;
export type CostType = (typeof COST_TYPES)[number][0];

/** Everything that a screen about money shows is decided by its address. */
export interface CostAddress {
  readonly window: CostWindow;
  /** '' : a window of its own. */
  readonly preset: Preset | '';
  readonly filters: CostFilters;
  readonly costType: CostType;
}

export const DEFAULT_PRESET: Preset = '30d';

/** @param today UTC day */
export function addressOf(search: URLSearchParams, today: string): CostAddress {
  const own = givenWindow(search.get('start_date'), search.get('end_date'));
  const asked = search.get('range');
  const preset = PRESETS.find(([name]) => name === asked)?.[0] ?? DEFAULT_PRESET;
  const single = Object.fromEntries(
    SINGLE_FILTERS.flatMap((name) => (search.get(name) ? [[name, search.get(name)!]] : [])),
  );
  const tag = search.getAll('tag').filter((one) => one.includes(':'));
  const without = search.getAll('without').filter(Boolean);
  return {
    window: own ?? windowOf(preset, today),
    preset: own ? '' : preset,
    filters: { ...single, ...(tag.length > 0 && { tag }), ...(without.length > 0 && { without }) },
    costType: COST_TYPES.find(([name]) => name === search.get('cost_type'))?.[0] ?? 'billed',
  };
}

/** Sets filters in an address, leaving what else it says. */
export function withFilters(search: URLSearchParams, filters: CostFilters): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const name of [...SINGLE_FILTERS, 'tag', 'without']) next.delete(name);
  for (const [name, value] of Object.entries(filters)) {
    for (const one of [value].flat()) if (one !== undefined) next.append(name, one as string);
  }
  next.delete('page');
  next.delete('cursor');
  return next;
}

/** Sets single parameters; null takes one out. */
export function withParams(search: URLSearchParams, params: Readonly<Record<string, string | null>>): URLSearchParams {
  const next = new URLSearchParams(search);
  for (const [name, value] of Object.entries(params)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** The part of an address after the path. */
export const queryText = (search: URLSearchParams) => (search.size > 0 ? `?${search}` : '');
