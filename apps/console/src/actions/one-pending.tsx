import { Check, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { sessions } from '../data/session';
import { Simulated } from '../ui/badge';
import { Button } from '../ui/button';
import { duration } from '../ui/format';
import { Time, useNow } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import css from './actions.module.css';
import { deedOf } from './action-words';
import type { Action } from './action-words';
import { DecideDialog } from './decide-dialog';
import { GateLine } from './gate-answer';
import { whyNotMe } from './may-approve';

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

interface Props {
  readonly action: Action;
  readonly selected: boolean;
  /** undefined: whoever looks may not decide. */
  readonly onToggle: (() => void) | undefined;
  readonly onDecide: (decision: 'approve' | 'reject') => void;
}

/** One action that waits: what, who asked and why, what the gate says, and until when. */
export function OnePending({ action, selected, onToggle, onDecide }: Props) {
  const { action: details, why } = useWhyNotMe(action.id);
  return (
    <article className={css['card']} aria-label={deedOf(action)} data-may={onToggle !== undefined}>
      {onToggle && (
        <label className={css['tick']}>
          <input type="checkbox" checked={selected} onChange={onToggle} />
          <span className="visually-hidden">Select: {deedOf(action)}</span>
        </label>
      )}
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
              <bdi>{told(action.requester.label)}</bdi>
            </Link>
          ) : (
            <bdi>{told(action.requester.label)}</bdi>
          )}{' '}
          asked <Time at={action.requested_at} relative />
          {action.reason && action.reason.toLowerCase() !== action.requester.label.toLowerCase() && (
            <>: {told(action.reason)}</>
          )}
        </span>
        {details && action.type === 'stop' && <GateLine gate={details.gate} />}
        {why && <span className={css['whyNot']}>{why}</span>}
      </div>
      {onToggle && (
        <div className={css['buttons']}>
          <Button disabled={!details} onClick={() => onDecide('reject')}>
            <X size={15} aria-hidden /> Reject
          </Button>
          <Button look="primary" disabled={!details || why !== null} onClick={() => onDecide('approve')}>
            <Check size={15} aria-hidden /> Approve
          </Button>
        </div>
      )}
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

/** Asks about one of the queue. It stands beside the list: what is decided leaves the list before everything is said. */
export function DecideOne({
  id,
  decision,
  onClose,
}: {
  readonly id: string;
  readonly decision: 'approve' | 'reject';
  readonly onClose: () => void;
}) {
  const { action, why } = useWhyNotMe(id);
  if (!action) return null;
  return (
    <DecideDialog action={action} decision={decision} whyNot={decision === 'approve' ? why : null} onClose={onClose} />
  );
}
