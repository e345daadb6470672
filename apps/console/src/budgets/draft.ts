import type { paths } from '@flotilla/api-client';
import type { Budget } from './budget';

type Body = Required<paths['/api/budgets']['post']['requestBody']['content']['application/json']>;

/** What is being written; numbers may be missing while somebody types. */
export interface Draft {
  readonly name: string;
  readonly scope: Budget['scope'];
  /** null with scope all; key and value of a tag are two fields. */
  readonly value: string;
  readonly tagKey: string;
  readonly amount: number | null;
  readonly currency: string;
  readonly costType: Budget['cost_type'];
  readonly period: Budget['period'];
  readonly anchor: Budget['anchor'];
  readonly startsOn: string;
  readonly endsOn: string;
  readonly thresholds: readonly Budget['thresholds'][number][];
  readonly enabled: boolean;
}

export const newDraft = (currency: string): Draft => ({
  name: '',
  scope: 'all',
  value: '',
  tagKey: '',
  amount: null,
  currency,
  costType: 'billed',
  period: 'month',
  anchor: 'calendar',
  startsOn: '',
  endsOn: '',
  thresholds: [
    { basis: 'actual', percent: 80 },
    { basis: 'actual', percent: 100 },
    { basis: 'forecast_p50', percent: 100 },
  ],
  enabled: true,
});

export function draftOf(budget: Budget): Draft {
  const split = budget.scope === 'tag' ? (budget.scope_value ?? '').indexOf('=') : -1;
  const value = budget.scope_value ?? '';
  return {
    name: budget.name,
    scope: budget.scope,
    value: split < 0 ? value : value.slice(split + 1),
    tagKey: split < 0 ? '' : value.slice(0, split),
    amount: budget.amount,
    currency: budget.currency,
    costType: budget.cost_type,
    period: budget.period,
    anchor: budget.anchor,
    startsOn: budget.starts_on ?? '',
    endsOn: budget.ends_on ?? '',
    thresholds: budget.thresholds,
    enabled: budget.enabled,
  };
}

export function bodyOf(draft: Draft): Body {
  const { scope, tagKey, value } = draft;
  return {
    name: draft.name.trim(),
    scope,
    scope_value: scope === 'all' ? null : scope === 'tag' ? `${tagKey}=${value}` : value,
    amount: draft.amount ?? 0,
    currency: draft.currency,
    cost_type: draft.costType,
    period: draft.period,
    anchor: draft.period === 'custom' ? 'calendar' : draft.anchor,
    starts_on: draft.startsOn || null,
    ends_on: draft.endsOn || null,
    thresholds: [...draft.thresholds],
    enabled: draft.enabled,
  };
}

/** What is wrong with one threshold, in words for a person; undefined: nothing. */
export function thresholdFault({ percent }: Draft['thresholds'][number]): string | undefined {
  if (Number.isNaN(percent)) return 'Say at how many percent, or take this threshold away.';
  return percent > 0 && percent <= MOST_PERCENT
    ? undefined
    : `Between 0 and ${MOST_PERCENT.toLocaleString()} %, and not 0.`;
}
const MOST_PERCENT = 10_000;

/** Why it cannot be saved yet, in words for a person; undefined: it can. */
export function lacks(draft: Draft): string | undefined {
  if (draft.name.trim() === '') return 'It needs a name.';
  if (draft.amount === null || Number.isNaN(draft.amount))
    return 'It needs a limit; 0 means that nothing may be spent.';
  if (draft.scope === 'tag' && (draft.tagKey === '' || draft.value === '')) return 'Say which tag, and its value.';
  if (draft.scope !== 'all' && draft.value === '') return 'Say what it is over.';
  if (draft.period === 'custom' && (draft.startsOn === '' || draft.endsOn === '')) return 'Say from and to which day.';
  if (draft.anchor === 'start' && draft.period !== 'custom' && draft.startsOn === '') {
    return 'Say from which day its periods count.';
  }
  if (draft.thresholds.some(thresholdFault)) return 'A threshold lacks its percent.';
  return undefined;
}
