import { useMemo } from 'react';
import { Bars } from '../charts/bars';
import { Legend, StackedBars } from '../charts/stacked-bars';
import css from '../costs/costs.module.css';
import { dayWords } from '../costs/cost-window';
import { explain } from '../costs/explain';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { Select } from '../ui/field';
import { NONE, count, money, percent, short, shortMoney, signedMoney, signedPercent } from '../ui/format';
import { Card, Tiles } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { changedGroups, comparedWindows, tokenParts, unpricedRequests } from './compare';
import { GroupTable } from './group-table';
import { Unpriced } from './unpriced';
import { AI_FILTERS, DIMENSIONS, usageOf } from './use-ai';
import type { Ai, Dimension } from './use-ai';

export type AiSummary = Schemas['AiSpendSummary'];

interface Props {
  readonly ai: Ai;
  readonly summary: {
    readonly data: { readonly data: AiSummary } | undefined;
    readonly isError: boolean;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
}

const PARTS = [
  ['uncached', 'Uncached input', 'var(--chart-1)'],
  ['read', 'Read from a cache', 'var(--chart-6)'],
  ['written', 'Written to a cache', 'var(--chart-2)'],
  ['output', 'Output', 'var(--chart-3)'],
] as const;

/** What it came to, what changed, and who uses what. */
export function AiOverview({ ai, summary: loaded }: Props) {
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  const summary = loaded.data?.data;
  if (!summary) return <Loading lines={12} />;
  if (summary.records === 0) return <Nothing ai={ai} />;
  return (
    <>
      <Numbers ai={ai} summary={summary} />
      <div className={css['columns']}>
        <Daily ai={ai} summary={summary} />
        <Changes ai={ai} />
      </div>
      <Unpriced summary={summary} />
      <GroupTable ai={ai} summary={summary} />
    </>
  );
}

function useCompared(ai: Ai) {
  const windows = useMemo(() => comparedWindows(ai.window, ai.today), [ai.window, ai.today]);
  const load = (window: 'current' | 'previous') => {
    const query = { ...ai.query, ...windows?.[window], dimension: ai.by, limit: 500 };
    return [
      ['/api/ai-spend', 'by-dimension', query],
      () => api.GET('/api/ai-spend/by-dimension', { params: { query } }),
    ] as const;
  };
  const options = { enabled: windows !== null, staleTime: 60_000 };
  const current = useLoad(...load('current'), options).data?.data;
  const previous = useLoad(...load('previous'), options).data?.data;
  return { windows, current, previous };
}

function Numbers({ ai, summary }: { readonly ai: Ai; readonly summary: AiSummary }) {
  const { current, previous, windows } = useCompared(ai);
  const sum = (of: typeof current) =>
    of && of.groups.reduce((total, group) => total + group.total_cost, of.other?.total_cost ?? 0);
  const [now, before] = [sum(current), sum(previous)];
  const change = now !== undefined && before !== undefined ? now - before : undefined;
  const { currency, unit_economics: unit } = summary;
  const unpriced = unpricedRequests(summary);
  const parts = tokenParts(summary);
  return (
    <Tiles
      items={[
        {
          label: 'Total',
          value: money(summary.total_cost, currency),
          note:
            change === undefined || !windows
              ? `${count(summary.requests)} requests`
              : before === 0
                ? `nothing in the ${count(windows.days)} days before`
                : `${signedPercent((change / before!) * 100)} against the ${count(windows.days)} days before`,
        },
        {
          label: 'Tokens',
          value: short(summary.input_tokens + summary.output_tokens),
          note: `${short(summary.input_tokens)} in, ${short(summary.output_tokens)} out`,
        },
        {
          label: 'Read from caches',
          value: percent(summary.input_tokens === 0 ? null : (parts.read / summary.input_tokens) * 100, 1),
          note: `${short(parts.read)} of the input`,
        },
        {
          label: 'A million tokens',
          value: money(unit.cost_per_1m_tokens, currency, 2),
          note: `output ${money(unit.cost_per_1m_output_tokens, currency, 2)}, input ${money(unit.cost_per_1m_input_tokens, currency, 2)}`,
        },
        {
          label: 'A request',
          value: money(unit.cost_per_inference, currency, 4),
          note:
            unit.cost_per_training_run === null
              ? 'of inference with a price'
              : `a training run ${money(unit.cost_per_training_run, currency)}`,
        },
        {
          label: 'Without a price',
          value: percent(unpriced.share === null ? null : unpriced.share * 100, 1),
          note: `${count(unpriced.requests)} requests to APIs, in no total`,
          tone: unpriced.requests > 0 ? 'warn' : 'plain',
        },
      ]}
    />
  );
}

function Daily({ ai, summary }: { readonly ai: Ai; readonly summary: AiSummary }) {
  const view = ai.search.get('chart') === 'tokens' ? 'tokens' : 'cost';
  const { currency, daily } = summary;
  const days = useMemo(() => {
    const known = new Map(daily.map((day) => [day.date, day]));
    const all: string[] = [];
    for (let ms = Date.parse(summary.start_date); ms <= Date.parse(summary.end_date); ms += 86_400_000) {
      all.push(new Date(ms).toISOString().slice(0, 10));
    }
    return all.map((date) => [date, known.get(date)] as const);
  }, [daily, summary.start_date, summary.end_date]);
  const series =
    view === 'cost'
      ? [
          {
            key: 'cost',
            label: 'Cost',
            color: 'var(--chart-1)',
            values: days.map(([, day]) => day?.total_cost ?? null),
          },
        ]
      : PARTS.map(([part, label, color]) => ({
          key: part,
          label,
          color,
          values: days.map(([, day]) => (day ? tokenParts(day)[part] : null)),
        }));
  return (
    <Card
      title="Day by day"
      padded
      actions={
        <Choice
          label="What the chart shows"
          value={view}
          options={
            [
              ['cost', 'Cost'],
              ['tokens', 'Tokens'],
            ] as const
          }
          onChange={(to) => ai.set({ chart: to === 'cost' ? null : to })}
        />
      }
    >
      <div className={css['stack']}>
        <StackedBars
          label={view === 'cost' ? 'AI cost by day' : 'Tokens by day'}
          places={days.map(([date]) => date)}
          series={series}
          format={(value) => (view === 'cost' ? money(value, currency) : short(value))}
          formatAxis={(value) => (view === 'cost' ? shortMoney(value, currency) : short(value))}
          formatPlace={(day, long) => dayWords(day, long ? 'long' : 'short')}
          unfinished={{ place: ai.today, words: 'not over yet' }}
          height={280}
        />
        {view === 'tokens' && <Legend series={series} />}
      </div>
    </Card>
  );
}

function Changes({ ai }: { readonly ai: Ai }) {
  const { windows, current, previous } = useCompared(ai);
  const currency = current?.currency ?? 'USD';
  const words = DIMENSIONS.find(([name]) => name === ai.by)![1];
  return (
    <Card
      title="What changed"
      padded
      actions={
        <Select<Dimension>
          label="Group by"
          value={ai.by}
          options={DIMENSIONS.map(([name, title]) => [name, `By ${title.toLowerCase()}`])}
          onChange={(by) => ai.set({ by: by === 'model_name' ? null : by })}
        />
      }
    >
      {!windows && <p className={css['sentence']}>No day here is over yet: today is compared with nothing.</p>}
      {windows && (!current || !previous) && <Loading lines={6} />}
      {windows && current && previous && (
        <div className={css['stack']}>
          <p className={css['ends']}>
            <span>
              {dayWords(windows.current.start_date)} – {dayWords(windows.current.end_date)} against{' '}
              {dayWords(windows.previous.start_date)} – {dayWords(windows.previous.end_date)}
            </span>
          </p>
          <ChangeBars
            ai={ai}
            currency={currency}
            words={words}
            groups={changedGroups(current.groups, previous.groups)}
          />
        </div>
      )}
    </Card>
  );
}

interface ChangeProps {
  readonly ai: Ai;
  readonly currency: string;
  readonly words: string;
  readonly groups: ReturnType<typeof changedGroups>;
}

function ChangeBars({ ai, currency, words, groups }: ChangeProps) {
  const { main, rest } = explain(groups, null, 8);
  if (main.length === 0) return <p>Nothing changed.</p>;
  const canFilter = AI_FILTERS.some(([name]) => name === ai.by);
  return (
    <Bars
      label={`Changes by ${words.toLowerCase()}`}
      signed
      format={(value) => signedMoney(value, currency)}
      items={[
        ...main.map(({ value, change, kind, previous_cost: before }) => ({
          key: value ?? ' ',
          label: value ?? `No ${words.toLowerCase()}`,
          ...(value !== null && canFilter && { to: usageOf(ai, { [ai.by]: value }) }),
          value: change,
          note:
            kind === 'new'
              ? 'new'
              : kind === 'gone'
                ? 'gone'
                : before === 0
                  ? NONE
                  : signedPercent((change / before) * 100, 0),
        })),
        ...(rest ? [{ key: '  ', label: `${count(rest.groups)} others`, value: rest.change }] : []),
      ]}
    />
  );
}

function Nothing({ ai }: { readonly ai: Ai }) {
  const isFiltered = Object.keys(ai.filters).length > 0;
  return (
    <Card>
      <Empty title={isFiltered ? 'No usage fits these filters' : 'No usage of AI models was told in these days'}>
        <p>
          {isFiltered
            ? 'Take a filter away, or look at more days.'
            : 'Send traces by OpenTelemetry to /api/otlp/v1/traces, let an agent read a provider’s usage interface, or report usage by POST /api/sync.'}
        </p>
        {!isFiltered && <a href="/docs">How usage gets here</a>}
      </Empty>
    </Card>
  );
}
