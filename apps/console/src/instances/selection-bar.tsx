import { Play, Square } from 'lucide-react';
import { useState } from 'react';
import { sentenceOf } from '../data/api';
import { Button } from '../ui/button';
import { count } from '../ui/format';
import ui from '../ui/ui.module.css';
import { MOST_CHOSEN } from './every-match';
import type { Chosen } from './every-match';
import css from './instances-table.module.css';
import type { RowSelection } from './use-selection';

interface Props {
  /** Of the page. */
  readonly rows: readonly Chosen[];
  /** That the filters let through, on all pages. */
  readonly total: number;
  readonly selection: RowSelection<Chosen>;
  readonly onEvery: () => Promise<readonly Chosen[]>;
  readonly onPower: (kind: 'start' | 'stop') => void;
}

/** How many are chosen, on this page and on others, and what can be done with them. */
export function SelectionBar({ rows, total, selection, onEvery, onPower }: Props) {
  const [reading, setReading] = useState(false);
  const [fault, setFault] = useState<string>();
  const { chosen } = selection;
  const here = rows.filter(({ id }) => chosen.has(id)).length;
  const of = (state: string) => [...chosen.values()].filter((one) => one.state === state).length;
  const [running, stopped] = [of('running'), of('stopped')];
  const every = async () => {
    setReading(true);
    setFault(undefined);
    try {
      selection.add(await onEvery());
    } catch (error) {
      setFault(sentenceOf(error));
    }
    setReading(false);
  };
  const all = total > MOST_CHOSEN ? `the first ${count(MOST_CHOSEN)} of ${count(total)}` : `all ${count(total)}`;
  return (
    <div className={css['bulk']} role="toolbar" aria-label="What to do with the chosen ones">
      <strong aria-live="polite">
        {count(chosen.size)} chosen
        {here < chosen.size && <span className={ui['hint']}>, {count(chosen.size - here)} not on this page</span>}
      </strong>
      <Button onClick={() => onPower('stop')} disabled={running === 0}>
        <Square size={14} aria-hidden /> Stop {running > 0 && count(running)} …
      </Button>
      <Button onClick={() => onPower('start')} disabled={stopped === 0}>
        <Play size={14} aria-hidden /> Start {stopped > 0 && count(stopped)} …
      </Button>
      {here < rows.length && (
        <Button look="quiet" onClick={() => selection.add(rows)}>
          Choose the page
        </Button>
      )}
      {total > rows.length && chosen.size < Math.min(total, MOST_CHOSEN) && (
        <Button look="quiet" busy={reading && 'Reading …'} onClick={() => void every()}>
          Choose {all} that match
        </Button>
      )}
      <Button look="quiet" onClick={selection.clear}>
        Choose none
      </Button>
      {fault !== undefined && (
        <span className={ui['fault']} role="alert">
          {fault}
        </span>
      )}
    </div>
  );
}
