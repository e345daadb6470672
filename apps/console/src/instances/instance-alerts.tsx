import { OctagonAlert } from 'lucide-react';
import { Link } from 'wouter';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import { momentAround } from './moments';
import css from './instance.module.css';
import type { Details } from './instance-screen';

const MOST = 3;

/** Alerts that are open about it now; each leads to the charts at the moment when it fired. */
export function InstanceAlerts({ alerts, id }: { readonly alerts: Details['alerts']; readonly id: number }) {
  if (alerts.length === 0) return null;
  return (
    <ul className={css['alerts']} aria-label="Open alerts">
      {alerts.slice(0, MOST).map((alert) => (
        <li key={alert.id} data-severity={alert.severity}>
          <OctagonAlert size={16} aria-hidden />
          <span className={css['alertText']}>
            <b className="name">{told(alert.title)}</b> <span className="name">{told(alert.message)}</span>
          </span>
          <span className={css['alertLinks']}>
            <Link href={`/instances/${id}?${momentAround(Date.parse(alert.last_fired_at), null)}`}>
              Charts when it fired
            </Link>
            <Link href={`/alerts?alert=${alert.id}`}>Alert</Link>
            <Time at={alert.last_fired_at} relative />
          </span>
        </li>
      ))}
      {alerts.length > MOST && (
        <li>
          <Link href="/alerts">{alerts.length - MOST} more open alerts</Link>
        </li>
      )}
    </ul>
  );
}
