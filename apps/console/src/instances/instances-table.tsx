import { useMemo, useRef, useState } from 'react';
import type { RefObject } from 'react';
import { useScreenKeys } from '../app/keys';
import { api, useLoad } from '../data/api';
import { useMay } from '../data/role';
import { tagKeys } from '../fleet-map/gpus';
import type { FleetAnswer } from '../fleet-map/gpus';
import { useAddress } from '../ui/address';
import { count } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Choice } from '../ui/tabs';
import { ColumnPicker } from './column-picker';
import { DEFAULT_COLUMNS, columnIds, columnsOf, columnsText, nameOf } from './columns';
import type { Instance } from './columns';
import { everyMatch, matchesOf } from './every-match';
import type { Chosen } from './every-match';
import css from './instances-table.module.css';
import { FILTERS, InstanceFilters, queryOf } from './instances-filters';
import type { InstanceQuery } from './instances-filters';
import { perInstance } from './per-instance';
import { PowerMany } from './power-many';
import { SelectionBar } from './selection-bar';
import { useSelection } from './use-selection';
import type { RowSelection } from './use-selection';

const PAGE = 50;
const SPANS = [
  ['1h', '1 hour'],
  ['24h', '24 hours'],
] as const;
type SpanOf = (typeof SPANS)[number][0];
const HEADING: Readonly<Record<SpanOf, string>> = { '1h': 'Last hour', '24h': 'Last day' };

interface Props {
  /** Only these, in this order; undefined: all that the filters let through. */
  readonly ids: readonly number[] | undefined;
  /** From which the filters know what there is to choose from, and cells what is so now. */
  readonly fleet: FleetAnswer | undefined;
}

