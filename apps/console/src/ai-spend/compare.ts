import { dayOf } from '../costs/cost-window';
import type { CostWindow } from '../costs/cost-window';
import type { ChangedGroup } from '../costs/explain';

const DAY_MS = 86_400_000;
const shifted = (day: string, days: number) => dayOf(Date.parse(day) + days * DAY_MS);

/**
 * The days of a window that are over, and as many right before it; null: none is over. A day that goes on is never
 * compared with a whole one.
 *
 * @param today UTC day
 */
export function comparedWindows(
  { start_date, end_date }: CostWindow,
  today: string,
): { readonly days: number; readonly current: CostWindow; readonly previous: CostWindow } | null {
  const last = end_date < today ? end_date : shifted(today, -1);
  const days = Math.round((Date.parse(last) - Date.parse(start_date)) / DAY_MS) + 1;
  if (days < 1) return null;
  return {
    days,
    current: { start_date, end_date: last },
    previous: { start_date: shifted(start_date, -days), end_date: shifted(start_date, -1) },
  };
}

interface Sum {
  readonly value: string | null;
  readonly total_cost: number;
}

/** Groups of two windows, side by side: what is in only one of them cost nothing in the other. */
export function changedGroups(current: readonly Sum[], previous: readonly Sum[]): readonly ChangedGroup[] {
  const before = new Map(previous.map(({ value, total_cost }) => [value, total_cost]));
  const now = new Map(current.map(({ value, total_cost }) => [value, total_cost]));
  return [...new Set([...now.keys(), ...before.keys()])].map((value) => {
    const [current_cost, previous_cost] = [now.get(value) ?? 0, before.get(value) ?? 0];
    return { value, name: null, current_cost, previous_cost, change: current_cost - previous_cost, usage: null };
  });
}

/** The parts of what was told of tokens. Cached input is within all input. */
export function tokenParts(sums: {
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly cache_write_input_tokens: number;
  readonly output_tokens: number;
}) {
  const {
    input_tokens: all,
    cached_input_tokens: read,
    cache_write_input_tokens: written,
    output_tokens: output,
  } = sums;
  return { uncached: Math.max(0, all - read - written), read, written, output };
}

/** Usage that own machines serve has no price but a cost: what lacks one is sought among the rest. */
export const OWN = 'self_hosted';

/** Requests to APIs that nobody knows the price of, and their part of all requests to APIs; null: there are none. */
export function unpricedRequests({
  by_provider,
}: {
  readonly by_provider: readonly {
    readonly provider: string;
    readonly requests: number;
    readonly unpriced: { readonly requests: number };
  }[];
}): { readonly requests: number; readonly share: number | null } {
  const apis = by_provider.filter(({ provider }) => provider !== OWN);
  const all = apis.reduce((sum, { requests }) => sum + requests, 0);
  const requests = apis.reduce((sum, { unpriced }) => sum + unpriced.requests, 0);
  return { requests, share: all === 0 ? null : requests / all };
}
