import { useState } from 'react';
import { Button } from '../ui/button';
import { Field, SelectField, TextField } from '../ui/field';
import ui from '../ui/ui.module.css';
import css from './channels.module.css';
import { kindOf } from './kinds';
import type { ChannelType, ConfigField } from './kinds';

interface Props {
  readonly type: ChannelType;
  readonly config: Readonly<Record<string, string>>;
  /** Its secrets are kept already, and come masked. */
  readonly saved: boolean;
  readonly refused: (field: string) => string | undefined;
  readonly onChange: (config: Readonly<Record<string, string>>) => void;
}

/** What a kind needs to know. */
export function ConfigFields({ type, config, saved, refused, onChange }: Props) {
  return kindOf(type).fields.map((field) => {
    const value = config[field.name] ?? '';
    const set = (to: string) => onChange({ ...config, [field.name]: to });
    const error = refused(`config.${field.name}`) ?? (field.several ? refused(`config.${field.name}.0`) : undefined);
    const told = { label: field.label, hint: field.hint, error };
    if (field.several)
      return (
        <Field key={field.name} {...told}>
          {(props) => (
            <textarea
              {...props}
              className={ui['input']}
              rows={3}
              placeholder={field.placeholder}
              value={value}
              onChange={(event) => set(event.target.value)}
            />
          )}
        </Field>
      );
    if (field.known)
      return (
        <SelectField
          key={field.name}
          {...told}
          value={value}
          options={[...new Set([...field.known, ...(value ? [value] : [])])].map((one) => [one, one] as const)}
          onChange={set}
        />
      );
    if (field.secret && saved && value !== '')
      return <Kept key={field.name} field={field} value={value} error={error} onChange={set} />;
    return (
      <TextField
        key={field.name}
        {...told}
        placeholder={field.placeholder ?? ''}
        autoComplete="off"
        spellCheck={false}
        value={value}
        onChange={set}
      />
    );
  });
}

interface KeptProps {
  readonly field: ConfigField;
  /** Masked as long as it is kept. */
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** A secret that is kept: where it leads is shown, what opens it never. It can be written anew. */
function Kept({ field, value, error, onChange }: KeptProps) {
  const [masked] = useState(value);
  const [anew, setAnew] = useState(false);
  if (!anew)
    return (
      <div className={css['kept']}>
        <div>
          <span className={css['keptLabel']}>{field.label}</span>
          <code className="name">{value}</code>
        </div>
        <Button onClick={() => setAnew(true)}>
          Replace <span className="visually-hidden">{field.label}</span>
        </Button>
      </div>
    );
  return (
    <div className={css['kept']}>
      <TextField
        label={field.label}
        hint={field.hint}
        error={error}
        placeholder={field.placeholder ?? 'the new one'}
        autoComplete="off"
        spellCheck={false}
        autoFocus
        value={value === masked ? '' : value}
        onChange={(to) => onChange(to === '' ? masked : to)}
      />
      <Button
        onClick={() => {
          onChange(masked);
          setAnew(false);
        }}
      >
        Keep the old one
      </Button>
    </div>
  );
}
