import { Popover } from '@base-ui/react/popover';
import { Columns3 } from 'lucide-react';
import { Button } from '../ui/button';
import { CheckField } from '../ui/field';
import overlay from '../ui/overlay.module.css';
import css from './column-picker.module.css';
import { CHOICES, isTag } from './columns';

interface Props {
  readonly ids: readonly string[];
  /** Keys of tags that instances have, the most used first. */
  readonly tagKeys: readonly string[];
  readonly isDefault: boolean;
  readonly onChange: (ids: readonly string[]) => void;
  readonly onReset: () => void;
}

/** More keys of tags than this are no choice but a list. */
const MOST_KEYS = 24;

/** Which columns the table has. The address keeps it, so that a view can be sent to somebody. */
export function ColumnPicker({ ids, tagKeys, isDefault, onChange, onReset }: Props) {
  const toggle = (id: string, on: boolean) => onChange(on ? [...ids, id] : ids.filter((one) => one !== id));
  const tags = [...new Set([...ids.filter(isTag).map((id) => id.slice(4)), ...tagKeys.slice(0, MOST_KEYS)])].sort();
  const box = (id: string, label: string) => (
    <CheckField key={id} label={label} checked={ids.includes(id)} onChange={(on) => toggle(id, on)} />
  );
  return (
    <Popover.Root>
      <Popover.Trigger render={<Button />}>
        <Columns3 size={15} aria-hidden /> Columns
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="end" collisionPadding={8} style={{ zIndex: 30 }}>
          <Popover.Popup className={`${overlay['menu']} ${css['popup']}`}>
            <div className={css['head']}>
              <Popover.Title render={<h2 />}>Columns</Popover.Title>
              <Button look="quiet" disabled={isDefault} onClick={onReset}>
                As at first
              </Button>
            </div>
            <div className={css['boxes']}>{CHOICES.map(([id, words]) => box(id, words))}</div>
            {tags.length > 0 && (
              <>
                <h3>Tags</h3>
                <div className={css['boxes']}>{tags.map((key) => box(`tag:${key}`, key))}</div>
              </>
            )}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}
