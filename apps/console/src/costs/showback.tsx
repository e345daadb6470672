import { useState } from 'react';
import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { Select } from '../ui/field';
import { count, money } from '../ui/format';
import { Card } from '../ui/page';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import ui from '../ui/ui.module.css';
import { Share } from './breakdown-table';
import css from './costs.module.css';
import { useDimensions } from './filters';
import { chargesOf } from './overview';
import type { Costs } from './overview';

type Showback = Schemas['Showback'];
type Value = Showback['values'][number];

/** What each team (or any other tag) has to answer for: its own charges, and its part of what is shared. */
export default function ShowbackPart({ costs }: { readonly costs: Costs }) {
  const key = costs.search.get('key') ?? 'team';
  const [open, setOpen] = useState<string>();
  const tags = useDimensions(costs.query).flatMap(([name]) => (name.startsWith('tag:') ? [name.slice(4)] : []));
  const query = { ...costs.query, key };
  const loaded = useLoad(
    ['/api/costs', 'showback', query],
    () => api.GET('/api/costs/showback', { params: { query } }),
    { placeholderData: (before) => before, staleTime: 60_000 },
  );
  if (loaded.isError) return <Failed error={loaded.error} retry={() => void loaded.refetch()} />;
  if (!loaded.data) return <Loading lines={10} />;
  const showback = loaded.data.data;
  const { currency, total_cost: total, unallocated } = showback;
  const names = new Map(showback.shared.map(({ rule_id, name }) => [rule_id, name]));
  const columns: readonly Column<Value>[] = [
    {
      title: key,
      cell: ({ value }) => (
        <Link href={chargesOf(costs, `tag:${key}`, value)} className="name">
          {value}
        </Link>
      ),
    },
    { title: 'Its own', number: true, cell: ({ direct_cost }) => money(direct_cost, currency) },
    {
      title: 'Allocated shared cost',
      number: true,
      cell: ({ value, shared, shared_cost }) =>
        shared.length === 0 ? (
          money(shared_cost, currency)
        ) : (
          <button
            type="button"
            className={css['textNumber']}
            aria-expanded={open === value}
            onClick={() => setOpen(open === value ? undefined : value)}
          >
            {money(shared_cost, currency)}
          </button>
        ),
    },
    { title: 'Total', number: true, cell: ({ total_cost }) => <b>{money(total_cost, currency)}</b> },
    { title: 'Share', cell: ({ total_cost }) => <Share value={total_cost} of={total} /> },
    { title: 'Charges', number: true, cell: ({ record_count }) => count(record_count) },
  ];
  const shares = showback.values.find(({ value }) => value === open)?.shared;
  return (
    <>
      <Card
        title="Showback"
        hint={`${money(total, currency)}, every charge with somebody or with nobody`}
        actions={
          <Select
            label="Tag"
            value={key}
            options={[...new Set(['team', key, ...tags])].map((tag) => [tag, `By ${tag}`])}
            onChange={(to) => costs.set({ key: to === 'team' ? null : to })}
          />
        }
      >
        {showback.values.length === 0 ? (
          <Empty title={`No charge carries the tag ${key}`}>
            <p>Tag instances where they are made, choose another tag, or share cost out by a rule.</p>
          </Empty>
        ) : (
          <Table
            label={`Showback by ${key}`}
            rows={showback.values}
            keyOf={({ value }) => value}
            columns={columns}
            current={open}
            foot={
              <>
                <tr>
                  <td>
                    <Link href={chargesOf(costs, `tag:${key}`, null)} className={css['nobody']}>
                      Belongs to nobody
                    </Link>
                  </td>
                  <td />
                  <td />
                  <td className={ui['number']}>
                    <b>{money(unallocated.total_cost, currency)}</b>
                  </td>
                  <td>
                    <Share value={unallocated.total_cost} of={total} />
                  </td>
                  <td className={ui['number']}>{count(unallocated.record_count)}</td>
                </tr>
                <tr className={css['total']}>
                  <td>Total</td>
                  <td className={ui['number']}>{money(summed(showback, 'direct_cost'), currency)}</td>
                  <td className={ui['number']}>{money(summed(showback, 'shared_cost'), currency)}</td>
                  <td className={ui['number']}>{money(total, currency)}</td>
                  <td />
                  <td />
                </tr>
              </>
            }
          />
        )}
      </Card>
      {open !== undefined && shares && (
        <Card title={<bdi>{open}</bdi>} hint="its parts of what is shared" padded>
          <ul className={css['stack']}>
            {shares.map(({ rule_id, amount }) => (
              <li key={rule_id} className={css['ends']}>
                <bdi>{names.get(rule_id) ?? `Rule ${rule_id}`}</bdi>
                <b>{money(amount, currency)}</b>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Shared showback={showback} />
    </>
  );
}

const summed = ({ values }: Showback, of: 'direct_cost' | 'shared_cost') =>
  values.reduce((sum, value) => sum + value[of], 0);

const METHODS = { even: 'the same for each', weighted: 'by weights', by_usage: 'by use' } as const;

function Shared({ showback }: { readonly showback: Showback }) {
  return (
    <Card
      title="What is shared, and how"
      actions={<Link href="/costs?tab=rules">Rules of allocation</Link>}
      padded={showback.shared.length === 0}
    >
      {showback.shared.length === 0 ? (
        <p className={ui['hint']}>
          No rule shares cost out by <bdi>{showback.key}</bdi>: support, networks and untagged storage stay with nobody.
        </p>
      ) : (
        <Table
          label="Rules that shared cost out"
          rows={showback.shared}
          keyOf={({ rule_id }) => rule_id}
          columns={[
            { title: 'Rule', cell: ({ name }) => <bdi>{name}</bdi> },
            { title: 'How', cell: ({ method }) => METHODS[method] },
            {
              title: 'To whom',
              cell: ({ allocated }) => (allocated ? 'shared out' : 'found nobody: it stays with nobody'),
            },
            { title: 'Charges', number: true, cell: ({ record_count }) => count(record_count) },
            { title: 'Took', number: true, cell: ({ total_cost }) => money(total_cost, showback.currency) },
          ]}
        />
      )}
    </Card>
  );
}
