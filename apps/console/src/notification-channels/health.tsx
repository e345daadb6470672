import { CircleCheck, CircleDashed, CirclePause, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { Badge } from '../ui/badge';
import type { Tone } from '../ui/badge';
import type { Channel } from './kinds';

const STATES: Readonly<Record<string, readonly [Tone, LucideIcon, string]>> = {
  healthy: ['good', CircleCheck, 'arrives'],
  failing: ['warn', TriangleAlert, 'failing'],
  unhealthy: ['bad', OctagonAlert, 'does not arrive'],
  untested: ['plain', CircleDashed, 'not tried yet'],
};

export function ChannelHealth({ channel }: { readonly channel: Pick<Channel, 'enabled' | 'health'> }) {
  if (!channel.enabled) return <Badge icon={CirclePause}>off</Badge>;
  const [tone, icon, words] = STATES[channel.health.status] ?? STATES['untested']!;
  return (
    <Badge tone={tone} icon={icon}>
      {words}
    </Badge>
  );
}
