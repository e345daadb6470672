import { useLocation } from 'wouter';
import css from './channels.module.css';
import { KINDS } from './kinds';

/** Which kind a new channel is. */
export function ChooseKind({ disabled = false }: { readonly disabled?: boolean }) {
  const [, go] = useLocation();
  return (
    <ul className={css['kinds']}>
      {KINDS.map(({ type, title, icon: Icon, words }) => (
        <li key={type}>
          <button
            type="button"
            className={css['kind']}
            disabled={disabled}
            onClick={() => go(`/notification-channels/new?type=${type}`)}
          >
            <Icon size={20} aria-hidden />
            <strong>{title}</strong>
            <span>{words}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}
