import { CircleCheck, CircleHelp, OctagonAlert } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { Badge } from '../ui/badge';
import { ConfirmTyped } from '../ui/confirm';
import { CheckField, TextField, fieldError } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { toast } from '../ui/toast';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import css from './instance.module.css';
import type { Details } from './instance-screen';
import { isLoss } from './losses';
import type { Loss } from './losses';

interface Props {
  readonly instance: Details;
  readonly kind: 'start' | 'stop';
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Starts or stops it, after its name was typed; of a stop with what the safe-stop gate says. */
export function InstancePower({ instance, kind, open, onOpenChange }: Props) {
  const [reason, setReason] = useState('');
  const [force, setForce] = useState(false);
  const [accept, setAccept] = useState<readonly Loss[]>([]);
  const [, go] = useLocation();
  const body = { ...(reason.trim() && { reason: reason.trim() }), force, dry_run: false, accept: [...accept] };
  const path = { path: { instanceId: String(instance.id) }, query: { id_type: 'numeric' } } as const;
  const send = useSend(
    () =>
      kind === 'stop'
        ? api.POST('/api/instances/{instanceId}/stop', { params: path, body })
        : api.POST('/api/instances/{instanceId}/start', { params: path, body }),
    ['/api/instances', '/api/actions', '/api/stats'],
  );
  const name = instance.name ?? instance.instance_id;
  const confirm = () =>
    send.mutate(undefined, {
      onSuccess: ({ data }) => {
        toast.say(`${kind === 'stop' ? 'Stop' : 'Start'} of ${name} is ${data.status.replaceAll('_', ' ')}`);
        onOpenChange(false);
        go(`/instances/${instance.id}?tab=actions&action=${data.action_id}`);
      },
    });
  return (
    <ConfirmTyped
      open={open}
      onOpenChange={onOpenChange}
      title={`${kind === 'stop' ? 'Stop' : 'Start'} ${name}?`}
      word={name}
      action={kind === 'stop' ? 'Stop this instance' : 'Start this instance'}
      danger={kind === 'stop'}
      busy={send.isPending}
      error={send.error ?? undefined}
      wide={kind === 'stop'}
      onConfirm={confirm}
      aside={<ShowCurl method="POST" path={`/api/instances/${instance.id}/${kind}`} body={body} />}
    >
      {instance.simulated && <p className={ui['hint']}>A simulated machine: nothing real is touched.</p>}
      {kind === 'stop' && (
        <Gate id={instance.id} accepted={accept} onAccept={(loss, on) => setAccept(toggled(accept, loss, on))} />
      )}
      <TextField
        label={accept.length > 0 ? 'Reason' : 'Reason (kept with the action)'}
        value={reason}
        onChange={setReason}
        error={fieldError(send.error, 'reason')}
        maxLength={2_000}
        placeholder={kind === 'stop' ? 'idle for three hours' : 'needed for the evaluation'}
      />
      {kind === 'stop' && (
        <CheckField
          label="Stop it even if its GPUs work"
          hint="Otherwise its host refuses if a GPU was busy in the last two minutes, or a process came."
          checked={force}
          onChange={setForce}
        />
      )}
    </ConfirmTyped>
  );
}

const toggled = (all: readonly Loss[], one: Loss, on: boolean) =>
  on ? [...all.filter((loss) => loss !== one), one] : all.filter((loss) => loss !== one);

interface GateProps {
  readonly id: number;
  readonly accepted: readonly string[];
  readonly onAccept: (loss: Loss, on: boolean) => void;
}

/** What the gate would say to an automatic stop now: every check with its reason. */
function Gate({ id, accepted, onAccept }: GateProps) {
  const gate = useLoad(['/api/stop-gate', id], () =>
    api.GET('/api/instances/{instanceId}/stop-gate', {
      params: { path: { instanceId: String(id) }, query: { id_type: 'numeric' } },
    }),
  );
  if (gate.isPending) return <Loading lines={4} />;
  if (gate.isError) return <Failed error={gate.error} retry={() => void gate.refetch()} />;
  const { allowed, checks, class: is } = gate.data.data;
  const against = checks.filter(({ verdict }) => verdict !== 'pass');
  const fine = checks.filter(({ verdict }) => verdict === 'pass');
  return (
    <section className={css['gate']} aria-label="What the safe-stop gate says">
      <p>
        <Badge tone={allowed ? 'good' : 'bad'} icon={allowed ? CircleCheck : OctagonAlert}>
          {allowed ? 'an automatic stop would be allowed' : 'an automatic stop would be refused'}
        </Badge>{' '}
        <span className={ui['hint']}>its GPUs: {is.replaceAll('_', ' ')}</span>
      </p>
      <ul>
        {against.map((check) => (
          <Check key={check.check} check={check} accepted={accepted.includes(check.check)} onAccept={onAccept} />
        ))}
      </ul>
      {fine.length > 0 && (
        <details>
          <summary>{fine.length} checks pass</summary>
          <ul>
            {fine.map((check) => (
              <Check key={check.check} check={check} accepted={false} onAccept={onAccept} />
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

const LOOKS = {
  pass: ['good', CircleCheck],
  refuse: ['bad', OctagonAlert],
  unknown: ['warn', CircleHelp],
} as const;

function Check({
  check: { check, verdict, reason, blocks },
  accepted,
  onAccept,
}: {
  readonly check: Schemas['StopGateCheck'];
  readonly accepted: boolean;
  readonly onAccept: (loss: Loss, on: boolean) => void;
}) {
  const [tone, icon] = LOOKS[verdict];
  return (
    <li className={css['check']}>
      <Badge tone={tone} icon={icon}>
        {check.replaceAll('_', ' ')}
      </Badge>
      <span className="name">{told(reason)}</span>
      {blocks && isLoss(check) && (
        <CheckField label="Accept this loss" checked={accepted} onChange={(on) => onAccept(check, on)} />
      )}
    </li>
  );
}
