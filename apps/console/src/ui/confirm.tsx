import { useState } from 'react';
import type { ReactNode } from 'react';
import { sentenceOf } from '../data/api';
import { Button } from './button';
import { Dialog } from './dialog';
import { TextField } from './field';
import kit from './kit.module.css';
import css from './ui.module.css';

interface ConfirmProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What the button says: the deed itself, "Stop 3 instances". */
  readonly action: string;
  readonly danger?: boolean;
  readonly busy?: boolean;
  /** What went wrong with the last try. */
  readonly error?: unknown;
  /** The deed cannot be done now; the children say why. */
  readonly disabled?: boolean;
  readonly wide?: boolean;
  readonly onConfirm: () => void;
  readonly children?: ReactNode;
  /** Stands before the buttons: a curl, a link. */
  readonly aside?: ReactNode;
}

/** Asks before it is done. */
export function Confirm(props: ConfirmProps) {
  const { open, onOpenChange, title, action, danger = false, busy = false, error, disabled = false } = props;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={title}
      wide={props.wide ?? false}
      footer={
        <>
          {props.aside}
          <span className={kit['grow']} />
          <Button onClick={() => onOpenChange(false)}>Leave it</Button>
          <Button
            look={danger ? 'dangerFull' : 'primary'}
            disabled={disabled}
            busy={busy && 'Working …'}
            onClick={props.onConfirm}
          >
            {action}
          </Button>
        </>
      }
    >
      {props.children}
      {error !== undefined && error !== null && (
        <p className={css['fault']} role="alert">
          {sentenceOf(error)}
        </p>
      )}
    </Dialog>
  );
}

/** What cannot be taken back is typed: nobody does it by a slip of the hand. */
export function ConfirmTyped({ word, children, ...rest }: ConfirmProps & { readonly word: string }) {
  const [typed, setTyped] = useState('');
  const change = (open: boolean) => {
    if (!open) setTyped('');
    rest.onOpenChange(open);
  };
  return (
    <Confirm {...rest} onOpenChange={change} disabled={(rest.disabled ?? false) || typed.trim() !== word}>
      {children}
      <TextField
        label={
          <>
            Type <code className="name">{word}</code> to go on
          </>
        }
        value={typed}
        onChange={setTyped}
        autoComplete="off"
        spellCheck={false}
      />
    </Confirm>
  );
}
