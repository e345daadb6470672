import { useState } from 'react';
import { Field } from '../ui/field';
import ui from '../ui/ui.module.css';
import { draftOf } from './rule';
import type { Draft } from './rule';
import css from './rule.module.css';

/** The rule as the API takes it. What is no JSON yet changes nothing. */
export function RuleJson({ draft, onChange }: { readonly draft: Draft; readonly onChange: (draft: Draft) => void }) {
  const [text, setText] = useState(() => JSON.stringify(draft, null, 2));
  const [fault, setFault] = useState<string>();
  const write = (next: string) => {
    setText(next);
    try {
      const value: unknown = JSON.parse(next);
      if (typeof value !== 'object' || value === null || Array.isArray(value))
        throw new Error('A rule is an object: { … }');
      setFault(undefined);
      onChange(draftOf(value as Partial<Draft>));
    } catch (error) {
      setFault(error instanceof Error ? error.message : 'This is no JSON.');
    }
  };
  return (
    <Field
      label="The body of the rule"
      hint="What is left out is as in a new rule. The sentence and the preview follow what stands here."
      error={fault}
    >
      {(props) => (
        <textarea
          {...props}
          className={`${ui['input']} ${css['json']}`}
          spellCheck={false}
          rows={26}
          value={text}
          onChange={(event) => write(event.target.value)}
        />
      )}
    </Field>
  );
}
