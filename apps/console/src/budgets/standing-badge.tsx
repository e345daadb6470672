import { CircleCheck, CircleHelp, CirclePause, Clock, OctagonAlert, TriangleAlert } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { Badge } from '../ui/badge';
import type { Tone } from '../ui/badge';
import type { Standing } from './budget';

const LOOKS: Readonly<Record<Standing, readonly [Tone, LucideIcon, string]>> = {
  over: ['bad', OctagonAlert, 'Over the limit'],
  likely: ['bad', TriangleAlert, 'Will likely go over'],
  maybe: ['warn', TriangleAlert, 'May go over'],
  fine: ['good', CircleCheck, 'On course'],
  unknown: ['plain', CircleHelp, 'Too early to tell'],
  waiting: ['plain', Clock, 'Not now'],
  off: ['plain', CirclePause, 'Switched off'],
};

export function StandingBadge({ of }: { readonly of: Standing }) {
  const [tone, icon, words] = LOOKS[of];
  return (
    <Badge tone={tone} icon={icon}>
      {words}
    </Badge>
  );
}
