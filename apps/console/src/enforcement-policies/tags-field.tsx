import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button';
import ui from '../ui/ui.module.css';
import type { PolicyTag } from './draft';
import css from './policies.module.css';

interface Props {
  readonly label: string;
  readonly tags: readonly PolicyTag[];
  readonly onChange: (tags: PolicyTag[]) => void;
  readonly disabled?: boolean;
}

const shown = ({ key, value }: PolicyTag) => (value === null ? `${key} (any value)` : `${key}=${value}`);

/** Tags as chips; `key=value` is added, `key` alone stands for any value. */
export function TagsField({ label, tags, onChange, disabled = false }: Props) {
  const [text, setText] = useState('');
  const add = () => {
    const [key = '', ...rest] = text.split('=');
    if (key.trim() === '') return;
    const value = rest.length === 0 ? null : rest.join('=').trim();
    onChange([...tags.filter((tag) => tag.key !== key.trim() || tag.value !== value), { key: key.trim(), value }]);
    setText('');
  };
  return (
    <div className={css['stack']} style={{ gap: 8 }} role="group" aria-label={label}>
      {tags.length > 0 && (
        <div className={css['chips']}>
          {tags.map((tag) => (
            <span key={shown(tag)} className={css['chip']}>
              <bdi>{shown(tag)}</bdi>
              {!disabled && (
                <button
                  type="button"
                  aria-label={`Remove ${shown(tag)}`}
                  onClick={() => onChange(tags.filter((one) => one !== tag))}
                >
                  <X size={13} aria-hidden />
                </button>
              )}
            </span>
          ))}
        </div>
      )}
      {!disabled && (
        <div className={css['row']}>
          <input
            className={ui['input']}
            style={{ flex: '1 1 160px', width: 'auto' }}
            aria-label={`${label}: another tag, key=value or key`}
            placeholder="key=value, or key for any value"
            value={text}
            onChange={(event) => setText(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              add();
            }}
          />
          <Button disabled={text.split('=')[0]!.trim() === ''} onClick={add}>
            <Plus size={15} aria-hidden /> Add
          </Button>
        </div>
      )}
    </div>
  );
}
