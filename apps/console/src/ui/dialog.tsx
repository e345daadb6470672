import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './button';
import css from './overlay.module.css';

export interface DialogProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  /** For tables and code. */
  readonly wide?: boolean;
  /** The buttons, at the end; the last one is the one that does it. */
  readonly footer?: ReactNode;
  readonly children?: ReactNode;
}

/** Over the page, in its middle. Escape and a click beside it close it; the focus returns to where it was. */
export function Dialog(props: DialogProps) {
  return <Over {...props} look={`${css['dialog']} ${props.wide ? css['wide'] : ''}`} />;
}

/** From the right side: what one looks at beside the list that it came from. */
export function Sheet(props: DialogProps) {
  return <Over {...props} look={`${css['sheet']} ${props.wide ? css['sheetWide'] : ''}`} />;
}

function Over({ open, onOpenChange, title, description, footer, children, look }: DialogProps & { look: string }) {
  return (
    <Base.Root open={open} onOpenChange={(to) => onOpenChange(to)}>
      <Base.Portal>
        <Base.Backdrop className={css['backdrop']} />
        <Base.Popup className={look}>
          <div className={css['dialogHead']}>
            <Base.Title render={<h2 />} className="name">
              {title}
            </Base.Title>
            <Base.Close
              render={
                <IconButton label="Close">
                  <X size={16} aria-hidden />
                </IconButton>
              }
            />
          </div>
          {description !== undefined && (
            <Base.Description render={<div />} className={css['dialogText']}>
              {description}
            </Base.Description>
          )}
          <div className={css['dialogBody']}>{children}</div>
          {footer !== undefined && <div className={css['dialogFoot']}>{footer}</div>}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
