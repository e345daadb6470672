import { Menu } from '@base-ui/react/menu';
import { Check, ChevronDown } from 'lucide-react';
import { setPreference, usePreferences } from '../data/preferences';
import type { Preferences } from '../data/preferences';
import { sessions } from '../data/session';
import type { SessionUser } from '../data/session';
import { useTenant } from '../data/tenant';
import css from '../ui/overlay.module.css';
import ui from '../ui/ui.module.css';

type Choice<K extends keyof Preferences> = readonly (readonly [Preferences[K], string])[];

/** Who is logged in and where; how things are shown in this browser. */
export function UserMenu({ user, onKeys }: { readonly user: SessionUser; readonly onKeys: () => void }) {
  const tenant = useTenant();
  const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Menu.Root>
      <Menu.Trigger className={`${ui['button']} ${ui['quiet']}`}>
        <bdi>{user.name}</bdi> <ChevronDown size={14} aria-hidden />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner sideOffset={6} align="end" style={{ zIndex: 30 }}>
          <Menu.Popup className={css['menu']}>
            <div className={css['menuLabel']}>
              <bdi>{tenant?.name ?? '…'}</bdi> · {user.role}
            </div>
            <Choices
              name="theme"
              label="Colours"
              choices={[
                ['system', 'As the system'],
                ['light', 'Light'],
                ['dark', 'Dark'],
              ]}
            />
            <Choices
              name="zone"
              label="Times"
              choices={[
                ['local', `Here (${local})`],
                ['tenant', `The tenant’s (${tenant?.timezone ?? '…'})`],
                ['utc', 'UTC'],
              ]}
            />
            <Choices
              name="density"
              label="Tables"
              choices={[
                ['normal', 'Roomy'],
                ['dense', 'Dense'],
              ]}
            />
            <div className={css['menuLine']} />
            <Menu.Item className={css['menuItem']} onClick={onKeys}>
              Keys <kbd>?</kbd>
            </Menu.Item>
            <Menu.Item className={css['menuItem']} onClick={() => window.open('/docs', '_blank', 'noopener')}>
              API documents
            </Menu.Item>
            <Menu.Item className={css['menuItem']} onClick={() => void sessions.logout()}>
              Log out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

function Choices<K extends keyof Preferences>({
  name,
  label,
  choices,
}: {
  readonly name: K;
  readonly label: string;
  readonly choices: Choice<K>;
}) {
  const value = usePreferences()[name];
  return (
    <Menu.RadioGroup value={value} onValueChange={(chosen: Preferences[K]) => setPreference(name, chosen)}>
      <Menu.GroupLabel className={css['menuLabel']}>{label}</Menu.GroupLabel>
      {choices.map(([choice, text]) => (
        <Menu.RadioItem key={choice} value={choice} className={css['menuItem']} closeOnClick={false}>
          {text} <Menu.RadioItemIndicator>{<Check size={14} aria-hidden />}</Menu.RadioItemIndicator>
        </Menu.RadioItem>
      ))}
    </Menu.RadioGroup>
  );
}
