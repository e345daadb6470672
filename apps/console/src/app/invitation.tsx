import { useState } from 'react';
import { api, sentenceOf, useSend } from '../data/api';
import { Button } from '../ui/button';
import { TextField, fieldError } from '../ui/field';
import css from './app.module.css';
import ui from '../ui/ui.module.css';
import { Mark } from './mark';

/**
 * Where the link of an invitation, or of a forgotten password, leads: the token stands behind the #, which browsers keep
 * to themselves, so that no log has it.
 */
export function Invitation() {
  const [token] = useState(() => window.location.hash.slice(1));
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const send = useSend(
    () => api.POST('/api/auth/invitations/{token}/accept', { params: { path: { token } }, body: { password } }),
    [],
  );
  const known = fieldError(send.error, 'password');
  const differs = again !== '' && again !== password;
  return (
    <main className={css['login']}>
      <form
        className={css['loginBox']}
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <div className={css['brand']} style={{ padding: 0 }}>
          <Mark size={28} /> Flotilla
        </div>
        <h1>{send.isSuccess ? 'You are in' : 'Choose your password'}</h1>
        {send.isSuccess ? (
          <>
            <p>Your password is set. Log in with your e-mail and it.</p>
            <a className={`${ui['button']} ${ui['primary']}`} href="/">
              To the log-in
            </a>
          </>
        ) : (
          <>
            <TextField
              label="Password"
              type="password"
              autoComplete="new-password"
              value={password}
              onChange={setPassword}
              error={known}
            />
            <TextField
              label="The same again"
              type="password"
              autoComplete="new-password"
              value={again}
              onChange={setAgain}
              error={differs ? 'The two are not the same.' : undefined}
            />
            {send.isError && known === undefined && (
              <p className={ui['fault']} role="alert">
                {sentenceOf(send.error)}
              </p>
            )}
            <Button
              type="submit"
              look="primary"
              disabled={token === '' || password === '' || password !== again}
              busy={send.isPending && 'Setting …'}
            >
              Set the password
            </Button>
            {token === '' && <p className={ui['fault']}>This link is not whole: ask for a new one.</p>}
          </>
        )}
      </form>
    </main>
  );
}
