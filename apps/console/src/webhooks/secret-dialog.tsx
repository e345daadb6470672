import { KeyRound } from 'lucide-react';
import { Button } from '../ui/button';
import { Copy } from '../ui/copy';
import { Dialog } from '../ui/dialog';
import kit from '../ui/kit.module.css';
import ui from '../ui/ui.module.css';
import css from './webhooks.module.css';

interface Props {
  readonly secret: string | null;
  readonly onClose: () => void;
  /** Until then the secret before signs as well; none: there was none. */
  readonly overlap?: string | undefined;
}

/** The signing secret, the one time that it is told. */
export function SecretDialog({ secret, onClose, overlap }: Props) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="The signing secret"
      description="Copy it now: it is shown this once and never again."
      footer={
        <Button look="primary" onClick={onClose}>
          I have it
        </Button>
      }
    >
      <div className={css['secret']}>
        <KeyRound size={16} aria-hidden />
        <code className={`${kit['code']} name`}>{secret ?? 'It was shown before and cannot be shown again.'}</code>
        {secret && <Copy text={secret} label="the secret" />}
      </div>
      <p className={ui['hint']}>
        Check each post before you believe it: any library of{' '}
        <a href="https://www.standardwebhooks.com" target="_blank" rel="noreferrer">
          Standard Webhooks
        </a>{' '}
        does, with this secret as it is. {overlap}
      </p>
    </Dialog>
  );
}
