import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { useNow } from '../ui/time';
import { addressOf, queryText, withParams } from '../costs/address';
import { dayOf } from '../costs/cost-window';

/** The filters of the API that this screen keeps in its address, with what people call them. */
export const AI_FILTERS = [
  ['provider', 'Provider'],
  ['model_name', 'Model'],
  ['team_id', 'Team'],
  ['project_id', 'Project'],
  ['spend_type', 'Kind of use'],
  ['workload_id', 'Workload'],
  ['run_id', 'Training run'],
  ['source', 'Told by'],
] as const;
type Name = (typeof AI_FILTERS)[number][0];
export type AiFilters = { readonly [K in Name]?: string };

export const DIMENSIONS = [
  ['model_name', 'Model'],
  ['provider', 'Provider'],
  ['team_id', 'Team'],
  ['project_id', 'Project'],
  ['spend_type', 'Kind of use'],
  ['workload_id', 'Workload'],
  ['cost_center', 'Cost centre'],
  ['business_unit', 'Business unit'],
  ['run_id', 'Training run'],
  ['instance_id', 'Own instance'],
] as const;
export type Dimension = (typeof DIMENSIONS)[number][0];

/** The state of the screen, all of it in its address. */
export function useAi() {
  const [search, setSearch] = useSearchParams();
  const today = dayOf(useNow(60_000));
  const text = search.toString();
  const state = useMemo(() => {
    const given = new URLSearchParams(text);
    const filters = Object.fromEntries(
      AI_FILTERS.flatMap(([name]) => (given.get(name) ? [[name, given.get(name)!]] : [])),
    ) as AiFilters;
    const { window, preset } = addressOf(given, today);
    const by: Dimension = DIMENSIONS.find(([name]) => name === given.get('by'))?.[0] ?? 'model_name';
    return { window, preset, filters, by, query: { ...window, ...filters } as AiQuery };
  }, [text, today]);
  const set = useCallback(
    (params: Readonly<Record<string, string | null>>, push = false) =>
      setSearch((before) => withParams(before, params), { replace: !push }),
    [setSearch],
  );
  return { ...state, today, search, set };
}

export type Ai = ReturnType<typeof useAi>;
/** As the API takes it. */
export type AiQuery = NonNullable<import('@flotilla/api-client').operations['AiSpend_summary']['parameters']['query']>;

/** Where the usage behind a number is: this screen's list, with its filters and these. */
export function usageOf(ai: Ai, only: Readonly<Record<string, string>>): string {
  const search = withParams(ai.search, { ...only, tab: 'usage', by: null, cursor: null });
  return `/ai-spend${queryText(search)}`;
}
