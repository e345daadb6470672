import type { ReactNode } from 'react';
import { Link } from 'wouter';
import css from './bars.module.css';

export interface BarItem {
  /** Any name; shown as text. */
  readonly label: string;
  /** null: nothing is known, which is not 0. */
  readonly value: number | null;
  /** In a few words, below the label. */
  readonly note?: ReactNode;
  /** Where the number leads. */
  readonly to?: string;
  /** CSS colour by role; left out: the first of charts. */
  readonly color?: string;
  /** Two of one name. */
  readonly key?: string;
}

interface Props {
  /** What the bars tell, for people who do not see them. */
  readonly label: string;
  readonly items: readonly BarItem[];
  readonly format: (value: number | null) => string;
  /** Values below 0 to the left in one colour, above 0 to the right in another: changes. */
  readonly signed?: boolean;
}

/** Horizontal bars, one below the other, each with its number; the numbers are text, so a table view is not needed. */
export function Bars({ label, items, format, signed = false }: Props) {
  const most = Math.max(0, ...items.map(({ value }) => value ?? 0));
  const least = Math.min(0, ...items.map(({ value }) => value ?? 0));
  const whole = most - least || 1;
  const zero = (-least / whole) * 100;
  return (
    <ul className={css['bars']} aria-label={label}>
      {items.map((item) => {
        const { value, color } = item;
        const width = (Math.abs(value ?? 0) / whole) * 100;
        return (
          <li key={item.key ?? item.label} className={css['row']}>
            <span className={css['label']}>
              <Name label={item.label} to={item.to} />
              {item.note !== undefined && <span className={css['note']}>{item.note}</span>}
            </span>
            <span className={css['value']}>{format(value)}</span>
            <span className={css['track']} aria-hidden>
              {least < 0 && <span className={css['zero']} style={{ left: `${zero}%` }} />}
              <span
                className={css['bar']}
                data-sign={signed ? Math.sign(value ?? 0) : undefined}
                style={{
                  left: `${(value ?? 0) < 0 ? zero - width : zero}%`,
                  width: `${width}%`,
                  ...(color && { background: color }),
                }}
              />
            </span>
          </li>
        );
      })}
    </ul>
  );
}

function Name({ label, to }: { readonly label: string; readonly to: string | undefined }) {
  if (to === undefined) return <bdi title={label}>{label}</bdi>;
  return (
    <Link href={to} title={label}>
      <bdi>{label}</bdi>
    </Link>
  );
}
