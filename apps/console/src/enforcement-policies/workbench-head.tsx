import { BellRing, CirclePause, ShieldCheck, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import { api, sentenceOf, useSend } from '../data/api';
import { useMay } from '../data/role';
import { Badge } from '../ui/badge';
import { Button, IconButton } from '../ui/button';
import { Confirm, ConfirmTyped } from '../ui/confirm';
import { PageHead } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { ArmDialog, wordFor } from './arm-dialog';
import { bodyOf, unfinished } from './draft';
import type { Draft, Policy } from './draft';
import type { Proof } from './proof';

interface Props {
  readonly policy: Policy | undefined;
  readonly draft: Draft;
  readonly changed: boolean;
  readonly proof: Proof | undefined;
  readonly onError: (error: unknown) => void;
  readonly onDiscard: () => void;
  readonly onSaved: () => void;
}

export function ArmedBadge({ policy }: { readonly policy: Pick<Policy, 'enabled' | 'execution_mode'> }) {
  if (!policy.enabled) return <Badge icon={CirclePause}>paused</Badge>;
  return policy.execution_mode === 'notify_only' ? (
    <Badge tone="accent" icon={BellRing}>
      armed, only tells
    </Badge>
  ) : (
    <Badge tone="good" icon={ShieldCheck}>
      armed
    </Badge>
  );
}

/** Name, state, and what can be done with the policy. */
export function WorkbenchHead({ policy, draft, changed, proof, onError, onDiscard, onSaved }: Props) {
  const [, go] = useLocation();
  const search = useSearch();
  const may = useMay('admin');
  const [asking, setAsking] = useState<'arm' | 'save' | 'delete' | null>(null);
  const why = unfinished(draft);
  const body = bodyOf(draft);
  const path = policy && { params: { path: { id: policy.id } } };
  const save = useSend(
    () =>
      path
        ? api.PUT('/api/enforcement-policies/{id}', { ...path, body })
        : api.POST('/api/enforcement-policies', { body: { ...body, enabled: false } }),
    ['/api/enforcement-policies'],
  );
  const store = () => {
    onError(null);
    save.mutate(undefined, {
      onError,
      onSuccess: ({ data }) => {
        setAsking(null);
        onSaved();
        toast.say(policy ? `Saved as version ${data.version}.` : 'Saved. It is paused until you arm it.');
        if (!policy) go(`/policies/${data.id}?${simulating(search)}`);
      },
    });
  };
  const pause = useSend(
    (enabled: boolean) => api.PATCH('/api/enforcement-policies/{id}/toggle', { ...path!, body: { enabled } }),
    ['/api/enforcement-policies'],
  );
  const remove = useSend(() => api.DELETE('/api/enforcement-policies/{id}', path!), ['/api/enforcement-policies']);
  return (
    <>
      <PageHead title={draft.policy_name.trim() || 'New policy'}>
        {policy && <ArmedBadge policy={policy} />}
        {changed && <span className={ui['hint']}>{may ? (why ?? 'Not saved') : 'Admins save policies'}</span>}
        {may && policy && (
          <IconButton label="Delete this policy" onClick={() => setAsking('delete')}>
            <Trash2 size={16} aria-hidden />
          </IconButton>
        )}
        {policy && changed && <Button onClick={onDiscard}>Discard</Button>}
        {may && (
          <ShowCurl
            method={policy ? 'PUT' : 'POST'}
            path={policy ? `/api/enforcement-policies/${policy.id}` : '/api/enforcement-policies'}
            body={policy ? body : { ...body, enabled: false }}
          />
        )}
        {may && (!policy || changed) && (
          <Button
            look="primary"
            disabled={why !== null}
            title={why ?? undefined}
            busy={save.isPending && 'Saving …'}
            onClick={() => (policy?.enabled ? setAsking('save') : store())}
          >
            {policy ? `Save as version ${policy.version + 1}` : 'Save, paused'}
          </Button>
        )}
        {may && policy?.enabled === true && (
          <Button
            busy={pause.isPending && 'Pausing …'}
            onClick={() =>
              pause.mutate(false, {
                onSuccess: () => toast.say('Paused: it decides nothing.', () => pause.mutate(true)),
                onError: (error) => toast.failed(error),
              })
            }
          >
            Pause
          </Button>
        )}
        {may && policy?.enabled === false && (
          <Button look={changed ? 'normal' : 'primary'} disabled={changed} onClick={() => setAsking('arm')}>
            Arm …
          </Button>
        )}
      </PageHead>
      {save.isError && (
        <p className={ui['fault']} role="alert">
          {sentenceOf(save.error)}
        </p>
      )}
      {policy && (
        <>
          {asking === 'arm' && <ArmDialog policy={policy} open onOpenChange={() => setAsking(null)} proof={proof} />}
          <ConfirmTyped
            open={asking === 'save'}
            onOpenChange={() => setAsking(null)}
            title={`Save version ${policy.version + 1} of an armed policy`}
            word={wordFor(policy.policy_name) === 'arm' ? 'save' : policy.policy_name}
            action={`Save as version ${policy.version + 1}`}
            busy={save.isPending}
            error={save.error}
            onConfirm={store}
          >
            <p>
              It is armed: what you wrote decides from the next whole minute on. Pause it first if you want to simulate
              in peace.
            </p>
          </ConfirmTyped>
          <Confirm
            open={asking === 'delete'}
            onOpenChange={() => setAsking(null)}
            title="Delete this policy"
            action="Delete the policy"
            danger
            busy={remove.isPending}
            error={remove.error}
            onConfirm={() => remove.mutate(undefined, { onSuccess: () => go('/policies') })}
            aside={<ShowCurl method="DELETE" path={`/api/enforcement-policies/${policy.id}`} />}
          >
            <p>
              It decides nothing from now on. Actions that wait for an approval because of it stay; its history stays in
              the audit.
            </p>
          </Confirm>
        </>
      )}
    </>
  );
}

/** What was simulated before it was saved stays on the screen: its time and its gate. */
function simulating(search: string): string {
  const next = new URLSearchParams(search);
  next.set('tab', 'simulate');
  return next.toString();
}
