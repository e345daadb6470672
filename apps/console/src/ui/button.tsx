import type { ButtonHTMLAttributes, ReactNode } from 'react';
import { Link } from 'wouter';
import css from './ui.module.css';

type Look = 'normal' | 'primary' | 'danger' | 'dangerFull' | 'quiet';
const LOOKS: Readonly<Record<Look, string>> = {
  normal: '',
  primary: css['primary']!,
  danger: css['danger']!,
  dangerFull: css['dangerFull']!,
  quiet: css['quiet']!,
};

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly look?: Look;
  /** Shown and told instead of the children while the work that the click began goes on. */
  readonly busy?: string | false;
}

export function Button({ look = 'normal', busy = false, children, disabled, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      className={`${css['button']} ${LOOKS[look]} ${className ?? ''}`}
      disabled={disabled || busy !== false}
      aria-busy={busy !== false}
      {...rest}
    >
      {busy === false ? children : busy}
    </button>
  );
}

/** @param label what it does, for people who do not see the picture */
export function IconButton({ label, children, ...rest }: ButtonProps & { readonly label: string }) {
  return (
    <Button look="quiet" className={css['icon']} aria-label={label} title={label} {...rest}>
      {children}
    </Button>
  );
}

export function LinkButton({
  to,
  look = 'normal',
  children,
}: {
  readonly to: string;
  readonly look?: Look;
  readonly children: ReactNode;
}) {
  return (
    <Link href={to} className={`${css['button']} ${LOOKS[look]}`}>
      {children}
    </Link>
  );
}
