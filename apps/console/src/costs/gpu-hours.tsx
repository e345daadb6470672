import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { Badge } from '../ui/badge';
import { NONE, count, decimal, money, percent } from '../ui/format';
import { Card, Tiles } from '../ui/page';
import { Select } from '../ui/field';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import ui from '../ui/ui.module.css';
import css from './costs.module.css';
import { useDimensions } from './filters';
import type { Costs } from './overview';

type Hours = Schemas['UsefulGpuHours'];
type Group = Hours['groups'][number];

const WHY: Readonly<Record<NonNullable<Group['reason']>, string>> = {
  no_cost: 'neither a charge nor a price',
  no_gpu_hours: 'no GPU-hours held',
  not_measured: 'not measured',
  no_useful_hours: 'nothing useful was measured',
};

/** What useful GPU-hours cost, and what idle and underused GPUs waste. */
export default function GpuHours({ costs }: { readonly costs: Costs }) {
  const { instance_id, instance_type, cloud_provider, region, tag, start_date, end_date } = costs.query;
  const groupBy = costs.search.get('group_by') ?? 'team';
  const tags = useDimensions(costs.query).filter(([name]) => name.startsWith('tag:') && name !== 'tag:team');
  const query = {
    start_date,
    end_date,
    group_by: groupBy,
    limit: 200,
    ...(instance_id && { instance_id }),
    ...(instance_type && { instance_type }),
    ...(cloud_provider && { cloud_provider }),
    ...(region && { region }),
    ...(tag && { tag }),
    ...(costs.costType !== 'billed' && { cost_type: costs.costType }),
  };
  const loaded = useLoad(
    ['/api/costs', 'useful-gpu-hours', query],
    () => api.GET('/api/costs/useful-gpu-hours', { params: { query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  );
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  if (!loaded.data) return <Loading lines={10} />;
  const hours = loaded.data.data;
  const { total, currency } = hours;
  return (
    <>
      <Tiles
        items={[
          {
            label: 'A useful GPU-hour',
            value: money(total.cost_per_useful_gpu_hour, currency, 2),
            note: total.reason ? WHY[total.reason] : `a held one ${money(total.cost_per_gpu_hour, currency, 2)}`,
          },
          {
            label: 'Useful',
            value: percent(total.useful_share === null ? null : total.useful_share * 100, 1),
            note: `${count(total.gpu_hours.useful)} of ${count(total.gpu_hours.busy + total.gpu_hours.idle)} measured GPU-hours`,
          },
          {
            label: 'Wasted',
            value: money(total.waste_cost, currency),
            note: `${money(total.idle_cost, currency)} of it idle`,
            tone: (total.waste_cost ?? 0) > 0 ? 'idle' : 'plain',
          },
          {
            label: 'Measured',
            value: percent(total.coverage === null ? null : total.coverage * 100, 1),
            note: `of ${count(total.gpu_hours.held)} GPU-hours held; the rest is neither useful nor idle`,
          },
        ]}
      />
      <Card
        title="Where useful hours are dear"
        hint="the most waste first"
        actions={
          <Select
            label="Group by"
            value={groupBy}
            options={[
              ['team', 'By team'],
              ['instance', 'By instance'],
              ...tags.map(([name, words]) => [name, words] as const),
            ]}
            onChange={(to) => costs.set({ group_by: to === 'team' ? null : to })}
          />
        }
      >
        {hours.groups.length === 0 ? (
          <Empty title="No instance with GPUs held any in these days">
            <p>Take a filter away, or look at more days. Filters by service, account and kind do not hold here.</p>
          </Empty>
        ) : (
          <Table
            label="Useful GPU-hours"
            rows={hours.groups}
            keyOf={(group) => group.key ?? ' '}
            columns={columnsOf(hours)}
          />
        )}
        <p className={css['below']}>
          Useful: measured hours × SM activity, or × utilisation where SM activity is not measured. Idle: clock hours
          below {decimal(hours.idle_below_percent)} %. Cost: {hours.cost_type}.
          {total.gpu_hours.without_cost > 0 &&
            ` ${count(total.gpu_hours.without_cost)} GPU-hours have neither a charge nor a price.`}
        </p>
      </Card>
    </>
  );
}

const columnsOf = ({ currency, group_by: by }: Hours): readonly Column<Group>[] => [
  {
    title: by === 'instance' ? 'Instance' : by.replace('tag:', ''),
    cell: ({ key, name }) =>
      key === null ? (
        <span className={css['nobody']}>without the tag</span>
      ) : by === 'instance' ? (
        <Link href={`/?search=${encodeURIComponent(key)}`} className="name">
          {name ?? key}
        </Link>
      ) : (
        <bdi>{key}</bdi>
      ),
  },
  {
    title: 'GPU-hours',
    cell: ({ gpu_hours: { busy, idle, unknown, useful, held } }) => (
      <span className={css['hours']}>
        <span className={css['hoursBar']} aria-hidden>
          {held > 0 && (
            <>
              <i data-of="useful" style={{ width: `${(useful / held) * 100}%` }} />
              <i data-of="busy" style={{ width: `${(Math.max(0, busy - useful) / held) * 100}%` }} />
              <i data-of="idle" style={{ width: `${(idle / held) * 100}%` }} />
              <i data-of="unknown" style={{ width: `${(unknown / held) * 100}%` }} />
            </>
          )}
        </span>
        <span className={ui['hint']}>
          {count(useful)} useful, {count(busy)} busy, {count(idle)} idle, {count(unknown)} unknown
        </span>
      </span>
    ),
  },
  { title: 'Useful', number: true, cell: ({ useful_share: share }) => percent(share === null ? null : share * 100, 1) },
  { title: 'Cost', number: true, cell: ({ cost }) => money(cost, currency) },
  { title: 'Wasted', number: true, cell: ({ waste_cost }) => money(waste_cost, currency) },
  { title: 'Held hour', number: true, cell: ({ cost_per_gpu_hour: cost }) => money(cost, currency, 2) },
  {
    title: 'Useful hour',
    number: true,
    cell: ({ cost_per_useful_gpu_hour: cost, reason }) =>
      cost === null ? (
        <span className={ui['hint']}>{reason ? WHY[reason] : NONE}</span>
      ) : (
        <b>{money(cost, currency, 2)}</b>
      ),
  },
  {
    title: 'By',
    tight: true,
    cell: ({ evidence }) =>
      evidence === null ? (
        NONE
      ) : (
        <Badge>{evidence === 'sm_activity' ? 'SM activity' : evidence === 'both' ? 'both' : 'utilisation'}</Badge>
      ),
  },
];
