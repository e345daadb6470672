import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api, makeOld, sentenceOf } from '../data/api';
import { ApiError } from '../data/session';
import { Confirm } from '../ui/confirm';
import { Field } from '../ui/field';
import { count } from '../ui/format';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { deedOf } from './action-words';
import type { Action } from './action-words';
import queue from './queue.module.css';
import { takeBack } from './take-back';

interface Props {
  readonly actions: readonly Action[];
  readonly decision: 'approve' | 'reject';
  readonly onClose: () => void;
  /** Those that were decided; what was refused stays selected. */
  readonly onDecided: (ids: readonly string[]) => void;
}

/** One decision and one reason for several. Each is decided by itself: what one is refused for holds the others up in nothing. */
export function DecideMany({ actions, decision, onClose, onDecided }: Props) {
  const [comment, setComment] = useState('');
  const [refused, setRefused] = useState<readonly string[]>([]);
  const body = comment.trim() === '' ? {} : { comment: comment.trim() };
  const decide = useMutation({
    mutationFn: async () => {
      const done: string[] = [];
      const against: string[] = [];
      for (const action of actions) {
        const asked = { params: { path: { id: action.id } }, body };
        const { error } = await (
          decision === 'approve'
            ? api.POST('/api/actions/{id}/approve', asked)
            : api.POST('/api/actions/{id}/reject', asked)
        ).catch((thrown: unknown) => ({ error: thrown }));
        if (error === undefined) done.push(action.id);
        else against.push(`${deedOf(action)}: ${sentenceOf(error instanceof Error ? error : ApiError.of(error))}`);
      }
      await makeOld(['/api/actions', '/api/instances']);
      return { done, against };
    },
    onSuccess: ({ done, against }) => {
      const approved = decision === 'approve';
      if (done.length > 0) {
        const words = `${count(done.length)} ${approved ? 'approved: they go out to their agents.' : 'rejected: nothing is done.'}`;
        toast.say(words, approved ? () => void takeBack(done) : undefined);
      }
      onDecided(done);
      setRefused(against);
      if (against.length === 0) onClose();
    },
  });
  const [first, ...rest] = actions.map(({ id }) => ({
    method: 'POST' as const,
    path: `/api/actions/${id}/${decision}`,
    body,
  }));
  const many = `${count(actions.length)} ${actions.length === 1 ? 'action' : 'actions'}`;
  const verb = decision === 'approve' ? 'Approve' : 'Reject';
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${verb} ${many}`}
      action={`${verb} ${many}`}
      danger={decision === 'approve'}
      busy={decide.isPending}
      error={decide.error}
      disabled={actions.length === 0}
      onConfirm={() => decide.mutate()}
      aside={first && <ShowCurl {...first} then={rest} />}
    >
      <ul className={queue['many']}>
        {actions.map((action) => (
          <li key={action.id} className="name">
            {deedOf(action)}
          </li>
        ))}
      </ul>
      {refused.map((words) => (
        <p key={words} className={`${ui['fault']} name`} role="alert">
          {words}
        </p>
      ))}
      <Field label="Reason" hint="Kept with each of them, for whoever asks later.">
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
