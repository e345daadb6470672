import { useId } from 'react';
import type { InputHTMLAttributes, ReactNode } from 'react';
import { ApiError } from '../data/session';
import kit from './kit.module.css';
import css from './ui.module.css';

interface Told {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  /** What is wrong with it, in a sentence. */
  readonly error?: string | undefined;
}

/** What an input needs so that label, hint and fault are told with it. */
export interface FieldProps {
  readonly id: string;
  readonly 'aria-describedby': string | undefined;
  readonly 'aria-invalid': boolean | undefined;
}

export function Field({
  label,
  hint,
  error,
  children,
}: Told & { readonly children: (props: FieldProps) => ReactNode }) {
  const id = useId();
  const said = [hint !== undefined && `${id}-hint`, error !== undefined && `${id}-fault`].filter(Boolean).join(' ');
  return (
    <div className={css['field']}>
      <label htmlFor={id}>{label}</label>
      {children({ id, 'aria-describedby': said || undefined, 'aria-invalid': error === undefined ? undefined : true })}
      {hint !== undefined && (
        <span id={`${id}-hint`} className={css['hint']}>
          {hint}
        </span>
      )}
      {error !== undefined && (
        <span id={`${id}-fault`} className={css['fault']}>
          {error}
        </span>
      )}
    </div>
  );
}

type Native = Omit<InputHTMLAttributes<HTMLInputElement>, 'onChange' | 'value' | 'id'>;
type TextProps = Told & Native & { readonly value: string; readonly onChange: (value: string) => void };

export function TextField({ label, hint, error, value, onChange, className, ...native }: TextProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => (
        <input
          className={`${css['input']} ${className ?? ''}`}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          {...native}
          {...props}
        />
      )}
    </Field>
  );
}

type NumberProps = Told &
  Native & {
    /** null: nothing is written */
    readonly value: number | null;
    readonly onChange: (value: number | null) => void;
    /** Stands behind the field. */
    readonly unit?: string;
  };

export function NumberField({ label, hint, error, value, onChange, unit, ...native }: NumberProps) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => (
        <span className={kit['withUnit']}>
          <input
            className={css['input']}
            type="number"
            value={value ?? ''}
            onChange={(event) => onChange(event.target.value === '' ? null : event.target.valueAsNumber)}
            {...native}
            {...props}
          />
          {unit !== undefined && <span className={css['hint']}>{unit}</span>}
        </span>
      )}
    </Field>
  );
}

type SelectProps<T extends string> = Told & {
  readonly value: T;
  readonly options: readonly (readonly [value: T, words: string])[];
  readonly onChange: (value: T) => void;
  readonly disabled?: boolean;
};

export function SelectField<T extends string>({ label, hint, error, ...rest }: SelectProps<T>) {
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => <Options {...rest} {...props} />}
    </Field>
  );
}

/** A choice in a row of filters: its label is told, not shown. */
export function Select<T extends string>({ label, ...rest }: Omit<SelectProps<T>, 'label'> & { label: string }) {
  return <Options {...rest} aria-label={label} />;
}

function Options<T extends string>({ value, options, onChange, ...rest }: Omit<SelectProps<T>, keyof Told>) {
  return (
    <select
      className={`${css['input']} ${kit['select']}`}
      value={value}
      onChange={(event) => onChange(event.target.value as T)}
      {...rest}
    >
      {options.map(([one, words]) => (
        <option key={one} value={one}>
          {words}
        </option>
      ))}
    </select>
  );
}

type CheckProps = Omit<Told, 'error'> & {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly disabled?: boolean;
};

export function CheckField({ label, hint, checked, onChange, disabled = false }: CheckProps) {
  const id = useId();
  return (
    <div className={kit['check']}>
      <input
        id={id}
        type="checkbox"
        checked={checked}
        disabled={disabled}
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        onChange={(event) => onChange(event.target.checked)}
      />
      <label htmlFor={id}>{label}</label>
      {hint !== undefined && (
        <span id={`${id}-hint`} className={css['hint']}>
          {hint}
        </span>
      )}
    </div>
  );
}

/** What the API says about one field of what was sent; undefined: nothing. @param field as on the wire: `rules.0.metric` */
export function fieldError(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiError) || !error.details) return undefined;
  const { details, message } = error;
  const issues = Array.isArray(details['issues'])
    ? (details['issues'] as readonly { readonly field: string; readonly message: string }[])
    : [{ field: details['field'], message: message.replace(`${String(details['field'])}: `, '') }];
  return issues.find((issue) => issue.field === field)?.message;
}
