import { CheckField, Field, TextField } from '../ui/field';
import ui from '../ui/ui.module.css';
import type { Draft } from './channel-form';
import css from './channels.module.css';

const NAMES = ['title', 'text', 'kind', 'severity', 'alert_type', 'rule', 'fields', 'link', 'time'];

interface Props {
  /** null: our words */
  readonly template: Draft['template'];
  readonly error: string | undefined;
  readonly onChange: (template: Draft['template']) => void;
}

/** Own words for what is told. */
export function TemplateFields({ template, error, onChange }: Props) {
  return (
    <>
      <CheckField
        label="Own words"
        hint="Otherwise ours, or those set for all channels"
        checked={template !== null}
        onChange={(own) => onChange(own ? { title: '{{severity}}: {{title}}', text: '{{text}}\n{{link}}' } : null)}
      />
      {template !== null && (
        <div className={css['form']}>
          <TextField
            label="Title"
            maxLength={500}
            value={template.title ?? ''}
            onChange={(title) => onChange({ ...template, title })}
          />
          <Field
            label="Text"
            error={error}
            hint={
              <>
                Filled in:{' '}
                {NAMES.map((name) => (
                  <code key={name}>{`{{${name}}} `}</code>
                ))}
              </>
            }
          >
            {(props) => (
              <textarea
                {...props}
                className={ui['input']}
                rows={3}
                maxLength={4_000}
                value={template.text ?? ''}
                onChange={(event) => onChange({ ...template, text: event.target.value })}
              />
            )}
          </Field>
        </div>
      )}
    </>
  );
}
