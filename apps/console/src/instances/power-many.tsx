import { CircleCheck, CircleHelp, OctagonAlert } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, makeOld, sentenceOf, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { ApiError } from '../data/session';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ConfirmTyped } from '../ui/confirm';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import ui from '../ui/ui.module.css';
import css from './instances-table.module.css';

type Instance = Schemas['Instance'];
type Kind = 'start' | 'stop';
interface Done {
  readonly instance: Instance;
  /** What became of it, in words. */
  readonly said: string;
  readonly refused: boolean;
}

interface Props {
  readonly kind: Kind;
  readonly instances: readonly Instance[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asked for one after the other: a refusal of one holds none of the others up. */
async function ask(kind: Kind, instance: Instance, reason: string): Promise<Done> {
  const body = { force: false, dry_run: false, accept: [], ...(reason && { reason }) };
  const params = { path: { instanceId: String(instance.id) }, query: { id_type: 'numeric' } } as const;
  try {
    const { data, error } =
      kind === 'stop'
        ? await api.POST('/api/instances/{instanceId}/stop', { params, body })
        : await api.POST('/api/instances/{instanceId}/start', { params, body });
    if (!data) throw ApiError.of(error);
    return { instance, said: data.data.status.replaceAll('_', ' '), refused: false };
  } catch (error) {
    return { instance, said: sentenceOf(error), refused: true };
  }
}

/** Starts or stops several, after it was typed; each stop with what the safe-stop gate says of it. */
export function PowerMany({ kind, instances, onClose, onDone }: Props) {
  // those that were chosen when it was opened: the list behind it goes on
  const [chosen] = useState(instances);
  const [reason, setReason] = useState('');
  const [done, setDone] = useState<readonly Done[]>();
  const [busy, setBusy] = useState(false);
  const what = `${chosen.length} ${chosen.length === 1 ? 'instance' : 'instances'}`;
  const verb = kind === 'stop' ? 'Stop' : 'Start';
  const run = async () => {
    setBusy(true);
    const results: Done[] = [];
    for (const instance of chosen) results.push(await ask(kind, instance, reason.trim()));
    setDone(results);
    setBusy(false);
    onDone();
    await makeOld(['/api/instances', '/api/actions', '/api/stats']);
  };
  if (done) return <Results verb={verb} done={done} onClose={onClose} />;
  return (
    <ConfirmTyped
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${verb} ${what}?`}
      word={`${kind} ${chosen.length}`}
      action={`${verb} ${what}`}
      danger={kind === 'stop'}
      busy={busy}
      wide
      onConfirm={() => void run()}
      aside={
        chosen[0] && (
          <ShowCurl
            method="POST"
            path={`/api/instances/${chosen[0].id}/${kind}`}
            body={reason.trim() ? { reason } : {}}
          />
        )
      }
    >
      {chosen.some((one) => one.simulated) && (
        <p className={ui['hint']}>Simulated machines: nothing real is touched.</p>
      )}
      <ul className={css['results']} aria-label={`Instances to ${kind}`}>
        {chosen.map((one) =>
          kind === 'stop' ? <GateLine key={one.id} instance={one} /> : <Line key={one.id} instance={one} />,
        )}
      </ul>
      <TextField
        label="Reason (kept with the actions)"
        value={reason}
        onChange={setReason}
        maxLength={2_000}
        placeholder={kind === 'stop' ? 'idle for three hours' : 'needed for the evaluation'}
      />
    </ConfirmTyped>
  );
}

function Line({ instance }: { readonly instance: Instance }) {
  return (
    <li className={css['result']}>
      <strong className="name">{instance.name ?? instance.instance_id}</strong>
    </li>
  );
}

/** One that is to be stopped, with what an automatic stop would be told now. */
function GateLine({ instance }: { readonly instance: Instance }) {
  const gate = useLoad(['/api/stop-gate', instance.id], () =>
    api.GET('/api/instances/{instanceId}/stop-gate', {
      params: { path: { instanceId: String(instance.id) }, query: { id_type: 'numeric' } },
    }),
  );
  const answer = gate.data?.data;
  const against = answer?.checks.filter(({ verdict }) => verdict !== 'pass') ?? [];
  return (
    <li className={css['result']}>
      <strong className="name">{instance.name ?? instance.instance_id}</strong>
      {gate.isPending && <span className={ui['hint']}>asking the safe-stop gate …</span>}
      {gate.isError && <Badge icon={CircleHelp}>the gate did not answer</Badge>}
      {answer && (
        <Badge tone={answer.allowed ? 'good' : 'warn'} icon={answer.allowed ? CircleCheck : OctagonAlert}>
          {answer.allowed ? 'the gate lets it pass' : 'the gate would refuse a policy'}
        </Badge>
      )}
      {against.length > 0 && (
        <ul>
          {against.map(({ check, reason }) => (
            <li key={check}>{reason}</li>
          ))}
        </ul>
      )}
    </li>
  );
}

/** What became of each; those that were refused lead to their own page, where what would be lost can be accepted. */
function Results({
  verb,
  done,
  onClose,
}: {
  readonly verb: string;
  readonly done: readonly Done[];
  readonly onClose: () => void;
}) {
  const refused = done.filter((one) => one.refused);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${verb}: ${done.length - refused.length} asked for, ${refused.length} refused`}
      wide
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <ul className={css['results']} aria-label="What became of them">
        {done.map(({ instance, said, refused: isRefused }) => (
          <li key={instance.id} className={css['result']}>
            <Link href={`/instances/${instance.id}`} className="name">
              {instance.name ?? instance.instance_id}
            </Link>
            <Badge tone={isRefused ? 'bad' : 'good'} icon={isRefused ? OctagonAlert : CircleCheck}>
              {isRefused ? 'refused' : said}
            </Badge>
            {isRefused && (
              <ul>
                <li>{said}</li>
              </ul>
            )}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
