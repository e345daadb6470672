import { CircleCheck, CircleHelp, OctagonAlert } from 'lucide-react';
import { useCallback, useEffect, useState } from 'react';
import { Link } from 'wouter';
import { ActionBadge } from '../actions/action-words';
import type { ActionState } from '../actions/action-words';
import { api, makeOld, sentenceOf, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { ApiError } from '../data/session';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { ConfirmTyped } from '../ui/confirm';
import { Dialog } from '../ui/dialog';
import { CheckField, TextField } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import ui from '../ui/ui.module.css';
import css from './instances-table.module.css';
import { isLoss } from './losses';
import type { Loss } from './losses';

type Instance = Schemas['Instance'];
type Kind = 'start' | 'stop';
interface Done {
  readonly instance: Instance;
  /** What was made of it; undefined: it was refused. */
  readonly action?: { readonly id: string; readonly status: ActionState };
  /** Why it was refused, in words. */
  readonly said?: string;
}

interface Props {
  readonly kind: Kind;
  readonly instances: readonly Instance[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Asked for one after the other: a refusal of one holds none of the others up. */
async function ask(kind: Kind, instance: Instance, reason: string, accept: readonly Loss[]): Promise<Done> {
  const body = { force: false, dry_run: false, accept: [...accept], ...(reason && { reason }) };
  const params = { path: { instanceId: String(instance.id) }, query: { id_type: 'numeric' } } as const;
  try {
    const { data, error } =
      kind === 'stop'
        ? await api.POST('/api/instances/{instanceId}/stop', { params, body })
        : await api.POST('/api/instances/{instanceId}/start', { params, body });
    if (!data) throw ApiError.of(error);
    return { instance, action: { id: data.data.action_id, status: data.data.status } };
  } catch (error) {
    return { instance, said: sentenceOf(error) };
  }
}

/** Starts or stops several, after it was typed; each stop with what the safe-stop gate says of it. */
export function PowerMany({ kind, instances, onClose, onDone }: Props) {
  // those that were chosen when it was opened: the list behind it goes on
  const [chosen] = useState(instances);
  const [reason, setReason] = useState('');
  const [losses, setLosses] = useState<ReadonlyMap<number, readonly Loss[]>>(new Map());
  const [accept, setAccept] = useState<readonly Loss[]>([]);
  const told = useCallback(
    (id: number, found: readonly Loss[]) => setLosses((before) => new Map(before).set(id, found)),
    [],
  );
  const asked = countOf(losses);
  const [done, setDone] = useState<readonly Done[]>();
  const [busy, setBusy] = useState(false);
  const what = `${chosen.length} ${chosen.length === 1 ? 'instance' : 'instances'}`;
  const verb = kind === 'stop' ? 'Stop' : 'Start';
  const run = async () => {
    setBusy(true);
    const results: Done[] = [];
    for (const instance of chosen)
      results.push(
        await ask(
          kind,
          instance,
          reason.trim(),
          // of each only what it has to lose
          accept.filter((loss) => losses.get(instance.id)?.includes(loss)),
        ),
      );
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
      disabled={accept.length > 0 && reason.trim() === ''}
      wide
      onConfirm={() => void run()}
      aside={
        chosen[0] && (
          <ShowCurl
            method="POST"
            path={`/api/instances/${chosen[0].id}/${kind}`}
            body={{ ...(reason.trim() && { reason: reason.trim() }), ...(accept.length > 0 && { accept }) }}
          />
        )
      }
    >
      {chosen.some((one) => one.simulated) && (
        <p className={ui['hint']}>Simulated machines: nothing real is touched.</p>
      )}
      <ul className={css['results']} aria-label={`Instances to ${kind}`}>
        {chosen.map((one) =>
          kind === 'stop' ? (
            <GateLine key={one.id} instance={one} onLosses={told} />
          ) : (
            <Line key={one.id} instance={one} />
          ),
        )}
      </ul>
      {asked.map(([loss, times]) => (
        <CheckField
          key={loss}
          label={`Accept for ${times} of them: ${loss.replaceAll('_', ' ')}`}
          hint="Without it they are refused, the others are stopped all the same."
          checked={accept.includes(loss)}
          onChange={(on) => setAccept(on ? [...accept, loss] : accept.filter((one) => one !== loss))}
        />
      ))}
      <TextField
        label={accept.length > 0 ? 'Reason, wanted for what is accepted' : 'Reason (kept with the actions)'}
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
function GateLine({
  instance,
  onLosses,
}: {
  readonly instance: Instance;
  readonly onLosses: (id: number, losses: readonly Loss[]) => void;
}) {
  const gate = useLoad(['/api/stop-gate', instance.id], () =>
    api.GET('/api/instances/{instanceId}/stop-gate', {
      params: { path: { instanceId: String(instance.id) }, query: { id_type: 'numeric' } },
    }),
  );
  const answer = gate.data?.data;
  useEffect(() => {
    if (answer)
      onLosses(
        instance.id,
        answer.checks.flatMap(({ check, blocks }) => (blocks && isLoss(check) ? [check] : [])),
      );
  }, [answer, instance.id, onLosses]);
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

/** How many of the chosen ones have each loss to accept. */
function countOf(losses: ReadonlyMap<number, readonly Loss[]>): readonly (readonly [Loss, number])[] {
  const counts = new Map<Loss, number>();
  for (const loss of [...losses.values()].flat()) counts.set(loss, (counts.get(loss) ?? 0) + 1);
  return [...counts];
}

const IN_HAND: readonly ActionState[] = ['pending_approval', 'queued', 'dispatched', 'running', 'unknown'];
const FOLLOW_MS = 2_000;

/** What an action has come to, followed until it is over. */
function Progress({ id, status }: NonNullable<Done['action']>) {
  const action = useLoad(['/api/actions', id], () => api.GET('/api/actions/{id}', { params: { path: { id } } }), {
    refetchInterval: ({ state }) => (IN_HAND.includes(state.data?.data.status ?? status) ? FOLLOW_MS : false),
  });
  return (
    <Link href={`/actions/${id}`}>
      <ActionBadge state={action.data?.data.status ?? status} />
    </Link>
  );
}

/** What became of each, while it happens; those that were refused lead to their own page. */
function Results({
  verb,
  done,
  onClose,
}: {
  readonly verb: string;
  readonly done: readonly Done[];
  readonly onClose: () => void;
}) {
  const refused = done.filter((one) => one.action === undefined);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${verb}: ${done.length - refused.length} asked for, ${refused.length} refused`}
      wide
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <ul className={css['results']} aria-label="What became of them">
        {done.map(({ instance, said, action }) => (
          <li key={instance.id} className={css['result']}>
            <Link href={`/instances/${instance.id}`} className="name">
              {instance.name ?? instance.instance_id}
            </Link>
            {action ? (
              <Progress {...action} />
            ) : (
              <Badge tone="bad" icon={OctagonAlert}>
                refused
              </Badge>
            )}
            {said !== undefined && (
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
