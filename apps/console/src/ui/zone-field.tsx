import { useId } from 'react';
import { Field } from './field';
import css from './ui.module.css';

const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone')];

interface Props {
  readonly label?: string;
  readonly hint?: string;
  readonly value: string;
  readonly error?: string | undefined;
  readonly onChange: (zone: string) => void;
}

/** A time zone by its IANA name, found by a part of it. */
export function ZoneField({ label = 'Time zone', hint, value, error, onChange }: Props) {
  const list = useId();
  return (
    <Field label={label} hint={hint} error={error}>
      {(props) => (
        <>
          <input
            {...props}
            className={css['input']}
            list={list}
            autoComplete="off"
            spellCheck={false}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
          <datalist id={list}>
            {ZONES.map((zone) => (
              <option key={zone} value={zone} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
