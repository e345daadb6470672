import { Menu as MenuIcon, Search, WifiOff } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Link, matchRoute, useLocation, useRouter } from 'wouter';
import { useLiveData, useLiveness } from '../data/live';
import { useMay } from '../data/role';
import { setPreference, usePreferences } from '../data/preferences';
import { sessions } from '../data/session';
import type { SessionUser } from '../data/session';
import { IconButton } from '../ui/button';
import { Toasts } from '../ui/toast';
import { count } from '../ui/format';
import css from './app.module.css';
import ui from '../ui/ui.module.css';
import { useScreenCounts } from './counts';
import { KeysDialog } from './keys-dialog';
import { useKeys } from './keys';
import { Mark } from './mark';
import { Palette } from './palette';
import { SCREENS } from './screens';
import { UserMenu } from './user-menu';

const GROUPS = ['Fleet', 'Money', 'Decisions', 'Administration'] as const;

/** What stands around every screen: navigation, search, the person, whether it is live. */
export function Shell({ user, children }: { readonly user: SessionUser; readonly children: ReactNode }) {
  const [path, go] = useLocation();
  const [palette, setPalette] = useState(false);
  const [keys, setKeys] = useState(false);
  const [menu, setMenu] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { theme } = usePreferences();
  const counts = useScreenCounts();
  const isAdmin = useMay('admin');
  const isOperator = useMay('operator');
  useLiveData();
  useKeys(
    useMemo(
      () => ({
        'mod+k': () => setPalette((open) => !open),
        '?': () => setKeys(true),
        ...Object.fromEntries(SCREENS.flatMap(({ key, path: to }) => (key ? [[`g ${key}`, () => go(to)]] : []))),
      }),
      [go],
    ),
  );
  const { parser } = useRouter();
  const screen = SCREENS.find((one) => matchRoute(parser, one.path, path)[0]);
  useEffect(() => {
    document.title = screen ? `${screen.title} · Flotilla` : 'Flotilla';
    setMenu(false);
    // a screen reader begins at the new screen, not at the link that led here
    main.current?.focus({ preventScroll: true });
  }, [screen, path]);
  const commands = useMemo(
    () => [
      {
        title: theme === 'dark' ? 'Light colours' : 'Dark colours',
        run: () => setPreference('theme', theme === 'dark' ? 'light' : 'dark'),
      },
      ...(isOperator
        ? [
            { title: 'Acknowledge alerts', run: () => go('/alerts') },
            { title: 'Approve or reject what waits', run: () => go('/actions') },
            { title: 'Stop or start an instance', run: () => go('/') },
          ]
        : []),
      ...(isAdmin
        ? [
            { title: 'New alert rule', run: () => go('/alert-rules/new') },
            { title: 'New policy', run: () => go('/policies/new') },
            { title: 'New budget', run: () => go('/budgets?dialog=new') },
            { title: 'New channel', run: () => go('/notification-channels/new') },
            { title: 'New maintenance window', run: () => go('/maintenance-windows?window=new') },
            { title: 'New webhook', run: () => go('/webhooks?dialog=new') },
            { title: 'Invite a person', run: () => go('/settings/users') },
            { title: 'New API key', run: () => go('/settings/api-keys') },
          ]
        : []),
      { title: 'Export what is recorded', run: () => go('/exports') },
      { title: 'Show the keys', run: () => setKeys(true) },
      { title: 'Open the API documents', run: () => void window.open('/docs', '_blank', 'noopener') },
      { title: 'Log out', run: () => void sessions.logout() },
    ],
    [theme, go, isAdmin, isOperator],
  );
  return (
    <div className={css['shell']}>
      <a className={css['skip']} href="#main">
        To the content
      </a>
      <nav className={css['side']} aria-label="Screens" data-open={menu}>
        <Link href="/" className={css['brand']}>
          <Mark size={24} /> Flotilla
        </Link>
        {GROUPS.map((group) => {
          const screens = SCREENS.filter((one) => one.group === group && (one.role !== 'admin' || isAdmin));
          return screens.length === 0 ? null : (
            <div key={group} className={css['group']}>
              <h2>{group}</h2>
              <ul>
                {screens.map(({ path: to, title, icon: Icon }) => (
                  <li key={to}>
                    <Link href={to} className={css['link']} aria-current={screen?.path === to ? 'page' : undefined}>
                      <Icon size={16} aria-hidden /> {title}
                      {counts.has(to) && (
                        <span className={css['count']}>
                          <span aria-hidden>{count(counts.get(to)!.count)}</span>
                          <span className="visually-hidden">, {counts.get(to)!.words}</span>
                        </span>
                      )}
                    </Link>
                  </li>
                ))}
              </ul>
            </div>
          );
        })}
      </nav>
      <header className={css['top']}>
        <span className={css['menuOnly']}>
          <IconButton label="Screens" aria-expanded={menu} onClick={() => setMenu(!menu)}>
            <MenuIcon size={18} />
          </IconButton>
        </span>
        <button type="button" className={css['find']} onClick={() => setPalette(true)} aria-keyshortcuts="Control+K">
          <Search size={15} aria-hidden /> <span>Find or do …</span> <kbd aria-hidden>Ctrl K</kbd>
        </button>
        <span className={css['spacer']} />
        <UserMenu user={user} onKeys={() => setKeys(true)} />
      </header>
      <div>
        <Liveness />
        <main id="main" ref={main} tabIndex={-1} className={css['main']}>
          {children}
        </main>
      </div>
      <Palette open={palette} onOpenChange={setPalette} commands={commands} />
      <KeysDialog open={keys} onOpenChange={setKeys} />
      <Toasts />
    </div>
  );
}

/** Says so when what is shown does not move any more. */
function Liveness() {
  const liveness = useLiveness();
  return (
    <div role="status" aria-live="polite">
      {liveness === 'away' && (
        <div className={`${ui['banner']} ${ui['warn']}`}>
          <WifiOff size={15} aria-hidden /> The control plane does not answer: what you see is as old as its times say.
          Trying again …
        </div>
      )}
    </div>
  );
}
