import { useState } from 'react';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { sessions } from '../data/session';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Confirm, ConfirmTyped } from '../ui/confirm';
import { Select, SelectField, TextField, fieldError } from '../ui/field';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { ShownOnce } from './shown-once';

type User = Schemas['User'];
type Role = User['role'];
interface Change {
  readonly role?: Role;
  readonly status?: 'active' | 'disabled';
}
const PAGE = 50;
const ROLES: readonly (readonly [Role, string])[] = [
  ['viewer', 'Viewer: sees everything'],
  ['operator', 'Operator: starts, stops, acknowledges'],
  ['admin', 'Admin: rules, policies, people, keys'],
  ['owner', 'Owner: everything, also owners'],
];
const roleWords = ROLES.map(([role]) => [role, role] as const);

/** People of the tenant: invited by a link that is shown once, given a role, switched off. */
export function UsersTab() {
  const [{ page }, setAddress] = useAddress({ page: '1' });
  const query = { page: Number(page) || 1, limit: PAGE };
  const users = useLoad(['/api/users', query], () => api.GET('/api/users', { params: { query } }));
  const [isInviting, setInviting] = useState(false);
  const [link, setLink] = useState<Schemas['InvitedUser']>();
  const [removed, setRemoved] = useState<User>();
  const change = useSend(
    ({ id, body }: { id: number; body: Change }) => api.PATCH('/api/users/{id}', { params: { path: { id } }, body }),
    ['/api/users'],
  );
  const reset = useSend(
    (id: number) => api.POST('/api/users/{id}/reset-password', { params: { path: { id } } }),
    ['/api/users'],
  );
  const remove = useSend((id: number) => api.DELETE('/api/users/{id}', { params: { path: { id } } }), ['/api/users']);
  const me = sessions.user()?.email;
  const set = (user: User, body: Change, said: string) =>
    change.mutate({ id: user.id, body }, { onSuccess: () => toast.say(said), onError: toast.failed });
  return (
    <Card
      title="Users"
      actions={
        <Button look="primary" onClick={() => setInviting(true)}>
          Invite somebody
        </Button>
      }
    >
      {users.isPending && <Loading />}
      {users.isError && <Failed error={users.error} retry={() => void users.refetch()} />}
      {users.isSuccess && (
        <Table
          label="Users"
          rows={users.data.data}
          keyOf={(user) => user.id}
          columns={[
            {
              title: 'Person',
              cell: (user) => (
                <>
                  <bdi className="name">{user.name}</bdi> {user.email === me && <Badge>you</Badge>}
                  <div className={`${ui['hint']} name`}>{user.email}</div>
                </>
              ),
            },
            {
              title: 'Role',
              cell: (user) => (
                <Select
                  label={`Role of ${user.email}`}
                  value={user.role}
                  options={roleWords}
                  disabled={user.email === me}
                  onChange={(role) => set(user, { role }, `${user.name} is ${role} now`)}
                />
              ),
            },
            {
              title: 'State',
              cell: (user) => (
                <Badge tone={user.status === 'active' ? 'good' : user.status === 'invited' ? 'accent' : 'plain'}>
                  {user.status}
                </Badge>
              ),
            },
            { title: 'Last login', tight: true, cell: (user) => <Time at={user.last_login_at} relative /> },
            {
              title: 'What to do',
              quiet: true,
              tight: true,
              cell: (user) =>
                user.email !== me && (
                  <>
                    <Button
                      look="quiet"
                      onClick={() =>
                        reset.mutate(user.id, { onSuccess: ({ data }) => setLink(data), onError: toast.failed })
                      }
                    >
                      New password link
                    </Button>
                    {user.status !== 'invited' && (
                      <Button
                        look="quiet"
                        onClick={() =>
                          set(
                            user,
                            { status: user.status === 'active' ? 'disabled' : 'active' },
                            user.status === 'active'
                              ? `${user.name} cannot log in any more`
                              : `${user.name} may log in again`,
                          )
                        }
                      >
                        {user.status === 'active' ? 'Disable' : 'Enable'}
                      </Button>
                    )}
                    <Button look="quiet" onClick={() => setRemoved(user)}>
                      Delete …
                    </Button>
                  </>
                ),
            },
          ]}
        />
      )}
      <Pager
        page={query.page}
        limit={PAGE}
        total={users.data?.pagination.total ?? 0}
        onPage={(to) => setAddress({ page: String(to) })}
      />
      {isInviting && <Invite onClose={() => setInviting(false)} onInvited={setLink} />}
      {link && (
        <ShownOnce
          title={`The link for ${link.user.name}`}
          what="the link"
          text={link.token && `${window.location.origin}/invitation#${link.token}`}
          note="Send it to them. Whoever opens it sets the password; it works once, and is not shown again."
          onClose={() => setLink(undefined)}
        />
      )}
      {removed && (
        <ConfirmTyped
          open
          onOpenChange={(open) => !open && setRemoved(undefined)}
          title={`Delete ${removed.name}?`}
          word={removed.email}
          action="Delete this user"
          danger
          busy={remove.isPending}
          error={remove.error ?? undefined}
          onConfirm={() => remove.mutate(removed.id, { onSuccess: () => setRemoved(undefined) })}
          aside={<ShowCurl method="DELETE" path={`/api/users/${removed.id}`} />}
        >
          <p>Their sessions end at once. What they did stays in the audit. Keys that they made go on working.</p>
        </ConfirmTyped>
      )}
    </Card>
  );
}

interface InviteProps {
  readonly onClose: () => void;
  readonly onInvited: (invited: Schemas['InvitedUser']) => void;
}

function Invite({ onClose, onInvited }: InviteProps) {
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const body = { email: email.trim(), role, ...(name.trim() && { name: name.trim() }) };
  const send = useSend(() => api.POST('/api/users', { body }), ['/api/users']);
  const known = ['email', 'name', 'role'].some((field) => fieldError(send.error, field));
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title="Invite somebody"
      action="Make the link"
      disabled={!/^\S+@\S+$/.test(email.trim())}
      busy={send.isPending}
      error={known ? undefined : (send.error ?? undefined)}
      onConfirm={() =>
        send.mutate(undefined, {
          onSuccess: ({ data }) => {
            onClose();
            onInvited(data);
          },
        })
      }
      aside={<ShowCurl method="POST" path="/api/users" body={body} />}
    >
      <TextField
        label="E-mail"
        type="email"
        value={email}
        onChange={setEmail}
        error={fieldError(send.error, 'email')}
      />
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        error={fieldError(send.error, 'name')}
        hint="May be left empty"
      />
      <SelectField
        label="Role"
        value={role}
        options={ROLES}
        onChange={setRole}
        error={fieldError(send.error, 'role')}
      />
    </Confirm>
  );
}
