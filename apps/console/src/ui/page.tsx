import type { ReactNode } from 'react';
import { Link } from 'wouter';
import app from '../app/app.module.css';
import { Simulated } from './badge';
import type { Tone } from './badge';
import kit from './kit.module.css';
import css from './ui.module.css';

interface PageHeadProps {
  readonly title: ReactNode;
  readonly simulated?: boolean;
  /** A few words beside the title: what is looked at. */
  readonly hint?: ReactNode;
  /** What can be done here; on the right. */
  readonly children?: ReactNode;
}

/** The one first heading of a screen. */
export function PageHead({ title, simulated = false, hint, children }: PageHeadProps) {
  return (
    <div className={app['head']}>
      <h1 className="name">{title}</h1>
      {simulated && <Simulated />}
      {hint !== undefined && <span className={css['hint']}>{hint}</span>}
      <span className={app['spacer']} />
      {children}
    </div>
  );
}

interface CardProps {
  readonly title?: ReactNode;
  readonly hint?: ReactNode;
  readonly actions?: ReactNode;
  /** Room around the content; tables go to the edge without it. */
  readonly padded?: boolean;
  readonly children?: ReactNode;
}

export function Card({ title, hint, actions, padded = false, children }: CardProps) {
  return (
    <section className={css['card']}>
      {(title !== undefined || actions !== undefined) && (
        <div className={css['cardHead']}>
          <div className={kit['cardTitle']}>
            <h2>{title}</h2>
            {hint !== undefined && <span className={css['hint']}>{hint}</span>}
          </div>
          {actions !== undefined && <div className={kit['cardActions']}>{actions}</div>}
        </div>
      )}
      {padded ? <div className={css['cardBody']}>{children}</div> : children}
    </section>
  );
}

export interface TileItem {
  readonly label: string;
  readonly value: ReactNode;
  readonly note?: ReactNode;
  readonly tone?: Tone;
  /** Where the number leads. */
  readonly to?: string;
  /** It is what the list below shows now. */
  readonly current?: boolean;
}

/** The few numbers that stand above everything else; those that lead somewhere are links. */
export function Tiles({ items }: { readonly items: readonly TileItem[] }) {
  return (
    <dl className={css['tiles']}>
      {items.map(({ label, value, note, tone = 'plain', to, current = false }) => (
        <div key={label} className={`${css['tile']} ${kit['tile']}`} data-tone={tone} data-current={current}>
          <dt className={css['tileLabel']}>
            {to === undefined ? (
              label
            ) : (
              <Link href={to} className={kit['tileLink']} aria-current={current || undefined}>
                {label}
              </Link>
            )}
          </dt>
          <dd className={css['tileValue']}>{value}</dd>
          {note !== undefined && <dd className={css['tileNote']}>{note}</dd>}
        </div>
      ))}
    </dl>
  );
}
