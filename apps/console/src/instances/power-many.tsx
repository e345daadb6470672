import { CircleCheck, CircleHelp, OctagonAlert } from 'lucide-react';
import { useMemo, useState } from 'react';
import { Badge } from '../ui/badge';
import { ConfirmTyped } from '../ui/confirm';
import { CheckField, TextField } from '../ui/field';
import { count } from '../ui/format';
import { ShowCurl } from '../ui/show-curl';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import { AT_ONCE, countLosses, grouped, requestsOf } from './bulk';
import type { GateAnswer } from './bulk';
import { nameOf } from './columns';
import type { Chosen } from './every-match';
import type { Loss } from './losses';
import css from './power.module.css';
import { PowerResults } from './power-results';
import { useGates } from './use-gates';
import type { Gates } from './use-gates';
import { usePower } from './use-power';

interface Props {
  readonly kind: 'start' | 'stop';
  readonly instances: readonly Chosen[];
  readonly onClose: () => void;
  readonly onDone: () => void;
}

/** Up to so many are told of one by one; more are grouped. */
export const FEW = 8;
/** Of a group so many names are written out. */
export const NAMES = 50;

/** Starts or stops several, after it was typed; each stop with what the safe-stop gate says of it. */
export function PowerMany({ kind, instances, onClose, onDone }: Props) {
  // those that were chosen when it was opened: the list behind it goes on
  const [chosen] = useState(instances);
  const ids = useMemo(() => chosen.map(({ id }) => id), [chosen]);
  const [reason, setReason] = useState('');
  const [accept, setAccept] = useState<readonly Loss[]>([]);
  const gates = useGates(ids, kind === 'stop');
  const { power, run } = usePower(kind, chosen);
  const what = `${count(chosen.length)} ${chosen.length === 1 ? 'instance' : 'instances'}`;
  const verb = kind === 'stop' ? 'Stop' : 'Start';
  const requests = requestsOf(ids, gates.answers, accept);
  if (power.busy !== undefined)
    return (
      <PowerResults
        {...{ kind, power, total: chosen.length }}
        onClose={() => {
          onDone();
          onClose();
        }}
      />
    );
  return (
    <ConfirmTyped
      open
      onOpenChange={(open) => !open && onClose()}
      title={`${verb} ${what}?`}
      word={`${kind} ${chosen.length}`}
      action={`${verb} ${what}`}
      danger={kind === 'stop'}
      disabled={accept.length > 0 && reason.trim() === ''}
      wide
      onConfirm={() => void run(requests, reason.trim())}
      aside={
        requests[0] && (
          <ShowCurl
            method="POST"
            path="/api/instances/bulk"
            body={{
              operation: kind,
              instance_ids: requests[0].ids,
              accept: requests[0].accept,
              ...(reason.trim() && { reason: reason.trim() }),
            }}
          />
        )
      }
    >
      {chosen.some((one) => one.simulated) && (
        <p className={ui['hint']}>Simulated machines: nothing real is touched.</p>
      )}
      {kind === 'stop' ? <GateAnswers chosen={chosen} gates={gates} /> : <Names chosen={chosen} />}
      {countLosses(gates.answers.values()).map(([loss, times]) => (
        <CheckField
          key={loss}
          label={`Accept for ${count(times)} of them: ${loss.replaceAll('_', ' ')}`}
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
      {chosen.length > AT_ONCE && (
        <p className={ui['hint']}>
          They are asked for {AT_ONCE} at a time, and ten times a minute at most. Closing the dialog ends the asking;
          what was asked for goes on.
        </p>
      )}
    </ConfirmTyped>
  );
}

function Names({ chosen }: { readonly chosen: readonly Chosen[] }) {
  const more = chosen.length - NAMES;
  return (
    <ul className={css['results']} aria-label="Instances to start">
      {chosen.slice(0, NAMES).map((one) => (
        <li key={one.id} className={css['result']}>
          <strong className="name">{nameOf(one)}</strong>
        </li>
      ))}
      {more > 0 && <li className={css['result']}>and {count(more)} more</li>}
    </ul>
  );
}

/** What an automatic stop would be told now: one by one where they are few, otherwise by what is against it. */
function GateAnswers({ chosen, gates }: { readonly chosen: readonly Chosen[]; readonly gates: Gates }) {
  const { answers, asked, fault } = gates;
  if (chosen.length <= FEW)
    return (
      <ul className={css['results']} aria-label="Instances to stop" tabIndex={0}>
        {chosen.map((one) => (
          <GateLine key={one.id} instance={one} answer={answers.get(one.id)} waits={asked === 0} />
        ))}
        {fault !== undefined && <li className={ui['fault']}>{fault}</li>}
      </ul>
    );
  const judged = chosen.filter(({ id }) => answers.has(id));
  const blocked = (id: number) => answers.get(id)!.checks.filter(({ blocks }) => blocks);
  const against = grouped(judged, ({ id }) => blocked(id).map(({ check }) => check));
  const passing = judged.filter(({ id }) => answers.get(id)!.allowed).length;
  const silent = asked - judged.length;
  return (
    <div className={css['groups']} role="group" aria-label="What the safe-stop gate says">
      <p aria-live="polite">
        {asked < chosen.length ? (
          <>
            The safe-stop gate was asked of {count(asked)} of {count(chosen.length)} …
          </>
        ) : (
          <>
            <Badge tone="good" icon={CircleCheck}>
              the gate lets {count(passing)} pass
            </Badge>{' '}
            {judged.length > passing && (
              <Badge tone="warn" icon={OctagonAlert}>
                it would refuse a policy {count(judged.length - passing)}
              </Badge>
            )}{' '}
            {silent > 0 && <Badge icon={CircleHelp}>no answer for {count(silent)}</Badge>}
          </>
        )}
      </p>
      <progress max={chosen.length} value={asked} aria-label="Instances of which the gate was asked" />
      {fault !== undefined && <p className={ui['fault']}>{fault}</p>}
      {against.map(({ name, members }) => (
        <details key={name}>
          <summary>
            <b>{name.replaceAll('_', ' ')}</b> <span className={ui['hint']}>{count(members.length)} instances</span>
          </summary>
          <ul>
            {members.slice(0, NAMES).map((one) => (
              <li key={one.id}>
                <b className="name">{nameOf(one)}</b>{' '}
                <span>{told(blocked(one.id).find(({ check }) => check === name)?.reason ?? '')}</span>
              </li>
            ))}
            {members.length > NAMES && <li>and {count(members.length - NAMES)} more</li>}
          </ul>
        </details>
      ))}
    </div>
  );
}

interface LineProps {
  readonly instance: Chosen;
  readonly answer: GateAnswer | undefined;
  readonly waits: boolean;
}

function GateLine({ instance, answer, waits }: LineProps) {
  const against = answer?.checks.filter(({ verdict }) => verdict !== 'pass') ?? [];
  return (
    <li className={css['result']} aria-busy={waits}>
      <strong className="name">{nameOf(instance)}</strong>
      {waits && <span className={ui['hint']}>asking the safe-stop gate …</span>}
      {!waits && !answer && <Badge icon={CircleHelp}>the gate did not answer</Badge>}
      {answer && (
        <Badge tone={answer.allowed ? 'good' : 'warn'} icon={answer.allowed ? CircleCheck : OctagonAlert}>
          {answer.allowed ? 'the gate lets it pass' : 'the gate would refuse a policy'}
        </Badge>
      )}
      {against.length > 0 && (
        <ul>
          {against.map(({ check, reason }) => (
            <li key={check} className="name">
              {told(reason)}
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
