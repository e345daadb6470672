import { useState } from 'react';
import { api, useSend } from '../data/api';
import { Confirm } from '../ui/confirm';
import { Field } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import css from './actions.module.css';
import { GateLine } from './gate-answer';
import { deedOf, nameOf } from './action-words';
import type { ActionDetails } from './action-words';
import { takeBack } from './take-back';

export type Decision = 'approve' | 'reject' | 'cancel';

interface Props {
  readonly action: ActionDetails;
  readonly decision: Decision;
  /** Why this person cannot; null: nothing speaks against it. */
  readonly whyNot?: string | null;
  readonly onClose: () => void;
}

const SAID: Readonly<Record<Decision, string>> = {
  approve: 'Approved: it goes out to its agent.',
  reject: 'Rejected: nothing is done.',
  cancel: 'Taken back.',
};

/** Approve, reject or take back, with a reason that stays with the action. */
export function DecideDialog({ action, decision, whyNot = null, onClose }: Props) {
  const [comment, setComment] = useState('');
  const body = comment.trim() === '' ? {} : { comment: comment.trim() };
  const decide = useSend(() => {
    const asked = { params: { path: { id: action.id } }, body };
    if (decision === 'approve') return api.POST('/api/actions/{id}/approve', asked);
    if (decision === 'reject') return api.POST('/api/actions/{id}/reject', asked);
    return api.POST('/api/actions/{id}/cancel', asked);
  }, ['/api/actions', '/api/instances']);
  const verb = `${action.type} ${nameOf(action)}`;
  const titles: Readonly<Record<Decision, readonly [title: string, button: string]>> = {
    approve: [`Approve: ${verb}`, `Approve and ${action.type}`],
    reject: [`Reject: ${verb}`, `Reject the ${action.type}`],
    cancel: [`Take back: ${verb}`, 'Take it back'],
  };
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={titles[decision][0]}
      action={titles[decision][1]}
      disabled={whyNot !== null}
      danger={decision === 'approve' && action.type === 'stop'}
      busy={decide.isPending}
      error={decide.error}
      onConfirm={() =>
        decide.mutate(undefined, {
          onSuccess: () => {
            toast.say(
              `${deedOf(action)}. ${SAID[decision]}`,
              decision === 'approve' ? () => void takeBack([action.id]) : undefined,
            );
            onClose();
          },
        })
      }
      aside={<ShowCurl method="POST" path={`/api/actions/${action.id}/${decision}`} body={body} />}
    >
      {whyNot && <p className={css['whyNot']}>{whyNot}</p>}
      {action.reason && <p className="name">{told(action.reason)}</p>}
      {decision === 'approve' && action.type === 'stop' && (
        <>
          <GateLine gate={action.gate} />
          <p className={ui['hint']}>
            The gate is asked once more when you approve. Before it acts, the host looks itself whether a GPU was busy
            or a process came since.
          </p>
        </>
      )}
      <Field label="Reason" hint="Kept with the action, for whoever asks later.">
        {(props) => (
          <textarea
            className={ui['input']}
            rows={2}
            maxLength={2000}
            value={comment}
            onChange={(event) => setComment(event.target.value)}
            {...props}
          />
        )}
      </Field>
    </Confirm>
  );
}
