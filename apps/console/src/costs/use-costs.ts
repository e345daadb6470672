import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';
import { useNow } from '../ui/time';
import { addressOf, withFilters, withParams } from './address';
import { dayOf } from './cost-window';
import type { CostFilters } from './groups';

/** The state of a screen about money, and how to change it. */
export function useCostAddress() {
  const [search, setSearch] = useSearchParams();
  const today = dayOf(useNow(60_000));
  const text = search.toString();
  const state = useMemo(() => addressOf(new URLSearchParams(text), today), [text, today]);
  const set = useCallback(
    (params: Readonly<Record<string, string | null>>, push = false) =>
      setSearch((before) => withParams(before, params), { replace: !push }),
    [setSearch],
  );
  const setFilters = useCallback(
    (filters: CostFilters) => setSearch((before) => withFilters(before, filters)),
    [setSearch],
  );
  const query = useMemo(() => {
    const { tag, without, service, ...single } = state.filters;
    return {
      ...state.window,
      cost_type: state.costType,
      ...single,
      ...(service !== undefined && { service: [service] }),
      ...(tag && { tag: [...tag] }),
      ...(without && { without: [...without] }),
    };
  }, [state]);
  return { ...state, today, search, set, setFilters, query: query as ApiCostQuery };
}

/** As the API takes it. */
export type ApiCostQuery = Omit<
  NonNullable<import('@flotilla/api-client').operations['Costs_breakdown']['parameters']['query']>,
  'by' | 'limit'
>;
