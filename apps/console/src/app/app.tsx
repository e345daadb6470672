import { Suspense, useEffect, useSyncExternalStore } from 'react';
import { Route, Switch } from 'wouter';
import { queryClient } from '../data/api';
import { sessions } from '../data/session';
import { Empty, Loading } from '../ui/states';
import { LinkButton } from '../ui/button';
import { Boundary } from './boundary';
import { Login } from './login';
import { SCREENS } from './screens';
import { Shell } from './shell';

export function App() {
  const user = useSyncExternalStore(sessions.subscribe, sessions.user);
  useEffect(() => {
    // a page that was loaded anew: perhaps the browser still has a session
    if (user === undefined) sessions.accessToken().catch(() => undefined);
    if (user === null) queryClient.clear();
  }, [user]);
  if (!user) return <Login checking={user === undefined} />;
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