/** The instances in rows: what the map shows, for reading, sorting, choosing. */
export function InstancesTable({ ids, fleet }: Props) {
  const [address, set] = useAddress({ ...FILTERS, sort: 'id', page: '1', cols: DEFAULT_COLUMNS, line: '1h' });
  const page = Math.max(1, Number(address.page) || 1);
  const { query, list, rows, total } = useRows(address, page, ids);
  const selection = useSelection<Chosen>(rows);
  const [power, setPower] = useState<'start' | 'stop'>();
  const mayAct = useMay('operator');
  const place = useRef<HTMLDivElement>(null);
  const current = useTableKeys(rows, selection, mayAct, place);
  const span: SpanOf = address.line === '24h' ? '24h' : '1h';
  const shown = useMemo(() => columnIds(address.cols), [address.cols]);
  const lines = useLines(rows, span, shown.includes('line'));
  const now = useMemo(() => perInstance(fleet), [fleet]);
  const columns = useMemo(() => columnsOf(shown, { lines, now, span: HEADING[span] }), [shown, lines, now, span]);
  const tags = useMemo(() => (fleet ? tagKeys(fleet) : []), [fleet]);
  const every = rows.length > 0 && rows.every(({ id }) => selection.chosen.has(id));
  return (
    <Card
      title="Instances"
      hint={ids ? `${count(ids.length)} with such GPUs` : list.isSuccess ? count(total) : undefined}
      actions={
        <>
          {shown.includes('line') && (
            <Choice label="Span of the lines" value={span} options={SPANS} onChange={(line) => set({ line })} />
          )}
          <ColumnPicker
            {...{ ids: shown, tagKeys: tags, isDefault: address.cols === DEFAULT_COLUMNS }}
            onChange={(cols) => set({ cols: columnsText(cols) })}
            onReset={() => set({ cols: null })}
          />
        </>
      }
    >
      <InstanceFilters address={address} onChange={(change) => set({ ...change, page: null })} fleet={fleet} />
      {mayAct && selection.chosen.size > 0 && (
        <SelectionBar
          {...{ rows, total, selection }}
          onEvery={() => (ids && fleet ? Promise.resolve(matchesOf(fleet, ids)) : everyMatch(query))}
          onPower={setPower}
        />
      )}
      {list.isPending && ids?.length !== 0 && <Loading lines={10} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {(ids?.length === 0 || list.isSuccess) && rows.length === 0 && (
        <Empty title="No instance fits">
          <p>{ids ? 'No GPU does that now.' : 'Take a filter away, or search for less.'}</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <div ref={place}>
          <Table
            label="Instances"
            {...{ rows, columns, current }}
            keyOf={(row) => row.id}
            {...(ids ? {} : { sort: address.sort, onSort: (sort: string) => set({ sort, page: null }) })}
            {...(mayAct && {
              selection: {
                has: (id: number) => selection.chosen.has(id),
                toggle: selection.toggle,
                label: (id: number) => `Choose ${nameOf(rows.find((row) => row.id === id)!)}`,
                all: {
                  label: 'Choose every instance of this page',
                  has: every,
                  toggle: () => (every ? selection.remove(rows) : selection.add(rows)),
                },
              },
            })}
          />
        </div>
      )}
      {total > PAGE && (
        <div className={css['foot']}>
          <Pager {...{ page, total, limit: PAGE }} onPage={(to) => set({ page: String(to) }, { push: true })} />
        </div>
      )}
      {power && (
        <PowerMany
          kind={power}
          instances={[...selection.chosen.values()].filter(
            (row) => row.state === (power === 'stop' ? 'running' : 'stopped'),
          )}
          onClose={() => setPower(undefined)}
          onDone={selection.clear}
        />
      )}
    </Card>
  );
}

type Address = Parameters<typeof queryOf>[0] & { readonly sort: string };

/** One page of what is looked for. */
function useRows(address: Address, page: number, ids: readonly number[] | undefined) {
  const query = useMemo<InstanceQuery>(() => {
    // those of a number on top come in its own order, filtered already, a page of ids at a time; asked for in the order of
    // their numbers, so that a new order alone is no new question
    const these = ids?.slice((page - 1) * PAGE, page * PAGE).sort((a, b) => a - b);
    if (these) return { limit: PAGE, ids: these };
    return { ...queryOf(address), limit: PAGE, page, sort: address.sort as NonNullable<InstanceQuery['sort']> };
  }, [address, ids, page]);
  const list = useLoad(['/api/instances', query], () => api.GET('/api/instances', { params: { query } }), {
    placeholderData: (before) => before,
    refetchInterval: 30_000,
    // pages that nobody looks at any more
    gcTime: 60_000,
    enabled: ids?.length !== 0,
  });
  const rows = useMemo((): readonly Instance[] => {
    if (!ids) return list.data?.data ?? [];
    const places = new Map(ids.map((id, i) => [id, i]));
    const found = ids.length === 0 ? [] : (list.data?.data ?? []);
    return found.filter(({ id }) => places.has(id)).sort((a, b) => places.get(a.id)! - places.get(b.id)!);
  }, [list.data, ids]);
  return { query, list, rows, total: ids ? ids.length : (list.data?.pagination.total ?? 0) };
}

/** What each row did of late, asked for together. */
function useLines(rows: readonly Instance[], span: SpanOf, enabled: boolean) {
  const ids = useMemo(() => rows.map((row) => row.id).sort((a, b) => a - b), [rows]);
  const hours = span === '24h' ? 24 : 1;
  const lines = useLoad(
    // not under /api/stats: an instance that changes makes the lines of all no older
    ['/api/sparklines', hours, ids],
    () => api.GET('/api/stats/sparklines', { params: { query: { ids, hours } } }),
    {
      enabled: enabled && ids.length > 0,
      // a minute changes nothing in a line of a day
      staleTime: hours * 60_000,
      refetchInterval: Math.min(600_000, hours * 60_000),
      gcTime: 60_000,
      placeholderData: (before) => before,
    },
  );
  return useMemo(
    () => new Map((lines.data?.data.instances ?? []).map((one) => [one.id, one.gpu_utilization])),
    [lines.data],
  );
}

/** As in the inbox of alerts: j and k move, x selects. @returns the row that the keys stand on */
function useTableKeys(
  rows: readonly Instance[],
  selection: RowSelection<Chosen>,
  mayAct: boolean,
  place: RefObject<HTMLElement | null>,
): number | undefined {
  const [cursor, setCursor] = useState<number>();
  const at = rows.findIndex(({ id }) => id === cursor);
  const step = (by: number) => {
    const to = rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + by))];
    if (!to) return;
    setCursor(to.id);
    const link = place.current?.querySelector<HTMLElement>(`a[href="/instances/${to.id}"]`);
    link?.focus({ preventScroll: true });
    link?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  };
  const mark = (range: boolean) => at >= 0 && selection.toggle(rows[at]!.id, range);
  useScreenKeys('Fleet', [
    { key: 'j', what: 'The next instance; Enter opens it', run: () => step(1) },
    { key: 'k', what: 'The instance before', run: () => step(-1) },
    ...(mayAct
      ? [
          { key: 'x', what: 'Select it', run: () => mark(false) },
          { key: 'shift+x', what: 'Select all from the last selected one to it', run: () => mark(true) },
          { key: 'shift+a', what: 'Select every instance of the page', run: () => selection.add(rows) },
          { key: 'Escape', what: 'Select none', run: selection.clear },
        ]
      : []),
  ]);
  return at < 0 ? undefined : cursor;
}
