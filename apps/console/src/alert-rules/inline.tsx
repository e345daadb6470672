import { Popover } from '@base-ui/react/popover';
import { ChevronDown } from 'lucide-react';
import type { ReactNode } from 'react';
import overlay from '../ui/overlay.module.css';
import css from './sentence.module.css';

interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [value: T, words: string])[];
  readonly onChange: (value: T) => void;
  readonly bad?: boolean;
}

/** A word of the sentence that can be exchanged. */
export function InlineSelect<T extends string>({ label, value, options, onChange, bad }: SelectProps<T>) {
  return (
    <select
      className={css['blank']}
      aria-label={label}
      aria-invalid={bad || undefined}
      value={value}
      onChange={(event) => onChange(event.target.value as T)}
    >
      {options.map(([one, words]) => (
        <option key={one} value={one}>
          {words}
        </option>
      ))}
    </select>
  );
}

interface NumberProps {
  readonly label: string;
  /** null or NaN: nothing is written */
  readonly value: number | null;
  readonly onChange: (value: number | null) => void;
  readonly min?: number;
  readonly max?: number;
  readonly whole?: boolean;
  readonly placeholder?: string;
  readonly bad?: boolean;
}

export function InlineNumber({ label, value, onChange, min, max, whole = false, placeholder, bad }: NumberProps) {
  return (
    <input
      className={`${css['blank']} ${css['number']}`}
      type="number"
      aria-label={label}
      aria-invalid={bad || undefined}
      {...{ min, max, placeholder }}
      step={whole ? 1 : 'any'}
      value={value === null || Number.isNaN(value) ? '' : value}
      onChange={(event) => onChange(event.target.value === '' ? null : event.target.valueAsNumber)}
    />
  );
}

interface TextProps {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly placeholder: string;
  /** What is known already. */
  readonly known?: readonly string[];
  readonly bad?: boolean;
}

export function InlineText({ label, value, onChange, placeholder, known = [], bad }: TextProps) {
  const list = `known-${label.replaceAll(/\W+/g, '-')}`;
  return (
    <>
      <input
        className={css['blank']}
        aria-label={label}
        aria-invalid={bad || undefined}
        list={list}
        spellCheck={false}
        autoComplete="off"
        placeholder={placeholder}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
      <datalist id={list}>
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </>
  );
}

/** A word of the sentence behind which a small form stands. */
export function InlinePopup({ label, words, children }: { label: string; words: ReactNode; children: ReactNode }) {
  return (
    <Popover.Root>
      <Popover.Trigger className={css['blank']} aria-label={label}>
        <bdi>{words}</bdi> <ChevronDown size={13} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" style={{ zIndex: 60 }}>
          <Popover.Popup className={`${overlay['menu']} ${css['popup']}`}>
            <Popover.Title className="visually-hidden">{label}</Popover.Title>
            {children}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
