import { ChartLine, X } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import { useMay } from '../data/role';
import { Simulated } from '../ui/badge';
import { Button, IconButton, LinkButton } from '../ui/button';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { Time } from '../ui/time';
import { told } from '../ui/told';
import ui from '../ui/ui.module.css';
import { AlertEvidence } from './alert-evidence';
import { AlertStory } from './alert-story';
import css from './alert-pane.module.css';
import { chartOf } from './chart-link';
import { AlertStatus, SeverityBadge } from './severity';
import type { Operation } from './views';

interface Props {
  readonly id: number;
  readonly busy: boolean;
  readonly onClose: () => void;
  readonly onAct: (operation: Operation, ids: readonly number[], comment: string | null) => void;
}

/** One alert beside the list: what it says, the numbers, what was done about it and who was told. */
export function AlertPane({ id, busy, onClose, onAct }: Props) {
  const loaded = useLoad([`/api/alerts/${id}`], () => api.GET('/api/alerts/{id}', { params: { path: { id } } }));
  const mayAct = useMay('operator');
  const [comment, setComment] = useState('');
  const alert = loaded.data?.data;
  const act = (operation: Operation) => {
    onAct(operation, [id], comment.trim() || null);
    setComment('');
  };
  const chart = alert && chartOf(alert);
  return (
    <aside className={css['pane']} aria-label="The alert">
      {loaded.isPending && <Loading lines={9} />}
      {loaded.isError && <Failed error={loaded.error} retry={() => void loaded.refetch()} />}
      {alert && (
        <>
          <header className={css['paneHead']}>
            <div className={css['paneSigns']}>
              <SeverityBadge severity={alert.severity} />
              <AlertStatus alert={alert} />
              {alert.simulated && <Simulated />}
              <span className={css['grow']} />
              <IconButton label="Back to the list (u)" onClick={onClose}>
                <X size={16} aria-hidden />
              </IconButton>
            </div>
            <h2 className="name">{told(alert.title)}</h2>
            <p className={`${css['said']} name`}>{told(alert.message)}</p>
            <p className={ui['hint']}>
              Fired <Time at={alert.last_fired_at} relative />
              {alert.occurrences > 1 && (
                <>
                  , {alert.occurrences} times since <Time at={alert.first_fired_at} />
                </>
              )}
              {alert.ended_at && (
                <>
                  ; over since <Time at={alert.ended_at} />
                </>
              )}
            </p>
          </header>
          {mayAct && alert.status === 'active' && (
            <div className={css['act']}>
              <input
                id="alert-comment"
                className={ui['input']}
                aria-label="Comment, kept with what you do"
                placeholder="Comment, kept with what you do (c)"
                maxLength={2_000}
                value={comment}
                onChange={(event) => setComment(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) act('acknowledge');
                  if (event.key === 'Escape') event.currentTarget.blur();
                }}
              />
              <div className={css['actButtons']}>
                <Button
                  look={alert.acknowledged ? 'normal' : 'primary'}
                  disabled={alert.acknowledged}
                  busy={busy && 'Working …'}
                  onClick={() => act('acknowledge')}
                >
                  Acknowledge <kbd>e</kbd>
                </Button>
                <Button disabled={busy} onClick={() => act('resolve')}>
                  Resolve <kbd>r</kbd>
                </Button>
                <Button disabled={busy} onClick={() => act('ignore')}>
                  Ignore <kbd>i</kbd>
                </Button>
                <ShowCurl
                  method="POST"
                  path={`/api/alerts/${id}/acknowledge`}
                  body={{ comment: comment.trim() || null }}
                />
              </div>
            </div>
          )}
          {alert.comment && (
            <blockquote className={`${css['comment']} name`}>
              {alert.comment}
              <footer className={ui['hint']}>
                {alert.resolved_by ?? alert.ignored_by ?? alert.acknowledged_by ?? 'somebody'}
              </footer>
            </blockquote>
          )}
          {alert.suppressed && (
            <p className={css['heldBack']}>
              Nobody was told: the maintenance window{' '}
              <Link href={`/maintenance-windows?window=${alert.suppressed.window_id}`} className="name">
                {alert.suppressed.window_name}
              </Link>{' '}
              holds it back until <Time at={alert.suppressed.ends_at} />.
            </p>
          )}
          <section className={css['block']}>
            <div className={css['blockHead']}>
              <h3>The numbers that made it fire</h3>
              {chart && (
                <LinkButton to={chart}>
                  <ChartLine size={15} aria-hidden /> Chart at that moment
                </LinkButton>
              )}
            </div>
            <AlertEvidence alert={alert} />
          </section>
          <AlertStory alert={alert} />
        </>
      )}
    </aside>
  );
}
