import { MoonStar } from 'lucide-react';
import { memo } from 'react';
import { Link } from 'wouter';
import { Badge, Simulated } from '../ui/badge';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import css from './alerts.module.css';
import { AlertStatus, SeverityMark } from './severity';
import type { Alert } from './use-inbox';

interface Props {
  readonly alert: Alert;
  readonly to: string;
  readonly current: boolean;
  readonly selected: boolean;
  /** It changed so that the filter leaves it out. */
  readonly left: boolean;
  /** Of several states in one list: its own is shown. */
  readonly withStatus: boolean;
  /** undefined: whoever looks may do nothing with it. */
  readonly onToggle: ((id: number, range: boolean) => void) | undefined;
  readonly onPoint: (id: number) => void;
}

export const AlertRow = memo(function AlertRow(props: Props) {
  const { alert, to, current, selected, left, withStatus, onToggle, onPoint } = props;
  return (
    <li
      className={css['row']}
      data-alert={alert.id}
      data-current={current}
      data-selected={selected}
      data-left={left}
      aria-current={current || undefined}
    >
      <label className={css['tick']}>
        {onToggle && (
          <input
            type="checkbox"
            aria-label={`Select ${alert.title}`}
            checked={selected}
            onClick={(event) => onToggle(alert.id, event.shiftKey)}
            onChange={() => undefined}
          />
        )}
      </label>
      <SeverityMark severity={alert.severity} />
      <div className={css['words']}>
        <Link href={to} className={`${css['title']} name`} onClick={() => onPoint(alert.id)}>
          {told(alert.title)}
        </Link>
        <span className={`${css['message']} name`}>{told(alert.message)}</span>
      </div>
      <div className={css['signs']}>
        {alert.suppressed && (
          <Badge tone="idle" icon={MoonStar}>
            held back
          </Badge>
        )}
        {(withStatus || left) && <AlertStatus alert={alert} />}
        {alert.occurrences > 1 && (
          <span className={css['times']} title={`It began to fire ${alert.occurrences} times`}>
            ×{alert.occurrences}
          </span>
        )}
        {alert.simulated && <Simulated />}
      </div>
      <span className={css['when']}>
        <Time at={alert.last_fired_at} relative />
      </span>
    </li>
  );
});
