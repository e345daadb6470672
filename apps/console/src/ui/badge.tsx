import {
  CircleCheck,
  CircleDashed,
  CircleHelp,
  CircleMinus,
  CirclePause,
  CirclePlay,
  CircleStop,
  LoaderCircle,
  OctagonAlert,
  TriangleAlert,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import css from './ui.module.css';

export type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'idle' | 'accent';

/** A word with a picture: the colour is never the only sign. */
export function Badge({
  tone = 'plain',
  icon: Icon,
  children,
}: {
  readonly tone?: Tone;
  readonly icon?: LucideIcon;
  readonly children: ReactNode;
}) {
  return (
    <span className={`${css['badge']} ${tone === 'plain' ? '' : css[tone]}`}>
      {Icon && <Icon size={13} aria-hidden />}
      {children}
    </span>
  );
}

const STATES: Readonly<Record<string, readonly [Tone, LucideIcon]>> = {
  running: ['good', CirclePlay],
  stopped: ['plain', CircleStop],
  starting: ['accent', LoaderCircle],
  stopping: ['accent', LoaderCircle],
  pending: ['accent', LoaderCircle],
  terminated: ['plain', CircleMinus],
  unknown: ['warn', CircleHelp],
};
export function StateBadge({ state }: { readonly state: string }) {
  const [tone, icon] = STATES[state] ?? ['plain', CircleDashed];
  return (
    <Badge tone={tone} icon={icon}>
      {state.replaceAll('_', ' ')}
    </Badge>
  );
}

const HEALTH: Readonly<Record<string, readonly [Tone, LucideIcon]>> = {
  healthy: ['good', CircleCheck],
  degraded: ['warn', TriangleAlert],
  unhealthy: ['bad', OctagonAlert],
  unknown: ['plain', CircleHelp],
};
export function HealthBadge({ health }: { readonly health: string }) {
  const [tone, icon] = HEALTH[health] ?? ['plain', CirclePause];
  return (
    <Badge tone={tone} icon={icon}>
      {health}
    </Badge>
  );
}

/** Made-up data is marked wherever it is shown. */
export function Simulated() {
  return <Badge tone="idle">simulated</Badge>;
}
