import { useMemo } from 'react';
import { TimeChart } from '../charts/time-chart';
import { api, useLoad } from '../data/api';
import { duration, money, percent } from '../ui/format';
import { Card, Tiles } from '../ui/page';
import type { TileItem } from '../ui/page';
import { Failed, Loading } from '../ui/states';
import { useNow } from '../ui/time';
import ui from '../ui/ui.module.css';
import type { Details } from './instance-screen';

const DAY_MS = 86_400_000;
const DAYS = 30;

/** What it costs now and cost before, what of it was of use, and what went for nothing. */
export function InstanceCost({ instance }: { readonly instance: Details }) {
  const now = useNow(300_000);
  const month = `${new Date(now).toISOString().slice(0, 7)}-01`;
  const filter = { instance_id: String(instance.id) };
  const summary = useLoad(['/api/costs/summary', instance.id], () =>
    api.GET('/api/costs/summary', { params: { query: { ...filter, days: DAYS } } }),
  );
  const useful = useLoad(['/api/costs/useful-gpu-hours', instance.id, month], () =>
    api.GET('/api/costs/useful-gpu-hours', { params: { query: { ...filter, from: month } } }),
  );
  const idle = useLoad(['/api/instances/status/idle'], () =>
    api.GET('/api/instances/status/idle', { params: { query: { limit: 1_000 } } }),
  );
  if (summary.isPending || useful.isPending) return <Loading />;
  if (summary.isError) return <Failed error={summary.error} retry={() => void summary.refetch()} />;
  if (useful.isError) return <Failed error={useful.error} retry={() => void useful.refetch()} />;
  const costs = summary.data.data;
  const { total, currency, unconverted } = useful.data.data;
  const waits = idle.data?.data.find((one) => one.instance.id === instance.id);
  const estimated = costs.estimated_cost > 0;
  const tiles: TileItem[] = [
    { label: 'This month so far', value: money(total.cost, currency), note: 'UTC days, effective cost' },
    {
      label: 'A useful GPU-hour',
      value: money(total.cost_per_useful_gpu_hour, currency),
      note: total.reason
        ? WHY[total.reason]
        : `${percent(share(total.useful_share))} of the measured hours were of use`,
    },
    {
      label: 'Idle money this month',
      value: money(total.idle_cost, currency),
      note: `in ${hours(total.gpu_hours.idle)} idle GPU-hours`,
      tone: (total.idle_cost ?? 0) > 0 ? 'idle' : 'plain',
    },
    {
      label: 'Not measured',
      value: money(total.unknown_cost, currency),
      note: `${percent(share(total.coverage), digitsOf(total.coverage))} of the hours are measured`,
    },
  ];
  if (waits) {
    tiles.push({
      label: 'Idle now',
      value: duration(waits.idle_minutes * 60),
      note: `${money(waits.wasted_cost, waits.currency)} for nothing until now`,
      tone: 'idle',
    });
  }
  return (
    <>
      <Tiles items={tiles} />
      <Card padded>
        <Daily daily={costs.daily} currency={costs.currency} />
        <p className={ui['hint']}>
          {money(costs.total_cost, costs.currency)} in {DAYS} days
          {estimated && `, of which ${money(costs.estimated_cost, costs.currency)} are estimated until the bill comes`}.
          {costs.unpriced_instances > 0 &&
            ' It ran without a known price for a time, which is in none of these amounts.'}
          {[...unconverted, ...costs.unconverted].length > 0 &&
            ` Charges in ${unconverted.map((one) => one.currency).join(', ') || 'another currency'} are left out: no rate is set.`}
        </p>
      </Card>
    </>
  );
}

interface DailyProps {
  readonly daily: readonly { readonly date: string; readonly total_cost: number }[];
  readonly currency: string;
}

function Daily({ daily, currency }: DailyProps) {
  const times = useMemo(() => daily.map(({ date }) => Date.parse(date)), [daily]);
  const series = useMemo(() => [{ label: 'Cost', values: daily.map((day) => day.total_cost) }], [daily]);
  const write = useMemo(() => (value: number | null) => money(value, currency), [currency]);
  return (
    <TimeChart
      title="Cost by day"
      times={times}
      series={series}
      format={write}
      formatAxis={(value) => money(value, currency, 0)}
      kind="bars"
      stepMs={DAY_MS}
      zone="UTC"
      min={0}
      height={220}
      legend={false}
    />
  );
}

const WHY: Readonly<Record<string, string>> = {
  no_cost: 'it has neither a charge nor a price',
  no_gpu_hours: 'it held no GPU this month',
  not_measured: 'nothing was measured this month',
  no_useful_hours: 'no measured hour was of use',
};

const share = (value: number | null) => (value === null ? null : value * 100);
/** So that little is not written as nothing. */
const digitsOf = (value: number | null) => (value !== null && value > 0 && value < 0.1 ? 1 : 0);
const hours = (value: number) => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
