import { Dialog } from '@base-ui/react/dialog';
import { Fragment } from 'react';
import { Button } from '../ui/button';
import css from '../ui/overlay.module.css';
import { SCREENS } from './screens';

const KEYS: readonly (readonly [readonly string[], string])[] = [
  [['Ctrl', 'K'], 'Find a screen, a command or an instance'],
  [['?'], 'These keys'],
  [['Esc'], 'Close what is open'],
];

interface Props {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
}

export function KeysDialog({ open, onOpenChange }: Props) {
  const screens = SCREENS.flatMap(({ key, title }) => (key ? [[['g', key], title] as const] : []));
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Portal>
        <Dialog.Backdrop className={css['backdrop']} />
        <Dialog.Popup className={css['dialog']}>
          <Dialog.Title render={<h2 />}>Keys</Dialog.Title>
          <dl className={css['keys']}>
            {[...KEYS, ...screens].map(([keys, what]) => (
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
          <Dialog.Close render={<Button />}>Close</Dialog.Close>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
