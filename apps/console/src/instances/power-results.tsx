import { OctagonAlert } from 'lucide-react';
import { Link } from 'wouter';
import { ActionBadge } from '../actions/action-words';
import type { ActionState } from '../actions/action-words';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { count } from '../ui/format';
import ui from '../ui/ui.module.css';
import { grouped } from './bulk';
import { nameOf } from './columns';
import css from './power.module.css';
import { FEW, NAMES } from './power-many';
import { useOutcomes } from './use-power';
import type { Done, Power } from './use-power';

interface Props {
  readonly kind: 'start' | 'stop';
  readonly power: Power;
  /** That were chosen. */
  readonly total: number;
  readonly onClose: () => void;
}

/** What became of each, while it happens; those that were refused lead to their own page. */
export function PowerResults({ kind, power, total, onClose }: Props) {
  const { done, busy, waiting } = power;
  const states = useOutcomes(kind, done);
  const verb = kind === 'stop' ? 'Stop' : 'Start';
  const refused = done.filter(({ action }) => action === undefined).length;
  const title = busy
    ? `${verb}: ${count(done.length)} of ${count(total)} asked`
    : `${verb}: ${count(done.length - refused)} asked for, ${count(refused)} refused`;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      wide
      footer={<Button onClick={onClose}>{busy ? 'Ask for no more' : 'Close'}</Button>}
    >
      {total > FEW && <progress max={total} value={done.length} aria-label="Instances that were asked for" />}
      {waiting && (
        <p className={ui['hint']} role="status">
          Ten such requests a minute are allowed; it goes on by itself.
        </p>
      )}
      {total <= FEW ? (
        <ul className={css['results']} aria-label="What became of them">
          {done.map((one) => (
            <Line key={one.instance.id} one={one} status={one.action && states.get(one.action.id)} />
          ))}
        </ul>
      ) : (
        <Groups done={done} states={states} />
      )}
    </Dialog>
  );
}

function Line({ one, status }: { readonly one: Done; readonly status: ActionState | undefined }) {
  const { instance, action, said } = one;
  return (
    <li className={css['result']}>
      <Link href={`/instances/${instance.id}`} className="name">
        {nameOf(instance)}
      </Link>
      {action ? (
        <Link href={`/actions/${action.id}`}>
          <ActionBadge state={status ?? action.status} />
        </Link>
      ) : (
        <Badge tone="bad" icon={OctagonAlert}>
          refused
        </Badge>
      )}
      {said !== undefined && (
        <ul>
          <li>{said}</li>
        </ul>
      )}
    </li>
  );
}

interface GroupsProps {
  readonly done: readonly Done[];
  readonly states: ReadonlyMap<string, ActionState>;
}

/** Many: by what they have come to. */
function Groups({ done, states }: GroupsProps) {
  const groups = grouped(done, ({ action }) => [action ? (states.get(action.id) ?? action.status) : 'refused here']);
  return (
    <div className={css['groups']} role="group" aria-label="What became of them">
      {groups.map(({ name, members }) => (
        <details key={name} open={name === 'refused here' || undefined}>
          <summary>
            {name === 'refused here' ? (
              <Badge tone="bad" icon={OctagonAlert}>
                refused
              </Badge>
            ) : (
              <ActionBadge state={name as ActionState} />
            )}{' '}
            <b>{count(members.length)}</b>
          </summary>
          <ul>
            {members.slice(0, NAMES).map(({ instance, action, said }) => (
              <li key={instance.id}>
                <Link href={action ? `/actions/${action.id}` : `/instances/${instance.id}`} className="name">
                  {nameOf(instance)}
                </Link>{' '}
                {said}
              </li>
            ))}
            {members.length > NAMES && (
              <li>
                and {count(members.length - NAMES)} more: <Link href="/actions">all actions</Link>
              </li>
            )}
          </ul>
        </details>
      ))}
    </div>
  );
}
