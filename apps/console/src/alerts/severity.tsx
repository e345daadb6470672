import { BellOff, CircleCheck, CircleDot, Eye, OctagonAlert } from 'lucide-react';
import { Badge } from '../ui/badge';
import css from './alerts.module.css';

export type Severity = 'low' | 'medium' | 'high' | 'critical';
export const SEVERITIES: readonly Severity[] = ['critical', 'high', 'medium', 'low'];
const BARS: Readonly<Record<string, number>> = { low: 1, medium: 2, high: 3 };

/** How grave it is as a small picture: more bars are graver, an octagon is critical. */
export function SeverityMark({ severity, told = true }: { readonly severity: string; readonly told?: boolean }) {
  const named = told ? { role: 'img', 'aria-label': severity } : { 'aria-hidden': true };
  if (severity === 'critical')
    return (
      <span className={css['severity']} data-severity={severity} title={severity} {...named}>
        <OctagonAlert size={16} aria-hidden />
      </span>
    );
  return (
    <span className={css['severity']} data-severity={severity} title={severity} {...named}>
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden>
        {[1, 2, 3].map((bar) => (
          <rect
            key={bar}
            x={bar * 5 - 4}
            y={12 - bar * 3.4}
            width="3.4"
            height={bar * 3.4 + 2}
            rx="1"
            fill="currentColor"
            opacity={bar <= (BARS[severity] ?? 0) ? 1 : 0.25}
          />
        ))}
      </svg>
    </span>
  );
}

export function SeverityBadge({ severity }: { readonly severity: string }) {
  return (
    <span className={css['severityWord']}>
      <SeverityMark severity={severity} told={false} /> {severity}
    </span>
  );
}

interface State {
  readonly status: string;
  readonly acknowledged: boolean;
  readonly ended_at: string | null;
}

/** What became of it. */
export function AlertStatus({ alert }: { readonly alert: State }) {
  if (alert.status === 'resolved')
    return (
      <Badge tone="good" icon={CircleCheck}>
        resolved
      </Badge>
    );
  if (alert.status === 'ignored') return <Badge icon={BellOff}>ignored</Badge>;
  if (alert.acknowledged)
    return (
      <Badge tone="accent" icon={Eye}>
        acknowledged
      </Badge>
    );
  return (
    <Badge tone="bad" icon={CircleDot}>
      open
    </Badge>
  );
}
