import {
  Ban,
  CircleCheck,
  CircleHelp,
  CircleX,
  Clock,
  Hourglass,
  LoaderCircle,
  OctagonMinus,
  Send,
  TimerOff,
  UserCheck,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Schemas } from '../data/api';
import { Badge } from '../ui/badge';
import type { Tone } from '../ui/badge';

export type Action = Schemas['Action'];
export type ActionDetails = Schemas['ActionDetails'];
export type ActionState = Action['status'];

interface StateWords {
  readonly words: string;
  readonly tone: Tone;
  readonly icon: LucideIcon;
  /** What it means, for whoever reads it at night. */
  readonly means: string;
}

export const STATES: Readonly<Record<ActionState, StateWords>> = {
  pending_approval: {
    words: 'waits for approval',
    tone: 'warn',
    icon: UserCheck,
    means: 'A person has to agree before it goes out.',
  },
  queued: { words: 'queued', tone: 'accent', icon: Hourglass, means: 'It waits for its agent.' },
  dispatched: {
    words: 'sent',
    tone: 'accent',
    icon: Send,
    means: 'Its agent was offered it and has not answered yet.',
  },
  running: { words: 'running', tone: 'accent', icon: LoaderCircle, means: 'Its agent is at it.' },
  succeeded: { words: 'done', tone: 'good', icon: CircleCheck, means: 'It was done.' },
  failed: { words: 'failed', tone: 'bad', icon: CircleX, means: 'It was tried and did not work.' },
  refused: { words: 'refused', tone: 'warn', icon: OctagonMinus, means: 'The host said no before it did anything.' },
  expired: { words: 'expired', tone: 'plain', icon: TimerOff, means: 'Nobody could act on it before its deadline.' },
  cancelled: { words: 'taken back', tone: 'plain', icon: Ban, means: 'Somebody took it back before it was done.' },
  rejected: { words: 'rejected', tone: 'plain', icon: CircleX, means: 'A person did not agree.' },
  unknown: {
    words: 'unknown',
    tone: 'warn',
    icon: CircleHelp,
    means: 'The host may or may not have done it: it is asked when it is back.',
  },
};

export function ActionBadge({ state }: { readonly state: ActionState }) {
  const { words, tone, icon } = STATES[state] ?? { words: state, tone: 'plain' as const, icon: Clock };
  return (
    <Badge tone={tone} icon={icon}>
      {words}
    </Badge>
  );
}

/** "Stop trainer-7", as a heading. */
export const deedOf = (action: Pick<Action, 'type' | 'instance' | 'dry_run'>): string =>
  `${action.dry_run ? 'Try to ' : ''}${action.dry_run ? action.type : capital(action.type)} ${nameOf(action)}`;

export const nameOf = ({ instance }: Pick<Action, 'instance'>): string => instance.name ?? instance.provider_id;
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** An action that nobody has accepted yet can be taken back. */
export const canCancel = ({ status }: Pick<Action, 'status'>) =>
  status === 'pending_approval' || status === 'queued' || status === 'dispatched';
