import { useState } from 'react';
import { Copy } from '../ui/copy';
import { Card } from '../ui/page';
import ui from '../ui/ui.module.css';
import { bodyOf, parsed, same } from './draft';
import type { Draft } from './draft';
import css from './json-view.module.css';

interface Props {
  readonly draft: Draft;
  readonly onChange: (draft: Draft) => void;
}

/** The same policy as the API takes it; what is written here is in the form and in the words at once. */
export function JsonView({ draft, onChange }: Props) {
  const [text, setText] = useState(() => JSON.stringify(bodyOf(draft), null, 2));
  const [fault, setFault] = useState<string | null>(null);
  const write = (next: string) => {
    setText(next);
    try {
      const read = parsed(next);
      setFault(null);
      if (!same(read, draft)) onChange(read);
    } catch (error) {
      setFault((error as Error).message);
    }
  };
  return (
    <Card
      title="JSON"
      hint="As POST and PUT /enforcement-policies take it"
      actions={<Copy text={text} label="the JSON" />}
      padded
    >
      <textarea
        className={`${ui['input']} ${css['json']}`}
        aria-label="The policy as JSON"
        aria-invalid={fault !== null}
        spellCheck={false}
        value={text}
        onChange={(event) => write(event.target.value)}
      />
      <p className={ui['fault']} role="alert">
        {fault}
      </p>
    </Card>
  );
}
