import { Popover } from '@base-ui/react/popover';
import { ChevronDown, Search } from 'lucide-react';
import { useState } from 'react';
import { api, useLoad } from '../data/api';
import { Button } from '../ui/button';
import overlay from '../ui/overlay.module.css';
import ui from '../ui/ui.module.css';
import css from './picker.module.css';

interface Props {
  /** What the button says when nothing is chosen. */
  readonly label: string;
  /** Numeric ids. */
  readonly chosen: readonly number[];
  readonly onChoose: (ids: number[]) => void;
  /** One at most: choosing closes it. */
  readonly single?: boolean;
  /** How the button looks inside a sentence. */
  readonly className?: string | undefined;
}

/** Names of instances by their numbers; those that are not known yet are shown by number. */
export function useInstanceNames(ids: readonly number[]): (id: number) => string {
  const all = useLoad(
    ['/api/instances', 'names'],
    () => api.GET('/api/instances', { params: { query: { limit: 200, sort: 'name' } } }),
    { enabled: ids.length > 0, staleTime: 60_000 },
  );
  const names = new Map(all.data?.data.map((one) => [one.id, one.name ?? one.instance_id]));
  return (id) => names.get(id) ?? `instance ${id}`;
}

/** Instances, found by a part of their name. */
export function InstancePicker({ label, chosen, onChoose, single = false, className }: Props) {
  const [open, setOpen] = useState(false);
  const nameOf = useInstanceNames(chosen);
  const words =
    chosen.length === 0 ? label : chosen.length <= 2 ? chosen.map(nameOf).join(', ') : `${chosen.length} instances`;
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        {...(className ? { className } : { render: <Button /> })}
        aria-label={chosen.length === 0 ? label : `${label}: ${words}`}
      >
        <bdi className={css['clip']}>{words}</bdi> <ChevronDown size={14} aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} align="start" style={{ zIndex: 60 }}>
          <Popover.Popup className={`${overlay['menu']} ${css['popup']}`}>
            <Popover.Title className="visually-hidden">{label}</Popover.Title>
            <Choices
              chosen={chosen}
              single={single}
              onChoose={(ids) => {
                onChoose(ids);
                if (single) setOpen(false);
              }}
            />
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

function Choices({ chosen, onChoose, single }: Required<Pick<Props, 'chosen' | 'onChoose' | 'single'>>) {
  const [term, setTerm] = useState('');
  const search = term.trim();
  const asked = { limit: 30, sort: 'name' as const, ...(search && { search }) };
  const found = useLoad(['/api/instances', 'picker', asked], () =>
    api.GET('/api/instances', { params: { query: asked } }),
  );
  const rows = found.data?.data ?? [];
  const toggle = (id: number) => {
    if (single) onChoose(chosen.includes(id) ? [] : [id]);
    else onChoose(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  };
  return (
    <>
      <div className={css['search']}>
        <Search size={15} aria-hidden />
        <input
          className={ui['input']}
          aria-label="Find an instance"
          placeholder="Name, id, type or region"
          value={term}
          onChange={(event) => setTerm(event.target.value)}
        />
      </div>
      <ul className={css['list']} aria-label="Instances">
        {rows.map((row) => (
          <li key={row.id}>
            <label className={css['option']}>
              <input type="checkbox" checked={chosen.includes(row.id)} onChange={() => toggle(row.id)} />
              <bdi className={css['clip']}>{row.name ?? row.instance_id}</bdi>
              <span className={ui['hint']}>{row.gpu_type ?? row.instance_type}</span>
            </label>
          </li>
        ))}
        {found.isSuccess && rows.length === 0 && <li className={ui['hint']}>No instance fits.</li>}
      </ul>
      {chosen.length > 0 && (
        <Button look="quiet" onClick={() => onChoose([])}>
          Choose none
        </Button>
      )}
    </>
  );
}
