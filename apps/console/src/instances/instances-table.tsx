import { Play, Square } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Link } from 'wouter';
import { Sparkline } from '../charts/sparkline';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import type { FleetAnswer } from '../fleet-map/gpus';
import { useAddress } from '../ui/address';
import { StateBadge } from '../ui/badge';
import { Button } from '../ui/button';
import { NONE, celsius, count, money, percent } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import type { Column } from '../ui/table';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './instances-table.module.css';
import { FILTERS, InstanceFilters, queryOf } from './instances-filters';
import type { InstanceQuery } from './instances-filters';
import { PowerMany } from './power-many';
import { useSelection } from './use-selection';

type Instance = Schemas['Instance'];
const PAGE = 50;

interface Props {
  /** Only these, in this order; undefined: all that the filters let through. */
  readonly ids: readonly number[] | undefined;
  /** From which the filters know what there is to choose from. */
  readonly fleet: FleetAnswer | undefined;
}

/** The instances in rows: what the map shows, for reading, sorting, choosing. */
export function InstancesTable({ ids, fleet }: Props) {
  const [address, setAddress] = useAddress({ ...FILTERS, sort: 'id', page: '1' });
  const page = Math.max(1, Number(address.page) || 1);
  const query = useMemo<InstanceQuery>(() => {
    // those of a number on top come in its own order, filtered already, a page of ids at a time
    if (ids) return { limit: PAGE, ids: [...ids.slice((page - 1) * PAGE, page * PAGE)] };
    return { ...queryOf(address), limit: PAGE, page, sort: address.sort as NonNullable<InstanceQuery['sort']> };
  }, [address, ids, page]);
  const isNone = ids?.length === 0;
  const list = useLoad(['/api/instances', query], () => api.GET('/api/instances', { params: { query } }), {
    placeholderData: (before) => before,
    refetchInterval: 30_000,
    enabled: !isNone,
  });
  const rows = useMemo(() => {
    const found = isNone ? [] : (list.data?.data ?? []);
    return ids ? [...found].sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id)) : found;
  }, [list.data, ids, isNone]);
  const total = ids ? ids.length : (list.data?.pagination.total ?? 0);
  const lines = useLines(rows);
  const selection = useSelection(useMemo(() => rows.map((row) => row.id), [rows]));
  const [power, setPower] = useState<'start' | 'stop'>();
  const mayAct = useMay('operator');
  const chosen = rows.filter((row) => selection.chosen.has(row.id));
  const columns = useMemo(() => columnsOf(lines), [lines]);
  return (
    <Card
      title="Instances"
      hint={ids ? `${count(ids.length)} with such GPUs` : list.isSuccess ? count(total) : undefined}
      actions={
        <InstanceFilters address={address} onChange={(change) => setAddress({ ...change, page: null })} fleet={fleet} />
      }
    >
      {mayAct && selection.chosen.size > 0 && (
        <div className={css['bulk']} role="toolbar" aria-label="What to do with the chosen ones">
          <strong>{count(chosen.length)} chosen</strong>
          <Button onClick={() => setPower('stop')} disabled={!chosen.some((row) => row.state === 'running')}>
            <Square size={14} aria-hidden /> Stop …
          </Button>
          <Button onClick={() => setPower('start')} disabled={!chosen.some((row) => row.state === 'stopped')}>
            <Play size={14} aria-hidden /> Start …
          </Button>
          <Button look="quiet" onClick={() => selection.set(rows.map((row) => row.id))}>
            Choose the page
          </Button>
          <Button look="quiet" onClick={() => selection.set([])}>
            Choose none
          </Button>
        </div>
      )}
      {list.isPending && !isNone && <Loading lines={10} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {(isNone || list.isSuccess) && rows.length === 0 && (
        <Empty title="No instance fits">
          <p>{ids ? 'No GPU does that now.' : 'Take a filter away, or search for less.'}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          label="Instances"
          {...{ rows, columns }}
          keyOf={(row) => row.id}
          {...(ids ? {} : { sort: address.sort, onSort: (sort: string) => setAddress({ sort, page: null }) })}
          {...(mayAct && {
            selection: {
              has: (id: number) => selection.chosen.has(id),
              toggle: selection.toggle,
              label: (id: number) => `Choose ${nameOf(rows.find((row) => row.id === id)!)}`,
            },
          })}
        />
      )}
      {total > PAGE && (
        <div className={css['foot']}>
          <Pager {...{ page, total, limit: PAGE }} onPage={(to) => setAddress({ page: String(to) }, { push: true })} />
        </div>
      )}
      {power && (
        <PowerMany
          kind={power}
          instances={chosen.filter((row) => row.state === (power === 'stop' ? 'running' : 'stopped'))}
          onClose={() => setPower(undefined)}
          onDone={() => selection.set([])}
        />
      )}
    </Card>
  );
}

const nameOf = (row: Instance) => row.name ?? row.instance_id;

/** The last hour of each row, asked for together. */
function useLines(rows: readonly Instance[]): ReadonlyMap<number, readonly (number | null)[]> {
  const ids = useMemo(() => rows.map((row) => row.id), [rows]);
  const lines = useLoad(
    ['/api/stats/sparklines', ids],
    () => api.GET('/api/stats/sparklines', { params: { query: { ids, hours: 1 } } }),
    { enabled: ids.length > 0, refetchInterval: 60_000, placeholderData: (before) => before },
  );
  return useMemo(
    () => new Map((lines.data?.data.instances ?? []).map((one) => [one.id, one.gpu_utilization])),
    [lines.data],
  );
}

const columnsOf = (lines: ReadonlyMap<number, readonly (number | null)[]>): readonly Column<Instance>[] => [
  {
    ...{ title: 'Instance', sort: 'name' },
    cell: (row) => (
      <span className={css['name']}>
        <Link href={`/instances/${row.id}`} className="name">
          {nameOf(row)}
        </Link>
        <span className={`${ui['hint']} name`}>{row.instance_type ?? row.cloud_provider}</span>
      </span>
    ),
  },
  { title: 'State', sort: 'state', cell: (row) => <StateBadge state={row.state} /> },
  {
    ...{ title: 'GPUs', tight: true },
    cell: (row) => (
      <>
        {row.gpu_count ?? NONE} {row.gpu_type && <span className={ui['hint']}>× {row.gpu_type}</span>}
      </>
    ),
  },
  {
    title: 'Utilisation, last hour',
    cell: (row) => (
      <span className={css['line']}>
        <span>{percent(row.latest?.gpu_utilization)}</span>
        <Sparkline values={lines.get(row.id) ?? []} min={0} max={100} width={120} />
      </span>
    ),
  },
  { title: 'Memory', number: true, cell: (row) => percent(row.latest?.memory_utilization) },
  { title: 'Hottest', number: true, cell: (row) => celsius(row.latest?.temperature) },
  { title: 'An hour', sort: 'hourly_cost', number: true, cell: (row) => money(row.hourly_cost, row.currency) },
  { title: 'Region', sort: 'region', tight: true, cell: (row) => row.region ?? NONE },
  { title: 'Seen', sort: 'last_seen_at', tight: true, cell: (row) => <Time at={row.last_seen_at} relative /> },
];
