import { Suspense, useEffect, useState, useSyncExternalStore } from 'react';
import { Route, Switch } from 'wouter';
import { queryClient } from '../data/api';
import { sessions } from '../data/session';
import { Empty, Loading } from '../ui/states';
import { LinkButton } from '../ui/button';
import { Boundary } from './boundary';
import css from './app.module.css';
import { Invitation } from './invitation';
import { Login } from './login';
import { Mark } from './mark';
import { SCREENS } from './screens';
import { Shell } from './shell';

const ASK_AGAIN_MS = 3_000;

export function App() {
  const user = useSyncExternalStore(sessions.subscribe, sessions.user);
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    if (user === null) queryClient.clear();
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
    <Shell user={user}>
      <Boundary>
        <Suspense fallback={<Loading />}>
          <Switch>
            {SCREENS.map(({ path, view: View }) => (
              <Route key={path} path={path}>
                <View />
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
