import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { Badge, Simulated } from '../ui/badge';
import { Button } from '../ui/button';
import { NONE, count, decimal, money } from '../ui/format';
import kit from '../ui/kit.module.css';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import ui from '../ui/ui.module.css';
import css from './costs.module.css';
import { dayWords, windowWords } from './cost-window';
import { valueWords } from './groups';
import type { Costs, Summary } from './overview';

type Cost = Schemas['Cost'];
const PAGE = 50;

/** The rows behind a number: every charge that the filters leave, newest day first. */
export default function Charges({ costs, summary }: { readonly costs: Costs; readonly summary: Summary | undefined }) {
  const cursor = costs.search.get('cursor') ?? undefined;
  const asked = { ...costs.query, limit: PAGE, ...(cursor !== undefined && { cursor }) };
  const list = useLoad(['/api/costs', 'list', asked], () => api.GET('/api/costs', { params: { query: asked } }), {
    placeholderData: (before) => before,
  });
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  if (!list.data) return <Loading lines={12} />;
  const { data: rows, pagination } = list.data;
  return (
    <Card
      title={summary ? money(summary.total_cost, summary.currency) : 'Charges'}
      hint={
        <>
          {windowWords(costs.window)}
          {summary && ` · ${count(summary.record_count)} charges`}
          {summary && summary.estimated_cost !== 0 && ` · ${money(summary.estimated_cost, summary.currency)} estimated`}
        </>
      }
    >
      {rows.length === 0 ? (
        <Empty title="No charge fits">
          <p>Take a filter away, or look at more days.</p>
        </Empty>
      ) : (
        <Table label="Charges" rows={rows} keyOf={({ id }) => id} columns={COLUMNS} />
      )}
      {(pagination.has_more || cursor !== undefined) && (
        <div className={`${kit['pager']} ${css['pager']}`}>
          <span className={ui['hint']}>{cursor === undefined ? `The newest ${count(rows.length)}` : 'Older ones'}</span>
          <span className={kit['grow']} />
          <Button disabled={cursor === undefined} onClick={() => costs.set({ cursor: null })}>
            To the newest
          </Button>
          <Button
            disabled={!pagination.next_cursor}
            onClick={() => costs.set({ cursor: pagination.next_cursor ?? null }, true)}
          >
            Older
          </Button>
        </div>
      )}
    </Card>
  );
}

const COLUMNS: readonly Column<Cost>[] = [
  { title: 'Day', tight: true, cell: ({ date }) => dayWords(date) },
  {
    title: 'What',
    cell: (cost) => (
      <span className={css['what']}>
        <span className="name">
          {cost.instance_id ? (
            <Link href={`/?search=${encodeURIComponent(cost.instance_id)}`}>{cost.instance_id}</Link>
          ) : (
            (cost.resource_id ?? cost.service)
          )}
        </span>
        <span className={ui['hint']}>
          <bdi>
            {[cost.resource_id || cost.instance_id ? cost.service : null, cost.instance_type, cost.region]
              .filter(Boolean)
              .join(' · ')}
          </bdi>
        </span>
      </span>
    ),
  },
  { title: 'Provider', tight: true, cell: ({ cloud_provider }) => cloud_provider },
  {
    title: 'Tags',
    cell: ({ tags }) => (
      <span className={css['tags']}>
        {Object.entries(tags).length === 0 && NONE}
        {Object.entries(tags)
          .slice(0, 4)
          .map(([key, value]) => (
            <span key={key} className={css['tag']} title={`${key}: ${value}`}>
              <bdi>{key}</bdi>: <bdi>{value}</bdi>
            </span>
          ))}
        {Object.keys(tags).length > 4 && <span className={ui['hint']}>and {Object.keys(tags).length - 4} more</span>}
      </span>
    ),
  },
  {
    title: 'Used',
    number: true,
    cell: ({ usage_quantity, usage_unit }) =>
      usage_quantity === null ? NONE : `${decimal(usage_quantity, 2)} ${usage_unit ?? ''}`,
  },
  {
    title: 'Source',
    tight: true,
    cell: ({ origin, estimated, simulated, charge_category }) => (
      <span className={css['tags']}>
        <span title={valueWords('origin', origin)}>{ORIGIN[origin]}</span>
        {estimated && <Badge tone="warn">estimated</Badge>}
        {charge_category !== 'Usage' && <Badge>{charge_category.toLowerCase()}</Badge>}
        {simulated && <Simulated />}
      </span>
    ),
  },
  {
    title: 'Cost',
    number: true,
    cell: ({ amount, currency, converted_amount }) => (
      <>
        {money(amount, currency, 2)}
        {converted_amount === null && (
          <>
            {' '}
            <Badge tone="warn">no rate</Badge>
          </>
        )}
      </>
    ),
  },
];

const ORIGIN: Readonly<Record<Cost['origin'], string>> = {
  bill: 'bill',
  provider_api: 'provider',
  reported: 'reported',
  metered: 'metered',
};
