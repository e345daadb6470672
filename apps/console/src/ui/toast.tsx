import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { useSyncExternalStore } from 'react';
import { sentenceOf } from '../data/api';
import { whenOther } from '../data/former';
import { IconButton } from './button';
import css from './kit.module.css';

interface Said {
  readonly id: number;
  readonly text: string;
  readonly failed: boolean;
  readonly undo: (() => void) | undefined;
}

const STAYS_MS = 6_000;
const MOST = 4;
let all: readonly Said[] = [];
let last = 0;
const listeners = new Set<() => void>();
const set = (next: readonly Said[]) => {
  all = next;
  for (const listener of listeners) listener();
};
whenOther(() => set([]));
const drop = (id: number) => set(all.filter((one) => one.id !== id));

function add(text: string, failed: boolean, undo?: () => void): void {
  const id = ++last;
  set([...all, { id, text, failed, undo }].slice(-MOST));
  // what failed stays until somebody has read it
  if (!failed) setTimeout(() => drop(id), STAYS_MS);
}

/** Tells what was done where the page itself does not show it. */
export const toast = {
  /** @param undo takes it back; offered as long as the words stand there */
  say: (text: string, undo?: () => void): void => add(text, false, undo),
  failed: (error: unknown): void => add(sentenceOf(error), true),
};

/** Stands once, in the shell. */
export function Toasts() {
  const said = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => all,
  );
  return (
    <div className={css['toasts']} role="status" aria-live="polite">
      {said.map(({ id, text, failed, undo }) => (
        <div key={id} className={css['toast']} data-failed={failed}>
          {failed ? <CircleAlert size={16} aria-label="Failed:" /> : <CircleCheck size={16} aria-hidden />}
          <span className="name">{text}</span>
          {undo && (
            <button
              type="button"
              className={css['textButton']}
              onClick={() => {
                undo();
                drop(id);
              }}
            >
              Undo
            </button>
          )}
          <IconButton label="Close this message" onClick={() => drop(id)}>
            <X size={14} aria-hidden />
          </IconButton>
        </div>
      ))}
    </div>
  );
}
