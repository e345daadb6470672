import { FlaskConical, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, useSend } from '../data/api';
import { ConfirmTyped } from '../ui/confirm';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { acts, stops } from './draft';
import type { Policy } from './draft';
import { ModeField } from './mode-field';
import css from './policies.module.css';
import { proofWords } from './proof';
import type { Proof } from './proof';

interface Props {
  readonly policy: Policy;
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** What a simulation of just this version found; undefined: none was made. */
  readonly proof: Proof | undefined;
}

/** A name that can be typed; of others the word is "arm". */
export const wordFor = (name: string): string => (/^[\p{L}\p{N} ._-]{1,40}$/u.test(name) ? name : 'arm');

/** From here on it decides by itself when: so who decides whether is asked once more, and the past is held against it. */
export function ArmDialog({ policy, open, onOpenChange, proof }: Props) {
  // a policy that stops begins by asking, whatever it says so far
  const [mode, setMode] = useState<Policy['execution_mode']>(
    stops(policy) && policy.execution_mode === 'automatic' ? 'approval_required' : policy.execution_mode,
  );
  const path = { params: { path: { id: policy.id } } };
  const arm = useSend(async () => {
    if (mode !== policy.execution_mode) {
      const changed = await api.PUT('/api/enforcement-policies/{id}', { ...path, body: { execution_mode: mode } });
      if (changed.error) return changed;
    }
    return api.PATCH('/api/enforcement-policies/{id}/toggle', { ...path, body: { enabled: true } });
  }, ['/api/enforcement-policies']);
  return (
    <ConfirmTyped
      open={open}
      onOpenChange={onOpenChange}
      wide
      title={`Arm ${policy.policy_name}`}
      word={wordFor(policy.policy_name)}
      action={mode === 'automatic' ? 'Arm it to act by itself' : 'Arm this policy'}
      danger={mode === 'automatic' && stops(policy)}
      busy={arm.isPending}
      error={arm.error}
      onConfirm={() =>
        arm.mutate(undefined, {
          onSuccess: () => {
            onOpenChange(false);
            toast.say('Armed. It decides from the next whole minute on.');
          },
        })
      }
      aside={
        <ShowCurl method="PATCH" path={`/api/enforcement-policies/${policy.id}/toggle`} body={{ enabled: true }} />
      }
    >
      <p className="name">{policy.summary}</p>
      {acts(policy) && <ModeField draft={policy} value={mode} onChange={setMode} />}
      {stops(policy) &&
        (proof ? (
          <p className={`${css['note']} ${ui['accent']}`}>
            <FlaskConical size={15} aria-hidden /> {proofWords(proof)}
          </p>
        ) : (
          <p className={`${css['note']} ${ui['warn']}`}>
            <TriangleAlert size={15} aria-hidden />
            <span>
              Nobody has simulated this version here.{' '}
              <Link href={`/policies/${policy.id}?tab=simulate`} onClick={() => onOpenChange(false)}>
                See first what it would have done
              </Link>
              .
            </span>
          </p>
        ))}
      {policy.warnings.map((warning) => (
        <p key={warning} className={`${css['note']} ${ui['warn']}`}>
          <TriangleAlert size={15} aria-hidden /> <span className="name">{warning}</span>
        </p>
      ))}
    </ConfirmTyped>
  );
}
