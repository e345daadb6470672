import { Dialog } from '@base-ui/react/dialog';
import { Fragment } from 'react';
import { Button } from '../ui/button';
import css from '../ui/overlay.module.css';
import { screenKeys } from './keys';
import { SCREENS } from './screens';

type Line = readonly [keys: readonly string[], what: string];

const KEYS: readonly Line[] = [
  [['Ctrl', 'K'], 'Find a screen, a command or an instance'],
  [['?'], 'These keys'],
  [['Esc'], 'Close what is open'],
];
const NAMES: Readonly<Record<string, string>> = { shift: 'Shift', mod: 'Ctrl', ArrowUp: '↑', ArrowDown: '↓' };

/** `shift+x` is two keys held together, `g f` one after the other. */
const caps = (key: string) => key.split(/[ +]/).map((one) => NAMES[one] ?? one);

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

/** Every key that does something here: those of the screen first. */
export function KeysDialog({ open, onOpenChange }: Props) {
  const here = open ? screenKeys() : [];
  const screens = SCREENS.flatMap(({ key, title }): Line[] => (key ? [[['g', key], title]] : []));
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={css['backdrop']} />
        <Dialog.Popup className={`${css['dialog']} ${here.length > 0 ? css['wide'] : ''}`}>
          <Dialog.Title render={<h2 />}>Keys</Dialog.Title>
          <div className={css['keyColumns']}>
            {here.map(({ screen, keys }) => (
              <List key={screen} title={screen} lines={keys.map(({ key, what }) => [caps(key), what])} />
            ))}
            <List title="Everywhere" lines={[...KEYS, ...screens]} />
          </div>
          <Dialog.Close render={<Button />}>Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function List({ title, lines }: { readonly title: string; readonly lines: readonly Line[] }) {
  return (
    <section>
      <h3 className={css['keyTitle']}>{title}</h3>
      <dl className={css['keys']}>
        {lines.map(([keys, what]) => (
          <Fragment key={what}>
            <dt>
              {keys.map((key, i) => (
                <Fragment key={key}>
                  {i > 0 && ' '}
                  <kbd>{key}</kbd>
                </Fragment>
              ))}
            </dt>
            <dd>{what}</dd>
          </Fragment>
        ))}
      </dl>
    </section>
  );
}
