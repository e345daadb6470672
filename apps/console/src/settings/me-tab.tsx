import { useState } from 'react';
import { api, sentenceOf, useSend } from '../data/api';
import { setPreference, usePreferences } from '../data/preferences';
import type { Preferences } from '../data/preferences';
import { sessions } from '../data/session';
import { useTenant } from '../data/tenant';
import { Button } from '../ui/button';
import { TextField, fieldError } from '../ui/field';
import { Card } from '../ui/page';
import { Choice } from '../ui/tabs';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import css from './settings.module.css';

/** How this browser shows things, and the own password. */
export function MeTab() {
  const user = sessions.user();
  const tenant = useTenant();
  const preferences = usePreferences();
  const choose = <K extends keyof Preferences>(
    name: K,
    label: string,
    options: readonly (readonly [Preferences[K], string])[],
  ) => (
    <div className={css['row']}>
      <span>{label}</span>
      <Choice label={label} value={preferences[name]} options={options} onChange={(to) => setPreference(name, to)} />
    </div>
  );
  return (
    <>
      <Card title={<bdi>{user?.name}</bdi>} hint={user && `${user.email} · ${user.role}`} padded>
        {choose('theme', 'Colours', [
          ['system', 'As the system'],
          ['light', 'Light'],
          ['dark', 'Dark'],
        ])}
        {choose('zone', 'Times', [
          ['local', 'Here'],
          ['tenant', `The tenant’s (${tenant?.timezone ?? '…'})`],
          ['utc', 'UTC'],
        ])}
        {choose('density', 'Tables', [
          ['normal', 'Roomy'],
          ['dense', 'Dense'],
        ])}
        <p className={ui['hint']}>Kept in this browser.</p>
      </Card>
      <PasswordCard />
    </>
  );
}

function PasswordCard() {
  const [current, setCurrent] = useState('');
  const [next, setNext] = useState('');
  const [again, setAgain] = useState('');
  const send = useSend(
    () => api.POST('/api/auth/password', { body: { current_password: current, new_password: next } }),
    [],
  );
  const differs = again !== '' && again !== next;
  const known = fieldError(send.error, 'new_password') ?? fieldError(send.error, 'current_password');
  return (
    <Card title="Password" padded>
      <form
        className={css['form']}
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate(undefined, {
            onSuccess: () => {
              toast.say('The new password holds. Your other sessions have ended.');
              for (const clear of [setCurrent, setNext, setAgain]) clear('');
            },
          });
        }}
      >
        <div className={css['fields']}>
          <TextField
            label="The one you have"
            type="password"
            autoComplete="current-password"
            value={current}
            onChange={setCurrent}
            error={fieldError(send.error, 'current_password')}
          />
          <TextField
            label="A new one"
            type="password"
            autoComplete="new-password"
            value={next}
            onChange={setNext}
            error={fieldError(send.error, 'new_password')}
          />
          <TextField
            label="The new one again"
            type="password"
            autoComplete="new-password"
            value={again}
            onChange={setAgain}
            error={differs ? 'The two are not the same.' : undefined}
          />
        </div>
        {send.isError && !known && (
          <p className={ui['fault']} role="alert">
            {sentenceOf(send.error)}
          </p>
        )}
        <div className={css['buttons']}>
          <Button
            type="submit"
            disabled={current === '' || next === '' || next !== again}
            busy={send.isPending && 'Changing …'}
          >
            Change the password
          </Button>
        </div>
      </form>
    </Card>
  );
}
