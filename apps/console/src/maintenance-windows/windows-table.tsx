import { useInstanceNames } from '../alerts/instance-picker';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Table } from '../ui/table';
import { useZone } from '../ui/time';
import ui from '../ui/ui.module.css';
import css from './calendar.module.css';
import { wordsOf } from './recurrence';
import { holdsBack, scopeWords, spanWords } from './windows';
import type { Window } from './windows';

/** The same as the calendar, to be read: how often, when next, what it is about. */
export function WindowsTable({ windows, onOpen }: { windows: readonly Window[]; onOpen: (id: number) => void }) {
  const zone = useZone();
  const nameOf = useInstanceNames(windows.flatMap(({ scope }) => ('instance_ids' in scope ? scope.instance_ids : [])));
  return (
    <Table
      label="Maintenance windows"
      rows={windows}
      keyOf={(one) => one.id}
      columns={[
        {
          title: 'Window',
          cell: (one) => (
            <div className={css['cell']}>
              <span className="name">{one.name}</span>
              {one.active && <Badge tone="accent">open now</Badge>}
            </div>
          ),
        },
        {
          title: 'How often',
          cell: (one) => (
            <>
              {wordsOf(one.recurrence)} <span className={ui['hint']}>by the clock of {one.timezone}</span>
            </>
          ),
        },
        {
          title: 'Opens next',
          tight: true,
          cell: (one) => {
            const next = one.current ?? one.next[0];
            return next ? spanWords(next, zone) : 'not any more';
          },
        },
        { title: 'About', cell: (one) => <span className="name">{scopeWords(one.scope, nameOf)}</span> },
        { title: 'Holds back', cell: holdsBack },
        {
          title: 'Change',
          quiet: true,
          tight: true,
          cell: (one) => (
            <Button look="quiet" onClick={() => onOpen(one.id)}>
              Open <span className="visually-hidden">{one.name}</span>
            </Button>
          ),
        },
      ]}
    />
  );
}
