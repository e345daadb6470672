import type { Schemas } from '../data/api';
import type { BulletValues } from '../charts/bullet-geometry';
import { money, percent } from '../ui/format';

export type Budget = Schemas['Budget'];
export type Figures = NonNullable<Budget['current']>;
export type Basis = Budget['thresholds'][number]['basis'];

export const SCOPES: readonly (readonly [Budget['scope'], string])[] = [
  ['all', 'All cost'],
  ['team', 'A team'],
  ['service', 'A service'],
  ['provider', 'A provider'],
  ['account', 'An account'],
  ['tag', 'A tag'],
  ['instance', 'An instance'],
  ['model', 'An AI model'],
];

export const PERIODS: readonly (readonly [Budget['period'], string])[] = [
  ['day', 'Day'],
  ['week', 'Week'],
  ['month', 'Month'],
  ['quarter', 'Quarter'],
  ['year', 'Year'],
  ['custom', 'From one day to another'],
];

export const BASES: readonly (readonly [Basis, string])[] = [
  ['actual', 'Spent so far'],
  ['forecast_p50', 'Forecast'],
  ['forecast_p80', 'Forecast, 80 % sure'],
  ['burn_rate', 'Pace of spending'],
];

const SCOPE_WORDS: Readonly<Record<Budget['scope'], string>> = {
  all: 'all cost',
  team: 'team',
  service: 'service',
  provider: 'provider',
  account: 'account',
  tag: 'tag',
  instance: 'instance',
  model: 'model',
};
export const scopeWords = ({ scope, scope_value: value }: Pick<Budget, 'scope' | 'scope_value'>): string =>
  value === null ? SCOPE_WORDS[scope] : `${SCOPE_WORDS[scope]} ${value}`;

const PERIOD_WORDS: Readonly<Record<Budget['period'], string>> = {
  day: 'a day',
  week: 'a week',
  month: 'a month',
  quarter: 'a quarter',
  year: 'a year',
  custom: 'once',
};
export const periodWords = (period: Budget['period']): string => PERIOD_WORDS[period];

export function thresholdWords({ basis, percent: at }: Budget['thresholds'][number]): string {
  const share = percent(at, at % 1 === 0 ? 0 : 1);
  if (basis === 'actual') return `${share} of the limit is spent`;
  if (basis === 'forecast_p50') return `the forecast reaches ${share} of the limit`;
  if (basis === 'forecast_p80') return `with 80 % certainty it comes to ${share} of the limit`;
  return `a week is spent at ${share} of the pace that just lasts`;
}

/** What an even pace would have come to by now: cost days that are over, of those that the period has. */
export function expectedByToday(amount: number, figures: Figures): number | null {
  const days = figures.elapsed_days + figures.remaining_days;
  return days === 0 || figures.remaining_days === 0 ? null : (amount * figures.elapsed_days) / days;
}

export function bulletOf(budget: Budget, figures: Figures): BulletValues {
  return {
    spent: figures.current_spend,
    limit: budget.amount,
    expected: expectedByToday(budget.amount, figures),
    projected: figures.projected_spend,
    interval80: figures.interval_80,
    interval95: figures.interval_95,
    thresholds: budget.thresholds
      .filter(({ basis }) => basis !== 'burn_rate')
      .map(({ basis, percent: at }) => ({ percent: at, forecast: basis !== 'actual' })),
  };
}

/** The bar in a sentence. */
export function bulletSentence(budget: Budget, figures: Figures): string {
  const say = (value: number) => money(value, budget.currency);
  const expected = expectedByToday(budget.amount, figures);
  const { interval_80: likely, projected_spend: projected } = figures;
  return [
    `${budget.name}: ${say(figures.current_spend)} of ${say(budget.amount)} spent`,
    expected !== null && `an even pace would be ${say(expected)} by today`,
    projected !== null && `forecast ${say(projected)}`,
    likely && `80 % interval ${say(likely.low)} to ${say(likely.high)}`,
  ]
    .filter(Boolean)
    .join(', ');
}

export type Standing = Budget['standing'];

/** Where the charges, and the AI usage, behind a budget's numbers are; null: it counts none of them. */
export function rowsBehind(
  budget: Budget,
  today: string,
): { readonly charges: string | null; readonly usage: string | null } {
  const { scope, scope_value: value, current } = budget;
  const days = current && {
    start_date: current.first_cost_day,
    end_date: current.last_cost_day < today ? current.last_cost_day : today,
  };
  const to = (path: string, tab: string, filters: Readonly<Record<string, string>>) =>
    `${path}?${new URLSearchParams({ tab, ...days, ...filters })}`;
  const cost = { ...(budget.cost_type !== 'billed' && { cost_type: budget.cost_type }) };
  const charges = (filters: Readonly<Record<string, string>>) => to('/costs', 'charges', { ...filters, ...cost });
  const usage = (filters: Readonly<Record<string, string>>) => to('/ai-spend', 'usage', filters);
  if (value === null || scope === 'all') return { charges: charges({}), usage: usage({}) };
  if (scope === 'model') {
    const slash = value.indexOf('/');
    const model = value.slice(slash + 1);
    return {
      charges: null,
      usage: usage({ provider: value.slice(0, slash), ...(!model.endsWith('*') && { model_name: model }) }),
    };
  }
  if (scope === 'team') return { charges: charges({ tag: `team:${value}` }), usage: usage({ team_id: value }) };
  if (scope === 'tag') {
    const at = value.indexOf('=');
    const [key, of] = [value.slice(0, at), value.slice(at + 1)];
    const used = USAGE_TAGS[key];
    return { charges: charges({ tag: `${key}:${of}` }), usage: used === undefined ? null : usage({ [used]: of }) };
  }
  if (scope === 'provider')
    return { charges: charges({ cloud_provider: value }), usage: usage({ provider: HOSTED[value] ?? value }) };
  const filter = { service: 'service', account: 'account_id', instance: 'instance_id' }[scope];
  return { charges: charges({ [filter]: value }), usage: null };
}

/** Whose AI usage a cloud bills. */
const HOSTED: Readonly<Record<string, string>> = {
  aws: 'aws_bedrock',
  azure: 'azure_openai',
  gcp: 'google_vertex',
};

/** Tags that AI usage is told with too, and its filters. */
const USAGE_TAGS: Readonly<Record<string, string>> = {
  team: 'team_id',
  project: 'project_id',
  project_id: 'project_id',
};

/** A probability as people say it: certainty is never claimed for something that has not happened. */
export function riskWords(probability: number | null): string {
  if (probability === null) return '–';
  if (probability < 0.005) return '< 1 %';
  if (probability > 0.995) return '> 99 %';
  return percent(probability * 100);
}
