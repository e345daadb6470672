import { Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import type { ReactNode } from 'react';
import { Route, Switch } from 'wouter';
import { whoIs } from '../data/former';
import { useMay } from '../data/role';
import { sessions } from '../data/session';
import { Empty, Loading } from '../ui/states';
import { LinkButton } from '../ui/button';
import { Boundary } from './boundary';
import css from './app.module.css';
import { Invitation } from './invitation';
import { Login } from './login';
import { Mark } from './mark';
import { SCREENS } from './screens';
import type { Screen } from './screens';
import { Shell } from './shell';

const ASK_AGAIN_MS = 3_000;

export function App() {
  const user = useSyncExternalStore(sessions.subscribe, sessions.user);
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    if (user !== undefined) return;
    // a page that was loaded anew: perhaps the browser still has a session
    let again: ReturnType<typeof setTimeout>;
    const ask = () =>
      sessions.accessToken().catch(() => {
        setAway(true);
        again = setTimeout(() => void ask(), ASK_AGAIN_MS);
      });
    void ask();
    return () => clearTimeout(again);
  }, [user]);
  // whoever holds such a link may be logged in as somebody else in this browser
  if (window.location.pathname === '/invitation') return <Invitation />;
  if (user === undefined) return <Opening isAway={isAway} />;
  if (!user) return <Login />;
  return (
    <Shell key={whoIs(user)} user={user}>
      <Boundary>
        <Suspense fallback={<Loading />}>
          <Switch>
            {SCREENS.map(({ path, role, view: View }) => (
              <Route key={path} path={path}>
                <Guarded role={role}>
                  <View />
                </Guarded>
              </Route>
            ))}
            <Route>
              <Empty title="There is no such screen">
                <p>The address is wrong, or the screen has moved.</p>
                <LinkButton to="/">To the fleet</LinkButton>
              </Empty>
            </Route>
          </Switch>
        </Suspense>
      </Boundary>
    </Shell>
  );
}

/** What the control plane would refuse is not begun: it is said who may. */
function Guarded({
  role = 'viewer',
  children,
}: {
  readonly role?: Screen['role'] | 'viewer';
  readonly children: ReactNode;
}) {
  if (useMay(role)) return children;
  return (
    <Empty title="Admins see this">
      <p>Your role is not enough for this screen. Ask an admin of this tenant.</p>
      <LinkButton to="/">To the fleet</LinkButton>
    </Empty>
  );
}

/** Until it is known who is there: no form that would vanish under somebody's hands. */
function Opening({ isAway }: { readonly isAway: boolean }) {
  return (
    <main className={css['login']} aria-busy={!isAway}>
      <h1 className="visually-hidden">Flotilla</h1>
      <div className={css['opening']} role="status">
        <Mark size={40} />
        {isAway && <p>The control plane does not answer. Trying again …</p>}
      </div>
    </main>
  );
}
