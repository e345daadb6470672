import { Link } from 'wouter';
import { api, useLoad } from '../data/api';
import ui from '../ui/ui.module.css';
import { InlinePopup } from './inline';
import css from './sentence.module.css';

export function useChannels() {
  const list = useLoad(['/api/notification-channels', 'all'], () =>
    api.GET('/api/notification-channels', { params: { query: { limit: 200 } } }),
  ).data?.data;
  const byId = new Map(list?.map((one) => [one.id, one.name]));
  return { list: list ?? [], nameOf: (id: number) => byId.get(id) ?? `channel ${id}` };
}

interface Props {
  readonly label: string;
  /** null: every channel that takes the type and severity, where that can be chosen */
  readonly chosen: readonly number[] | null;
  readonly onChoose: (ids: number[] | null) => void;
  /** Whether "every channel that takes it" is a choice. */
  readonly orAll?: boolean;
}

/** Whom to tell. */
export function ChannelPicker({ label, chosen, onChoose, orAll = false }: Props) {
  const { list, nameOf } = useChannels();
  const words =
    chosen === null ? 'every channel that takes it' : chosen.length === 0 ? 'nobody' : chosen.map(nameOf).join(', ');
  const toggle = (id: number) => {
    const before = chosen ?? [];
    onChoose(before.includes(id) ? before.filter((one) => one !== id) : [...before, id]);
  };
  return (
    <InlinePopup label={`${label}: ${words}`} words={words}>
      <ul className={css['choices']}>
        {orAll && (
          <li>
            <label>
              <input type="checkbox" checked={chosen === null} onChange={() => onChoose(chosen === null ? [] : null)} />
              Every channel that takes its type and severity
            </label>
          </li>
        )}
        {list.map((one) => (
          <li key={one.id}>
            <label>
              <input type="checkbox" checked={chosen?.includes(one.id) ?? false} onChange={() => toggle(one.id)} />
              <bdi>{one.name}</bdi> <span className={ui['hint']}>{one.channel_type}</span>
            </label>
          </li>
        ))}
        {list.length === 0 && (
          <li className={ui['hint']}>
            There is no channel yet. <Link href="/notification-channels">Make one</Link>
          </li>
        )}
      </ul>
    </InlinePopup>
  );
}
