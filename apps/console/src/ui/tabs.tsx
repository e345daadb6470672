import { Link } from 'wouter';
import { count as written } from './format';
import css from './kit.module.css';

export interface TabLink {
  readonly to: string;
  readonly title: string;
  readonly count?: number | null | undefined;
  readonly current: boolean;
}

/** Parts of one screen, each with an address of its own. */
export function TabLinks({ label, tabs }: { readonly label: string; readonly tabs: readonly TabLink[] }) {
  return (
    <nav className={css['tabs']} aria-label={label}>
      {tabs.map(({ to, title, count, current }) => (
        <Link key={to} href={to} className={css['tab']} aria-current={current ? 'page' : undefined}>
          {title}
          {count !== undefined && count !== null && <span className={css['tabCount']}>{written(count)}</span>}
        </Link>
      ))}
    </nav>
  );
}

interface ChoiceProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, words: string])[];
  readonly onChange: (value: T) => void;
}

/** A few ways to see the same thing, side by side; a group of radio buttons for those who do not see it. */
export function Choice<T extends string>({ label, value, options, onChange }: ChoiceProps<T>) {
  return (
    <fieldset className={css['choice']}>
      <legend className="visually-hidden">{label}</legend>
      {options.map(([one, words]) => (
        <label key={one} data-checked={one === value}>
          <input type="radio" name={label} checked={one === value} onChange={() => onChange(one)} />
          {words}
        </label>
      ))}
    </fieldset>
  );
}
