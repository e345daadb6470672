import { Copy } from '../ui/copy';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import kit from '../ui/kit.module.css';
import ui from '../ui/ui.module.css';

interface Props {
  readonly title: string;
  /** What it is, for a screen reader and the button. */
  readonly what: string;
  readonly text: string | null;
  readonly note: string;
  readonly onClose: () => void;
}

/** A secret that nobody can look up later: it stands here until the dialog is closed. */
export function ShownOnce({ title, what, text, note, onClose }: Props) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={title}
      wide
      footer={
        <>
          {text !== null && <Copy text={text} label={what} />}
          <Button look="primary" onClick={onClose}>
            I have it
          </Button>
        </>
      }
    >
      <pre className={kit['code']} tabIndex={0} aria-label={what}>
        {text ?? 'It was shown before and cannot be shown again.'}
      </pre>
      <p className={ui['hint']}>{note}</p>
    </Dialog>
  );
}
