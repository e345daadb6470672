import { useState } from 'react';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { toast } from '../ui/toast';
import { afterLeaving, between, moved, settle, without } from './inbox';
import type { Inbox } from './inbox';
import { outcome } from './views';
import type { Operation } from './views';

export type Alert = Schemas['Alert'];
export type AlertFilter = NonNullable<
  import('@flotilla/api-client').operations['Alerts_findAll']['parameters']['query']
>;

/**
 * The alerts that fit a filter, worked through from the top. Give the component that uses it a `key` of the filter:
 * another filter is another inbox.
 *
 * @param open the one that is looked at: dealing with it does not take it away
 */
export function useInbox(filter: AlertFilter, open: number | null) {
  const list = useLoad(['/api/alerts', filter], () => api.GET('/api/alerts', { params: { query: filter } }), {
    refetchInterval: 60_000,
  });
  const [inbox, setInbox] = useState<Inbox<Alert>>();
  const [answer, setAnswer] = useState<readonly Alert[]>();
  const [cursor, setCursor] = useState<number | null>(open);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<number>>(new Set());
  if (list.data && list.data.data !== answer) {
    setAnswer(list.data.data);
    setInbox(settle(inbox, list.data.data));
  }
  const rows = inbox?.rows ?? [];
  const bulk = useSend(
    (body: { operation: Operation; alert_ids: number[]; comment: string | null }) =>
      api.POST('/api/alerts/bulk', { body }),
    ['/api/alerts', '/api/alert-rules'],
  );
  const targets = selected.size > 0 ? [...selected] : cursor === null ? [] : [cursor];
  const act = (operation: Operation, ids: readonly number[] = targets, comment: string | null = null) => {
    if (ids.length === 0 || bulk.isPending) return;
    bulk.mutate(
      { operation, alert_ids: [...ids], comment },
      {
        onSuccess: ({ data }) => {
          const gone = new Set([...data.changed, ...data.not_found].filter((id) => id !== open));
          setCursor(afterLeaving(rows, cursor, gone));
          setInbox((now) => now && without(now, gone, open));
          setSelected(new Set());
          toast.say(outcome(operation, data));
        },
        onError: toast.failed,
      },
    );
  };
  const toggle = (id: number, range: boolean) => {
    const ids = range ? between(rows, anchor ?? cursor, id) : [id];
    const adds = range || !selected.has(id);
    const next = new Set(selected);
    for (const one of ids) {
      if (adds) next.add(one);
      else next.delete(one);
    }
    setSelected(next);
    setAnchor(id);
    setCursor(id);
  };
  return {
    list,
    rows,
    cursor,
    setCursor,
    selected,
    toggle,
    act,
    targets,
    busy: bulk.isPending,
    left: inbox?.left ?? new Set<number>(),
    waiting: inbox?.waiting.length ?? 0,
    total: list.data?.pagination.total ?? 0,
    /** @returns the row that the mark stands on now */
    move: (step: number): number | null => {
      const to = moved(rows, cursor, step);
      setCursor(to);
      return to;
    },
    selectAll: () => setSelected(new Set(rows.map(({ id }) => id))),
    clear: () => setSelected(new Set()),
    letIn: () => {
      if (answer) setInbox(settle(undefined, answer));
    },
  };
}
