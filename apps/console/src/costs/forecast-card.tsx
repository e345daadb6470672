import { Link } from 'wouter';
import { BandChart } from '../charts/band-chart';
import { api, useLoad } from '../data/api';
import { count, money, shortMoney } from '../ui/format';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import ui from '../ui/ui.module.css';
import css from './costs.module.css';
import { dayWords } from './cost-window';
import type { Costs } from './overview';
import type { ApiCostQuery } from './use-costs';

/** A question about the month has no days of its own. */
export function monthQuery(query: ApiCostQuery) {
  const { start_date: _start, end_date: _end, ...rest } = query;
  return rest;
}

/** What the month comes to, whatever days the rest of the screen is about. */
export function ForecastCard({ costs }: { readonly costs: Costs }) {
  const query = monthQuery(costs.query);
  const loaded = useLoad(
    ['/api/costs', 'forecast', query],
    () => api.GET('/api/costs/forecast', { params: { query } }),
    { placeholderData: (before) => before, staleTime: 300_000 },
  );
  const forecast = loaded.data?.data;
  const hint = forecast && `${dayWords(forecast.first_day)} – ${dayWords(forecast.last_day)}`;
  return (
    <Card title="This month" hint={hint} padded>
      {loaded.isPending && <Loading lines={7} />}
      {loaded.isError && <Failed error={loaded.error} retry={() => void loaded.refetch()} />}
      {forecast?.projected === null && (
        <Empty title="Too little is known for a forecast">
          <p>
            {money(forecast.spent, forecast.currency)} so far. A forecast needs seven days of charges, one with a span
            three weeks.
          </p>
        </Empty>
      )}
      {forecast && forecast.projected !== null && (
        <div className={css['stack']}>
          <p className={css['sentence']}>
            <b>{money(forecast.projected, forecast.currency)}</b> expected by {dayWords(forecast.last_day)};{' '}
            {money(forecast.spent, forecast.currency)} so far.{' '}
            {forecast.interval_95
              ? `With 95 % it will be ${money(forecast.interval_95.low, forecast.currency)} to ${money(forecast.interval_95.high, forecast.currency)}.`
              : 'Three weeks of charges are needed for a span.'}
          </p>
          <BandChart
            label="Cost since the month began, and what is expected"
            points={forecast.days.map((day) => ({
              place: day.date,
              // today is not over: what it has cost so far would bend the line
              known: day.date < forecast.today ? day.spent : null,
              // the line goes on from what is known
              expected: day.projected ?? (isLastKnown(forecast, day.date) ? day.spent : null),
              inner: day.interval_80,
              outer: day.interval_95,
            }))}
            format={(value) => money(value, forecast.currency)}
            formatAxis={(value) => shortMoney(value, forecast.currency)}
            formatPlace={(day, long) => dayWords(day, long ? 'long' : 'short')}
          />
          <p className={ui['hint']}>
            {forecast.method === 'run_rate'
              ? `The mean of ${count(forecast.history_days)} days, because there are too few for a weekday profile.`
              : `From level and weekdays of the last ${count(forecast.history_days)} days; dark: 80 %, light: 95 %.`}{' '}
            {forecast.late_data > 0 &&
              `${money(forecast.late_data, forecast.currency)} of it is expected to be charged late. `}
            <Link href="/budgets">Hold it against a budget</Link>
          </p>
        </div>
      )}
    </Card>
  );
}

function isLastKnown(forecast: { readonly today: string }, date: string): boolean {
  const dayBefore = new Date(Date.parse(forecast.today) - 86_400_000).toISOString().slice(0, 10);
  return date === dayBefore;
}
