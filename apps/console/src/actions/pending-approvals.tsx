import { Check, X } from 'lucide-react';
import { useState, useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { sessions } from '../data/session';
import { Simulated } from '../ui/badge';
import { Button } from '../ui/button';
import { count, duration } from '../ui/format';
import { Card } from '../ui/page';
import { Time, useNow } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './actions.module.css';
import { deedOf } from './action-words';
import type { Action } from './action-words';
import { DecideDialog } from './decide-dialog';
import type { Decision } from './decide-dialog';
import { GateLine } from './gate-answer';
import { whyNotMe } from './may-approve';

const SHOWN = 6;

/** What waits for a person; that which expires first stands first. */
export function PendingApprovals() {
  const asked = { status: ['pending_approval' as const], limit: 100 };
  const list = useLoad(['/api/actions', 'pending'], () => api.GET('/api/actions', { params: { query: asked } }), {
    refetchInterval: 30_000,
  });
  const [all, setAll] = useState(false);
  const waiting = [...(list.data?.data ?? [])].sort((a, b) => Date.parse(a.deadline) - Date.parse(b.deadline));
  if (waiting.length === 0) return null;
  const shown = all ? waiting : waiting.slice(0, SHOWN);
  return (
    <Card
      title="Waiting for a decision"
      hint={`${count(list.data?.pagination.total ?? waiting.length)}, the ones that expire first on top`}
      actions={
        waiting.length > SHOWN && (
          <Button look="quiet" onClick={() => setAll(!all)}>
            {all ? 'Show fewer' : `Show all ${count(waiting.length)}`}
          </Button>
        )
      }
    >
      <ul className={css['pending']}>
        {shown.map((action) => (
          <li key={action.id}>
            <OnePending action={action} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

/** Who may decide what is told in the details of the action. */
export function useWhyNotMe(id: string) {
  const me = useSyncExternalStore(sessions.subscribe, sessions.user);
  const details = useLoad(
    ['/api/actions', 'one', id],
    () => api.GET('/api/actions/{id}', { params: { path: { id } } }),
    { refetchInterval: 30_000 },
  );
  const action = details.data?.data;
  const policyId = action?.policy_id ?? 0;
  const versions = useLoad(
    ['/api/enforcement-policies', 'versions', policyId],
    () => api.GET('/api/enforcement-policies/{id}/versions', { params: { path: { id: policyId } } }),
    { enabled: policyId > 0 && action?.approval.second_person === true, staleTime: 60_000 },
  ).data?.data;
  const author = versions?.find(({ version }) => version === action?.policy_version)?.written_by;
  return { details, action, why: action && me ? whyNotMe(action, me, author) : null };
}

function OnePending({ action }: { readonly action: Action }) {
  const { action: details, why } = useWhyNotMe(action.id);
  const [decision, setDecision] = useState<Decision | null>(null);
  return (
    <article className={css['card']} aria-label={deedOf(action)}>
      <div className={css['what']}>
        <span className={css['line']}>
          <Link href={`/actions/${action.id}`} className={`${css['deed']} name`}>
            {deedOf(action)}
          </Link>
          {action.instance.simulated && <Simulated />}
          <Expiry deadline={action.deadline} />
        </span>
        <span className={`${css['asked']} name`}>
          {action.policy_id ? (
            <Link href={`/policies/${action.policy_id}`}>
              <bdi>{action.requester.label}</bdi>
            </Link>
          ) : (
            <bdi>{action.requester.label}</bdi>
          )}{' '}
          asked <Time at={action.requested_at} relative />
          {action.reason && action.reason.toLowerCase() !== action.requester.label.toLowerCase() && (
            <>: {action.reason}</>
          )}
        </span>
        {details && action.type === 'stop' && <GateLine gate={details.gate} />}
        {why && <span className={css['whyNot']}>{why}</span>}
      </div>
      <div className={css['buttons']}>
        <Button disabled={!details || why?.startsWith('Viewers')} onClick={() => setDecision('reject')}>
          <X size={15} aria-hidden /> Reject
        </Button>
        <Button look="primary" disabled={!details || why !== null} onClick={() => setDecision('approve')}>
          <Check size={15} aria-hidden /> Approve
        </Button>
      </div>
      {decision && details && <DecideDialog action={details} decision={decision} onClose={() => setDecision(null)} />}
    </article>
  );
}

/** Counts down; the last minutes stand out. */
export function Expiry({ deadline }: { readonly deadline: string }) {
  const now = useNow(1_000);
  const left = Math.floor((Date.parse(deadline) - now) / 1000);
  const urgent = left < 300;
  return (
    <span className={`${ui['badge']} ${urgent ? ui['bad'] : ''}`}>
      {left <= 0 ? 'expired' : `expires in ${duration(left)}`}
    </span>
  );
}
