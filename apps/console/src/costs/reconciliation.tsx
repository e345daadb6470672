import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { NONE, count, money, signedMoney, signedPercent } from '../ui/format';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import ui from '../ui/ui.module.css';
import css from './costs.module.css';
import { dayWords } from './cost-window';
import type { Costs } from './overview';

type Whole = Schemas['CostReconciliation'];
type Row = Whole['totals'] & { readonly key: string; readonly name: string; readonly to?: string };

const VIEWS = [
  ['provider', 'By provider'],
  ['day', 'By day'],
  ['instance', 'By instance'],
] as const;
type View = (typeof VIEWS)[number][0];

/** What was metered and reported, held against what is billed. */
export function Reconciliation({ costs }: { readonly costs: Costs }) {
  const { cost_type: _, ...query } = costs.query;
  const view: View = VIEWS.find(([name]) => name === costs.search.get('compare'))?.[0] ?? 'provider';
  const loaded = useLoad(
    ['/api/costs', 'reconciliation', query],
    () => api.GET('/api/costs/reconciliation', { params: { query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  );
  const whole = loaded.data?.data;
  const hasBill =
    whole && [whole.totals.billed, whole.totals.provider_api, whole.totals.reported].some((of) => of !== null);
  return (
    <Card
      title="Metered against billed"
      hint={whole && `${dayWords(whole.start_date)} – ${dayWords(whole.end_date)}`}
      actions={
        <Choice
          label="Compare"
          value={view}
          options={VIEWS}
          onChange={(to) => costs.set({ compare: to === 'provider' ? null : to })}
        />
      }
    >
      {loaded.isPending && <Loading lines={5} />}
      {loaded.isError && <Failed error={loaded.error} retry={() => void loaded.refetch()} />}
      {whole && rowsOf(whole, view).length === 0 && (
        <Empty title="Nothing to compare in these days">
          <p>There is neither a metered nor a billed charge. Look at more days.</p>
        </Empty>
      )}
      {whole && rowsOf(whole, view).length > 0 && (
        <>
          {!hasBill && (
            <p className={css['below']}>
              Only Flotilla’s own metering tells what these days cost. Import a bill or read a provider’s cost
              interface, and the difference stands here.
            </p>
          )}
          <Table
            label="Metered against billed"
            rows={rowsOf(whole, view)}
            keyOf={({ key }) => key}
            columns={columnsOf(whole)}
          />
          {whole.replaced.record_count > 0 && (
            <p className={css['below']}>
              {money(whole.replaced.amount, whole.currency)} in {count(whole.replaced.record_count)} charges is kept and
              not counted, because a better source tells the same.
            </p>
          )}
        </>
      )}
    </Card>
  );
}

function rowsOf(whole: Whole, view: View): readonly Row[] {
  if (view === 'day') {
    return [...whole.by_day].reverse().map((one) => ({
      ...one,
      key: `${one.date} ${one.cloud_provider}`,
      name: `${dayWords(one.date)}, ${one.cloud_provider}`,
    }));
  }
  if (view === 'instance') {
    return whole.by_instance.map((one) => ({
      ...one,
      key: String(one.id),
      name: one.name ?? one.instance_id,
      to: `/instances/${one.id}`,
    }));
  }
  return whole.by_provider.map((one) => ({ ...one, key: one.cloud_provider, name: one.cloud_provider }));
}

const columnsOf = ({ currency }: Whole): readonly Column<Row>[] => [
  {
    title: 'Of',
    cell: ({ name, to }) =>
      to === undefined ? (
        <bdi>{name}</bdi>
      ) : (
        <Link href={to} className="name">
          {name}
        </Link>
      ),
  },
  { title: 'Metered', number: true, cell: ({ metered }) => money(metered, currency) },
  { title: 'Reported', number: true, cell: ({ reported }) => money(reported, currency) },
  { title: 'Cost interface', number: true, cell: ({ provider_api: told }) => money(told, currency) },
  { title: 'Billed', number: true, cell: ({ billed }) => money(billed, currency) },
  {
    title: 'Difference',
    number: true,
    cell: ({ difference, difference_percent: part }) =>
      difference === null ? (
        <span className={ui['hint']}>{NONE}</span>
      ) : (
        <>
          {signedMoney(difference, currency, 2)} <span className={css['changeShare']}>{signedPercent(part, 2)}</span>
        </>
      ),
  },
];
