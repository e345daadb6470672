import { Check, Keyboard, X } from 'lucide-react';
import { useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { useScreenKeys } from '../app/keys';
import { api, useLoad } from '../data/api';
import { useMay } from '../data/role';
import { Button } from '../ui/button';
import { count } from '../ui/format';
import { Card } from '../ui/page';
import css from './actions.module.css';
import queue from './queue.module.css';
import { DecideMany } from './decide-many';
import { DecideOne, OnePending } from './one-pending';

const SHOWN = 6;
type Decision = 'approve' | 'reject';

/** What waits for a person; that which expires first stands first. Worked through with the keys, as the alerts are. */
export function PendingApprovals() {
  const asked = { status: ['pending_approval' as const], limit: 100 };
  const list = useLoad(['/api/actions', 'pending'], () => api.GET('/api/actions', { params: { query: asked } }), {
    refetchInterval: 30_000,
  });
  const mayDecide = useMay('operator');
  const [all, setAll] = useState(false);
  const [cursor, setCursor] = useState<{ readonly id: string; readonly at: number } | null>(null);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [one, setOne] = useState<{ readonly id: string; readonly decision: Decision } | null>(null);
  const [many, setMany] = useState<Decision | null>(null);
  const place = useRef<HTMLUListElement>(null);
  const [, go] = useLocation();
  const waiting = [...(list.data?.data ?? [])].sort((a, b) => Date.parse(a.deadline) - Date.parse(b.deadline));
  const shown = all ? waiting : waiting.slice(0, SHOWN);
  const chosen = waiting.filter(({ id }) => selected.has(id));
  const at = shown.findIndex(({ id }) => id === cursor?.id);
  const step = (by: number) => {
    // where the one that was decided stood, the next one stands now
    const next = Math.min(shown.length - 1, Math.max(0, at < 0 ? (cursor?.at ?? 0) : at + by));
    const to = shown[next];
    if (!to) return;
    setCursor({ id: to.id, at: next });
    const row = place.current?.querySelector<HTMLElement>(`[data-action="${to.id}"]`);
    row?.querySelector('a')?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: 'nearest' });
  };
  const decide = (decision: Decision) => {
    if (!mayDecide) return;
    if (chosen.length > 0) setMany(decision);
    else if (at >= 0) setOne({ id: shown[at]!.id, decision });
  };
  const toggle = (id: string) => {
    const next = new Set(selected);
    if (!next.delete(id)) next.add(id);
    setSelected(next);
    setCursor({ id, at: shown.findIndex((one) => one.id === id) });
  };
  useScreenKeys('Waiting for a decision', [
    { key: 'j', what: 'The next one that waits', run: () => step(1) },
    { key: 'k', what: 'The one before', run: () => step(-1) },
    { key: 'Enter', what: 'Open it', run: () => at >= 0 && go(`/actions/${shown[at]!.id}`) },
    ...(mayDecide
      ? [
          { key: 'a', what: 'Approve it, or all that are selected', run: () => decide('approve') },
          { key: 'd', what: 'Reject it, or all that are selected', run: () => decide('reject') },
          { key: 'x', what: 'Select it', run: () => at >= 0 && toggle(shown[at]!.id) },
          { key: 'Escape', what: 'Select none', run: () => setSelected(new Set()) },
        ]
      : []),
  ]);
  if (waiting.length === 0 && many === null && one === null) return null;
  return (
    <Card
      title="Waiting for a decision"
      hint={`${count(list.data?.pagination.total ?? waiting.length)}, the ones that expire first on top`}
      actions={
        <>
          {mayDecide && (
            <span className={queue['keysHint']}>
              <Keyboard size={15} aria-hidden /> <kbd>j</kbd> <kbd>k</kbd> move <kbd>a</kbd> approve <kbd>d</kbd> reject{' '}
              <kbd>x</kbd> select
            </span>
          )}
          {waiting.length > SHOWN && (
            <Button look="quiet" onClick={() => setAll(!all)}>
              {all ? 'Show fewer' : `Show all ${count(waiting.length)}`}
            </Button>
          )}
        </>
      }
    >
      {chosen.length > 0 && (
        <div className={queue['bulk']} role="region" aria-label="Selected actions">
          <strong>{count(chosen.length)} selected</strong>
          <Button look="primary" onClick={() => setMany('approve')}>
            <Check size={15} aria-hidden /> Approve {count(chosen.length)}
          </Button>
          <Button onClick={() => setMany('reject')}>
            <X size={15} aria-hidden /> Reject {count(chosen.length)}
          </Button>
          {chosen.length < shown.length && (
            <Button look="quiet" onClick={() => setSelected(new Set(shown.map(({ id }) => id)))}>
              Select all {count(shown.length)}
            </Button>
          )}
          <Button look="quiet" onClick={() => setSelected(new Set())}>
            Select none
          </Button>
        </div>
      )}
      <ul className={css['pending']} ref={place}>
        {shown.map((action) => (
          <li key={action.id} data-action={action.id} data-current={action.id === cursor?.id}>
            <OnePending
              action={action}
              selected={selected.has(action.id)}
              onToggle={mayDecide ? () => toggle(action.id) : undefined}
              onDecide={(decision) => setOne({ id: action.id, decision })}
            />
          </li>
        ))}
      </ul>
      {one && <DecideOne key={one.id} {...one} onClose={() => setOne(null)} />}
      {many && (
        <DecideMany
          actions={chosen}
          decision={many}
          onClose={() => setMany(null)}
          onDecided={(ids) => setSelected(new Set([...selected].filter((id) => !ids.includes(id))))}
        />
      )}
    </Card>
  );
}
