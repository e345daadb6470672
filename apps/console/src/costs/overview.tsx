import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { Legend, StackedBars } from '../charts/stacked-bars';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { LinkButton } from '../ui/button';
import { Select } from '../ui/field';
import { money, shortMoney } from '../ui/format';
import { Card } from '../ui/page';
import { Choice } from '../ui/tabs';
import { Empty, Failed, Loading } from '../ui/states';
import { queryText, withFilters, withParams } from './address';
import { BreakdownTable } from './breakdown-table';
import { ChangeCard } from './change-card';
import { CostMap } from './cost-map';
import css from './costs.module.css';
import { dayWords } from './cost-window';
import { useDimensions } from './filters';
import { ForecastCard } from './forecast-card';
import { dimensionWords, narrowed } from './groups';
import { Numbers } from './numbers';
import { foldedWeeks, seriesOf } from './series';
import { TagCoverage } from './tag-coverage';
import type { useCostAddress } from './use-costs';

export type Costs = ReturnType<typeof useCostAddress>;
export type Breakdown = Schemas['CostBreakdown'];
export type Summary = Schemas['CostSummary'];

/** Where the charges behind a number are: this screen's list, with its filters and those of a group. */
export function chargesOf(costs: Costs, by?: string, value?: string | null, day?: string): string {
  let search = withParams(costs.search, { tab: 'charges', by: null });
  if (by !== undefined && value !== undefined) search = withFilters(search, narrowed(costs.filters, by, value));
  if (day !== undefined) search = withParams(search, { range: null, start_date: day, end_date: day });
  return `/costs${queryText(search)}`;
}

interface Props {
  readonly costs: Costs;
  readonly summary: Summary | undefined;
}

/** What it came to, why that changed, where it goes and where it leads. */
export function Overview({ costs, summary }: Props) {
  const { query, today } = costs;
  const by = costs.search.get('by') ?? 'service';
  const asMap = costs.search.get('view') === 'map';
  const [, go] = useLocation();
  const dimensions = useDimensions(query);
  const loaded = useLoad(
    ['/api/costs', 'breakdown', query, by],
    () => api.GET('/api/costs/breakdown', { params: { query: { ...query, by, limit: 100 } } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  );
  const breakdown = loaded.data?.data;
  const series = useMemo(() => (breakdown ? seriesOf(breakdown) : []), [breakdown]);
  const folded = useMemo(() => (breakdown ? foldedWeeks(breakdown.dates, series) : undefined), [breakdown, series]);
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  if (!breakdown || !folded) return <Loading lines={14} />;
  const { currency } = breakdown;
  if (breakdown.total.record_count === 0 && breakdown.total.previous_cost === 0) return <Nothing costs={costs} />;
  const choices = dimensions.some(([name]) => name === by)
    ? dimensions
    : [...dimensions, [by, dimensionWords(by)] as const];
  return (
    <>
      <Numbers costs={costs} breakdown={breakdown} summary={summary} />
      <div className={css['columns']}>
        <Card
          title={asMap ? 'Where it goes' : folded.weekly ? 'Week by week' : 'Day by day'}
          padded
          actions={
            <>
              <Choice
                label="Drawn as"
                value={asMap ? 'map' : 'bars'}
                options={[
                  ['bars', 'Bars'],
                  ['map', 'Map'],
                ]}
                onChange={(to) => costs.set({ view: to === 'bars' ? null : to })}
              />
              <Select
                label="Group by"
                value={by}
                options={choices.map(([name, words]) => [name, `By ${inSentence(words)}`])}
                onChange={(to) => costs.set({ by: to === 'service' ? null : to })}
              />
            </>
          }
        >
          {asMap ? (
            <CostMap costs={costs} breakdown={breakdown} by={by} />
          ) : (
            <div className={css['stack']}>
              <StackedBars
                label={`Cost by ${folded.weekly ? 'week' : 'day'} and ${dimensionWords(by).toLowerCase()}`}
                places={folded.dates}
                series={folded.series}
                format={(value) => money(value, currency)}
                formatAxis={(value) => shortMoney(value, currency)}
                formatPlace={(day, long) =>
                  long && folded.weekly ? `Week of ${dayWords(day)}` : dayWords(day, long ? 'long' : 'short')
                }
                unfinished={{ place: folded.weekly ? folded.dates.at(-1)! : today, words: 'not over yet' }}
                {...(!folded.weekly && { onPlace: (day: string) => go(chargesOf(costs, undefined, undefined, day)) })}
              />
              <Legend series={series} />
            </div>
          )}
        </Card>
        <ChangeCard costs={costs} breakdown={breakdown} by={by} />
      </div>
      <div className={css['columns']}>
        <Card title={`By ${inSentence(dimensionWords(by))}`} hint={`${breakdown.groups.length} groups`}>
          <BreakdownTable costs={costs} breakdown={breakdown} by={by} series={series} />
        </Card>
        <div className={css['part']}>
          <ForecastCard costs={costs} />
          <TagCoverage costs={costs} />
        </div>
      </div>
    </>
  );
}

/** A name that begins a line elsewhere, within a sentence: "service", "GPU model". */
const inSentence = (words: string) => words.replace(/^[A-Z](?=[a-z])/, (first) => first.toLowerCase());

function Nothing({ costs }: { readonly costs: Costs }) {
  const may = useMay('admin');
  const isFiltered = Object.keys(costs.filters).length > 0;
  return (
    <Card>
      <Empty title={isFiltered ? 'No charge fits these filters' : 'Nothing was charged in these days'}>
        {isFiltered ? (
          <p>Take a filter away, or look at more days.</p>
        ) : (
          <p>
            Instances with a price are metered from their first hour on. A cloud’s bill comes by its cost interface (an
            agent reads it) or as a FOCUS file.
          </p>
        )}
        {!isFiltered && may && (
          <LinkButton to="/costs?tab=bills" look="primary">
            Import a bill
          </LinkButton>
        )}
      </Empty>
    </Card>
  );
}
