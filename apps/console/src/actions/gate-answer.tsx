import { CircleCheck, CircleHelp, CircleX, ShieldAlert, ShieldCheck } from 'lucide-react';
import type { Schemas } from '../data/api';
import { Badge } from '../ui/badge';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import css from './actions.module.css';

type Gate = Schemas['StopGateJudgement'];

const CLASSES: Readonly<Record<Gate['class'], string>> = {
  off: 'it is off',
  empty_idle: 'its GPUs are empty and idle',
  parked: 'a loaded model waits for calls',
  underused: 'it is little used',
  busy: 'it is at work',
  unknown: 'too little is reported to tell',
};
const NAMES: Readonly<Record<string, string>> = {
  state: 'Running',
  protection: 'Protection',
  open_action: 'Other actions',
  maintenance: 'Maintenance',
  recent_start: 'Just started',
  coverage: 'Evidence',
  activity: 'Activity',
  processes: 'Processes',
  model_server: 'Model server',
  jobs: 'Jobs',
  local_disks: 'Local disks',
  auto_scaling: 'Auto scaling',
  spot: 'Spot',
  commitment: 'Commitment',
};

/** In one line: whether the safe-stop gate lets it pass, and if not, why. */
export function GateLine({ gate }: { readonly gate: Gate | null }) {
  if (!gate) return <span className={ui['hint']}>The safe-stop gate was not asked.</span>;
  const against = gate.checks.filter(({ blocks }) => blocks);
  return (
    <span className={css['gateLine']}>
      {gate.allowed ? (
        <Badge tone="good" icon={ShieldCheck}>
          safe to stop
        </Badge>
      ) : (
        <Badge tone="bad" icon={ShieldAlert}>
          not safe to stop
        </Badge>
      )}
      <span className="name">
        {gate.allowed
          ? capital(CLASSES[gate.class]) + '.'
          : told(against[0]?.reason ?? `${capital(CLASSES[gate.class])}.`)}
        {against.length > 1 && ` And ${against.length - 1} more.`}
      </span>
    </span>
  );
}

const VERDICTS = {
  pass: [CircleCheck, 'var(--good)', 'fine'],
  refuse: [CircleX, 'var(--bad)', 'against it'],
  unknown: [CircleHelp, 'var(--warn)', 'not known'],
} as const;

/** Every check with its verdict and its reason. */
export function GateChecks({ gate }: { readonly gate: Gate }) {
  return (
    <>
      <p className={ui['hint']}>
        Asked <Time at={gate.judged_at} />, about <Time at={gate.window.from} /> to <Time at={gate.window.to} />:{' '}
        {CLASSES[gate.class]}.
      </p>
      <ul className={css['checks']}>
        {[...gate.checks]
          .sort((a, b) => Number(b.blocks) - Number(a.blocks))
          .map(({ check, verdict, reason, blocks }) => {
            const [Icon, color, words] = VERDICTS[verdict];
            return (
              <li key={check} data-blocks={blocks}>
                <Icon size={15} color={color} aria-label={words} />
                <b>{NAMES[check] ?? check}</b>
                <span className="name">{told(reason)}</span>
              </li>
            );
          })}
      </ul>
    </>
  );
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
