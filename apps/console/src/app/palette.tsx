import { Dialog } from '@base-ui/react/dialog';
import { Search } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useLocation } from 'wouter';
import { useMay } from '../data/role';
import { useFinds } from './palette-finds';
import type { Entry } from './palette-finds';
import { SCREENS } from './screens';
import css from '../ui/overlay.module.css';

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  /** What can be done besides going to a screen. */
  readonly commands: readonly { readonly title: string; readonly run: () => void }[];
}

/** Ctrl-K: every screen, every command, and by a part of its name every instance, alert, policy and waiting action. */
export function Palette({ open, onOpenChange, commands }: Props) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const [, go] = useLocation();
  const isAdmin = useMay('admin');
  const term = text.trim();
  const finds = useFinds(term, open);
  const entries = useMemo(() => {
    const all: Entry[] = [
      ...SCREENS.filter(({ group, role }) => group && (role !== 'admin' || isAdmin)).map((screen) => ({
        id: screen.path,
        title: screen.title,
        note: screen.group ?? '',
        words: `${screen.title} ${screen.words ?? ''}`,
        run: () => go(screen.path),
      })),
      ...commands.map(({ title, run }) => ({ id: title, title, note: 'Command', words: title, run })),
    ];
    const parts = term.toLowerCase().split(/\s+/);
    const fitting = all.filter(({ words }) => parts.every((part) => words.toLowerCase().includes(part)));
    return [...fitting, ...finds];
  }, [term, finds, commands, go, isAdmin]);
  const chosen = Math.min(at, entries.length - 1);
  const run = (entry: Entry | undefined) => {
    if (!entry) return;
    onOpenChange(false);
    setText('');
    entry.run();
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={css['backdrop']} />
        <Dialog.Popup className={css['palette']}>
          <Dialog.Title className="visually-hidden">Go to or do</Dialog.Title>
          <div className={css['paletteField']}>
            <Search size={16} aria-hidden />
            <input
              role="combobox"
              aria-expanded="true"
              aria-controls="palette-list"
              aria-activedescendant={entries[chosen] ? `palette-${chosen}` : undefined}
              aria-label="Screen, command or name"
              placeholder="Screen, command or name …"
              value={text}
              onChange={(event) => {
                setText(event.target.value);
                setAt(0);
              }}
              onKeyDown={(event) => {
                const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
                if (step) {
                  event.preventDefault();
                  setAt((chosen + step + entries.length) % Math.max(1, entries.length));
                } else if (event.key === 'Enter') run(entries[chosen]);
              }}
            />
          </div>
          <ul id="palette-list" role="listbox" aria-label="What fits" className={css['paletteList']}>
            {entries.map((entry, i) => (
              // the field keeps the focus and its keys; a click is the other way
              <li
                key={entry.id}
                id={`palette-${i}`}
                role="option"
                aria-selected={i === chosen}
                onMouseMove={() => setAt(i)}
                onClick={() => run(entry)}
              >
                <bdi>{entry.title}</bdi>
                <span>{entry.note}</span>
              </li>
            ))}
            {entries.length === 0 && <li className={css['paletteNone']}>Nothing fits.</li>}
          </ul>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
