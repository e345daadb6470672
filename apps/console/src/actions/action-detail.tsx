import { useState } from 'react';
import { Link } from 'wouter';
import { useMay } from '../data/role';
import { Simulated } from '../ui/badge';
import { Button } from '../ui/button';
import { NONE, count, duration } from '../ui/format';
import { Failed, Loading } from '../ui/states';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import css from './actions.module.css';
import { ActionBadge, STATES, canCancel, deedOf, nameOf } from './action-words';
import type { ActionDetails } from './action-words';
import { DecideDialog } from './decide-dialog';
import type { Decision } from './decide-dialog';
import { GateChecks } from './gate-answer';
import { Expiry, useWhyNotMe } from './one-pending';

/** One action: where it stands and why, who asked and who decided, what its host said, every step with its time. */
export function ActionDetail({ id, titled }: { readonly id: string; readonly titled: boolean }) {
  const { details, action, why } = useWhyNotMe(id);
  const mayDecide = useMay('operator');
  const [decision, setDecision] = useState<Decision | null>(null);
  if (details.isPending) return <Loading lines={8} />;
  if (details.isError || !action) return <Failed error={details.error} retry={() => void details.refetch()} />;
  return (
    <div className={css['detail']}>
      <div className={css['line']}>
        {titled && <h1 className="name">{deedOf(action)}</h1>}
        <ActionBadge state={action.status} />
        {action.instance.simulated && <Simulated />}
        {action.status === 'pending_approval' && <Expiry deadline={action.deadline} />}
        <span style={{ flex: 1 }} />
        {mayDecide && action.status === 'pending_approval' && (
          <>
            <Button onClick={() => setDecision('reject')}>Reject</Button>
            <Button look="primary" disabled={why !== null} onClick={() => setDecision('approve')}>
              Approve
            </Button>
          </>
        )}
        {mayDecide && canCancel(action) && <Button onClick={() => setDecision('cancel')}>Take back</Button>}
      </div>
      {why && action.status === 'pending_approval' && <p className={css['whyNot']}>{why}</p>}
      <p>
        {STATES[action.status].means}
        {action.message && (
          <>
            {' '}
            <span className="name">{told(action.message)}</span>
          </>
        )}
      </p>
      <Facts action={action} />
      {action.result && <Result result={action.result} />}
      {action.gate && (
        <section className={css['part']}>
          <h2>What the safe-stop gate said</h2>
          <GateChecks gate={action.gate} />
        </section>
      )}
      <section className={css['part']}>
        <h2>Step by step</h2>
        <ol className={css['steps']}>
          {action.timeline.map((step, i) => (
            <li key={i}>
              <span className={css['stepTime']}>
                <Time at={step.at} />
              </span>
              <span className="name">
                {step.from === step.to ? <b>Remark</b> : <ActionBadge state={step.to} />}{' '}
                <bdi>{told(step.by.label)}</bdi>
                {step.note && <span className={ui['hint']}> {told(step.note)}</span>}
                {i > 0 && <span className={css['after']}>+{since(action, i)}</span>}
              </span>
            </li>
          ))}
        </ol>
      </section>
      {decision && <DecideDialog action={action} decision={decision} onClose={() => setDecision(null)} />}
    </div>
  );
}

/** Time between a step and the one before it. */
function since(action: ActionDetails, place: number): string {
  const [before, here] = [action.timeline[place - 1]!, action.timeline[place]!];
  const seconds = (Date.parse(here.at) - Date.parse(before.at)) / 1000;
  return seconds < 1 ? `${Math.max(0, Math.round(seconds * 1000))} ms` : duration(seconds);
}

function Facts({ action }: { readonly action: ActionDetails }) {
  const { approval, precondition, controller } = action;
  return (
    <dl className={css['facts']}>
      <dt>Instance</dt>
      <dd className="name">
        <Link href={`/instances/${action.instance_id}`}>
          <bdi>{nameOf(action)}</bdi>
        </Link>{' '}
        <span className={ui['hint']}>{action.instance.provider_id}</span>
      </dd>
      <dt>Asked by</dt>
      <dd className="name">
        {action.policy_id ? (
          <Link href={`/policies/${action.policy_id}`}>{told(action.requester.label)}</Link>
        ) : (
          told(action.requester.label)
        )}
        , <Time at={action.requested_at} />
      </dd>
      {action.reason && action.reason.toLowerCase() !== action.requester.label.toLowerCase() && (
        <>
          <dt>Reason</dt>
          <dd className="name">{told(action.reason)}</dd>
        </>
      )}
      <dt>Approval</dt>
      <dd className="name">
        {approval.decision ? (
          <>
            {approval.decision} by <bdi>{approval.by?.label}</bdi>, <Time at={approval.at} />
            {approval.comment && <>: {approval.comment}</>}
          </>
        ) : approval.required ? (
          `asked for${approval.second_person ? ', of a second person' : ''}`
        ) : (
          'not asked for'
        )}
      </dd>
      <dt>Agent</dt>
      <dd className="name">
        <bdi>{controller.host}</bdi> by {controller.kind},{' '}
        {controller.level === 'power' ? 'the machine itself' : 'what runs on it'}
        {action.attempts > 0 && `, offered ${count(action.attempts)} ${action.attempts === 1 ? 'time' : 'times'}`}
      </dd>
      <dt>Evidence</dt>
      <dd>
        {action.force
          ? 'forced: idleness and processes are not asked'
          : precondition.idle_since
            ? null
            : 'no idleness is asked for'}
        {!action.force && precondition.idle_since && (
          <>
            refused by the host if a GPU passed {precondition.idle_below_percent} % after{' '}
            <Time at={precondition.idle_since} />
            {precondition.known_processes !== null &&
              `, or for other than ${count(precondition.known_processes)} known processes`}
          </>
        )}
        {action.accepted.length > 0 && `; accepted losses: ${action.accepted.join(', ').replaceAll('_', ' ')}`}
      </dd>
      <dt>Deadline</dt>
      <dd>
        <Time at={action.deadline} />
      </dd>
      {action.dry_run && (
        <>
          <dt>Dry run</dt>
          <dd>It only says what would be done.</dd>
        </>
      )}
    </dl>
  );
}

function Result({ result }: { readonly result: NonNullable<ActionDetails['result']> }) {
  return (
    <section className={css['part']}>
      <h2>What the host said</h2>
      <dl className={css['facts']}>
        <dt>Outcome</dt>
        <dd className="name">
          {result.outcome}: {told(result.message)}
        </dd>
        <dt>Seen afterwards</dt>
        <dd>
          {result.observed_state ?? NONE}, {result.verified ? 'verified' : 'not verified'}
        </dd>
        <dt>Exit code</dt>
        <dd>{result.exit_code ?? NONE}</dd>
      </dl>
      {result.output && (
        <pre className={css['output']} tabIndex={0} aria-label="What the command printed">
          {result.output}
          {result.output_truncated && '\n… cut here'}
        </pre>
      )}
    </section>
  );
}
