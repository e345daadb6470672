import { Bell, BellOff, CircleCheck, Eye, Flame, History, MoonStar, Send, Siren } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import type { Schemas } from '../data/api';
import { Badge } from '../ui/badge';
import type { Tone } from '../ui/badge';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './alert-pane.module.css';

type Detail = Schemas['AlertDetail'];

/** Who is told, who will be, and all that happened. */
export function AlertStory({ alert }: { readonly alert: Detail }) {
  return (
    <>
      <Escalation alert={alert} />
      <section className={css['block']}>
        <h3>Who was told</h3>
        {alert.deliveries.length === 0 ? (
          <p className={ui['hint']}>
            Nobody: no channel takes its type and severity. <Link href="/notification-channels">Channels</Link>
          </p>
        ) : (
          <ul className={css['told']}>
            {alert.deliveries.map((one, i) => (
              <li key={`${one.at} ${i}`}>
                <Send size={14} aria-hidden />
                <Link href={`/notification-channels/${one.channel_id}?alert=${alert.id}`} className="name">
                  {one.channel_name}
                </Link>
                <span className={ui['hint']}>{one.kind}</span>
                <span className={css['grow']} />
                <DeliveryState state={one.state} />
                <span className={css['when']}>
                  <Time at={one.at} relative />
                </span>
              </li>
            ))}
          </ul>
        )}
      </section>
      <section className={css['block']}>
        <h3>What happened</h3>
        <ol className={css['history']}>
          {alert.history.map((line) => (
            <Line key={line.id} line={line} />
          ))}
        </ol>
      </section>
    </>
  );
}

const STATES: Readonly<Record<string, Tone>> = { delivered: 'good', dead: 'bad', failed: 'bad' };

export function DeliveryState({ state }: { readonly state: string }) {
  return <Badge tone={STATES[state] ?? 'plain'}>{state.replaceAll('_', ' ')}</Badge>;
}

/** The steps of its rule: which were taken, and when the next one comes. */
function Escalation({ alert }: { readonly alert: Detail }) {
  const id = alert.rule_id;
  const rule = useLoad(
    [`/api/alert-rules/${id}`],
    () => api.GET('/api/alert-rules/{id}', { params: { path: { id: id! } } }),
    { enabled: id !== null },
  ).data?.data;
  const builtIn = useLoad(['/api/alert-rules/built-in'], () => api.GET('/api/alert-rules/built-in'), {
    enabled: alert.built_in !== null,
  }).data?.data.find(({ key }) => key === alert.built_in);
  const channels = useLoad(['/api/notification-channels'], () =>
    api.GET('/api/notification-channels', { params: { query: { limit: 200 } } }),
  ).data?.data;
  const steps = (rule ?? builtIn)?.escalation ?? [];
  if (steps.length === 0) return null;
  const nameOf = (channel: number) => channels?.find((one) => one.id === channel)?.name ?? `channel ${channel}`;
  return (
    <section className={css['block']}>
      <h3>Escalation</h3>
      <ol className={css['steps']}>
        {steps.map(({ after_minutes, notification_channel_ids }, i) => {
          const taken = i < alert.escalation_step;
          const next = i === alert.escalation_step && alert.next_escalation_at !== null;
          return (
            <li key={after_minutes} data-taken={taken}>
              {taken ? <CircleCheck size={15} aria-label="Taken:" /> : <Siren size={15} aria-hidden />}
              <span>
                after {after_minutes} min: <bdi>{notification_channel_ids.map(nameOf).join(', ')}</bdi>
              </span>
              {next && (
                <Badge tone="warn">
                  next <Time at={alert.next_escalation_at} />
                </Badge>
              )}
            </li>
          );
        })}
      </ol>
      {alert.next_escalation_at === null && alert.acknowledged && (
        <p className={ui['hint']}>Stopped: somebody looks after it.</p>
      )}
    </section>
  );
}

const KINDS: Readonly<Record<string, readonly [LucideIcon, string]>> = {
  fired: [Flame, 'Fired'],
  fired_again: [Flame, 'Fired again'],
  notified: [Bell, 'Channels were told'],
  suppressed: [MoonStar, 'Held back by a maintenance window'],
  escalated: [Siren, 'Escalated'],
  acknowledged: [Eye, 'Acknowledged'],
  ignored: [BellOff, 'Ignored'],
  resolved: [CircleCheck, 'Resolved'],
  ended: [CircleCheck, 'Its condition was over'],
};

function Line({ line }: { readonly line: Detail['history'][number] }) {
  const [Icon, words] = KINDS[line.kind] ?? [History, line.kind];
  const comment = line.details['comment'];
  const window = line.details['window_name'];
  return (
    <li>
      <Icon size={15} aria-hidden />
      <span className="name">
        {words}
        {line.actor && (
          <>
            {' '}
            by <bdi>{line.actor}</bdi>
          </>
        )}
        {typeof window === 'string' && <bdi>: {window}</bdi>}
        {typeof comment === 'string' && comment !== '' && <q className="name">{comment}</q>}
      </span>
      <span className={css['when']}>
        <Time at={line.at} />
      </span>
    </li>
  );
}
