import { useState } from 'react';
import type { FormEvent } from 'react';
import { sentenceOf } from '../data/api';
import { ApiError, sessions } from '../data/session';
import { Button } from '../ui/button';
import css from './app.module.css';
import ui from '../ui/ui.module.css';
import { Mark } from './mark';

interface TenantChoice {
  readonly id: string;
  readonly name: string;
}

/** Asks who is there. */
export function Login() {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [tenants, setTenants] = useState<readonly TenantChoice[]>([]);
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const enter = async (tenantId?: string) => {
    setBusy(true);
    setFault(undefined);
    try {
      await sessions.login({ email, password, ...(tenantId && { tenant_id: tenantId }) });
    } catch (error) {
      const choices =
        error instanceof ApiError ? (error.details as { tenants?: TenantChoice[] } | undefined)?.tenants : undefined;
      setTenants(choices ?? []);
      if (!choices) setFault(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void enter();
  };
  return (
    <main className={css['login']}>
      <form className={css['loginBox']} onSubmit={submit} aria-busy={busy}>
        <div className={css['brand']} style={{ padding: 0 }}>
          <Mark size={28} /> Flotilla
        </div>
        <h1>Log in</h1>
        <div className={ui['field']}>
          <label htmlFor="email">E-mail</label>
          <input
            id="email"
            className={ui['input']}
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </div>
        <div className={ui['field']}>
          <label htmlFor="password">Password</label>
          <input
            id="password"
            className={ui['input']}
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </div>
        {fault && (
          <p className={ui['fault']} role="alert">
            {fault}
          </p>
        )}
        {tenants.length > 0 ? (
          <fieldset style={{ display: 'grid', gap: 8, margin: 0, padding: 0, border: 0 }}>
            <legend className={ui['hint']}>This e-mail exists in several tenants. Which one?</legend>
            {tenants.map((tenant) => (
              <Button key={tenant.id} onClick={() => void enter(tenant.id)} busy={busy && 'Logging in …'}>
                <bdi>{tenant.name}</bdi>
              </Button>
            ))}
          </fieldset>
        ) : (
          <Button type="submit" look="primary" busy={busy && 'Logging in …'}>
            Log in
          </Button>
        )}
        <p className={ui['hint']}>
          The first owner’s password was printed by <code>npm start</code> and stands in the data folder. Others are
          invited under Settings.
        </p>
      </form>
    </main>
  );
}
