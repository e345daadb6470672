import { useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import { useScreenKeys } from '../app/keys';
import { useMay } from '../data/role';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { Failed, Loading } from '../ui/states';
import { useZone } from '../ui/time';
import { AlertPane } from './alert-pane';
import { AlertRow } from './alert-row';
import css from './alerts.module.css';
import { BulkBar } from './bulk-bar';
import { chartOf } from './chart-link';
import { daysOf } from './days';
import { NoAlerts } from './no-alerts';
import { useInbox } from './use-inbox';
import type { AlertFilter } from './use-inbox';
import type { ViewId } from './views';

interface Props {
  readonly filter: AlertFilter;
  readonly view: ViewId;
  readonly filtered: boolean;
  /** The alert whose details stand beside the list. */
  readonly open: number | null;
  readonly onOpen: (id: number | null) => void;
  readonly onPage: (page: number) => void;
}

export function AlertList({ filter, view, filtered, open, onOpen, onPage }: Props) {
  const inbox = useInbox(filter, open);
  const { list, rows, cursor, selected, act } = inbox;
  const mayAct = useMay('operator');
  const place = useRef<HTMLDivElement>(null);
  const [, go] = useLocation();
  const search = useSearch();
  const zone = useZone();
  const step = (by: number) => {
    const to = inbox.move(by);
    if (to === null) return;
    if (open !== null) onOpen(to);
    const row = place.current?.querySelector<HTMLElement>(`[data-alert="${to}"]`);
    row?.querySelector('a')?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  };
  const back = () => (selected.size > 0 ? inbox.clear() : onOpen(null));
  const mark = (range: boolean) => cursor !== null && inbox.toggle(cursor, range);
  const chart = rows.find(({ id }) => id === (open ?? cursor));
  useScreenKeys('Alerts', [
    { key: 'j', what: 'The next alert', run: () => step(1) },
    { key: 'k', what: 'The alert before', run: () => step(-1) },
    { key: 'ArrowDown', what: 'The next alert, too', run: () => step(1) },
    { key: 'ArrowUp', what: 'The alert before, too', run: () => step(-1) },
    { key: 'Enter', what: 'Open it beside the list', run: () => onOpen(cursor ?? inbox.move(0)) },
    { key: 'u', what: 'Back to the list', run: () => onOpen(null) },
    { key: 'Escape', what: 'Select none; back to the list', run: back },
    ...(mayAct
      ? [
          { key: 'e', what: 'Acknowledge: somebody looks after it', run: () => act('acknowledge') },
          { key: 'r', what: 'Resolve it by hand', run: () => act('resolve') },
          { key: 'i', what: 'Ignore it until it was over', run: () => act('ignore') },
          { key: 'x', what: 'Select it', run: () => mark(false) },
          { key: 'shift+x', what: 'Select all from the last selected one to it', run: () => mark(true) },
          { key: 'shift+a', what: 'Select every alert of the list', run: inbox.selectAll },
        ]
      : []),
    { key: 'o', what: 'Open the chart at that moment', run: () => chart?.instance && go(chartOf(chart)!) },
    ...(mayAct
      ? [{ key: 'c', what: 'Write a comment', run: () => document.getElementById('alert-comment')?.focus() }]
      : []),
  ]);
  const hrefOf = (id: number) => {
    const next = new URLSearchParams(search);
    next.set('alert', String(id));
    return `/alerts?${next.toString()}`;
  };
  return (
    <div className={css['split']} data-open={open !== null} ref={place}>
      <div className={css['listSide']}>
        <Card>
          {list.isPending && <Loading lines={8} height={34} />}
          {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
          {list.isSuccess && rows.length === 0 && <NoAlerts view={view} filtered={filtered} />}
          {selected.size > 0 && <BulkBar inbox={inbox} />}
          <div role="status" aria-live="polite">
            {inbox.waiting > 0 && (
              <button type="button" className={css['letIn']} onClick={inbox.letIn}>
                Show {inbox.waiting === 1 ? 'a new alert' : `${inbox.waiting} new alerts`}
              </button>
            )}
          </div>
          {daysOf(rows, (row) => row.last_fired_at, zone).map(([day, alerts]) => (
            <section key={day}>
              <h2 className={css['day']}>{day}</h2>
              <ul>
                {alerts.map((alert) => (
                  <AlertRow
                    key={alert.id}
                    alert={alert}
                    to={hrefOf(alert.id)}
                    current={alert.id === (open ?? cursor)}
                    selected={selected.has(alert.id)}
                    left={inbox.left.has(alert.id)}
                    withStatus={view === 'all'}
                    onToggle={mayAct ? inbox.toggle : undefined}
                    onPoint={inbox.setCursor}
                  />
                ))}
              </ul>
            </section>
          ))}
        </Card>
        <Pager page={filter.page ?? 1} limit={filter.limit ?? 100} total={inbox.total} onPage={onPage} />
      </div>
      {open !== null && (
        <AlertPane key={open} id={open} busy={inbox.busy} onClose={() => onOpen(null)} onAct={inbox.act} />
      )}
    </div>
  );
}
