import { useState } from 'react';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useAddress } from '../ui/address';
import { Badge } from '../ui/badge';
import { Button } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { SelectField, TextField, fieldError } from '../ui/field';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { ShowCurl } from '../ui/show-curl';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time, useNow } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { ShownOnce } from './shown-once';

type ApiKey = Schemas['ApiKey'];
const PAGE = 50;
/** What a key may do: a role, or one of the two scopes that are no role. */
const RIGHTS = [
  ['viewer', 'Read everything (viewer)'],
  ['operator', 'Read, start and stop (operator)'],
  ['admin', 'Administer (admin)'],
  ['agent', 'Report as an agent (scope agent)'],
  ['mcp', 'AI assistants by MCP (scope mcp)'],
] as const;
type Right = (typeof RIGHTS)[number][0];
const DAYS = [
  ['30', '30 days'],
  ['90', '90 days'],
  ['365', 'A year'],
  ['', 'Never'],
] as const;

/** Keys of programs: made, exchanged, taken back. */
export function ApiKeysTab() {
  const [{ page }, setAddress] = useAddress({ page: '1' });
  const query = { page: Number(page) || 1, limit: PAGE, revoked: false };
  const keys = useLoad(['/api/api-keys', query], () => api.GET('/api/api-keys', { params: { query } }));
  const now = useNow(60_000);
  const [isMaking, setMaking] = useState(false);
  const [issued, setIssued] = useState<Schemas['IssuedApiKey']>();
  const [revoked, setRevoked] = useState<ApiKey>();
  const [rotated, setRotated] = useState<ApiKey>();
  const revoke = useSend(
    (id: string) => api.DELETE('/api/api-keys/{id}', { params: { path: { id } } }),
    ['/api/api-keys'],
  );
  const rotate = useSend(
    (id: string) => api.POST('/api/api-keys/{id}/rotate', { params: { path: { id } }, body: { overlap_minutes: 60 } }),
    ['/api/api-keys'],
  );
  return (
    <Card
      title="API keys"
      actions={
        <Button look="primary" onClick={() => setMaking(true)}>
          Make a key
        </Button>
      }
    >
      {keys.isPending && <Loading />}
      {keys.isError && <Failed error={keys.error} retry={() => void keys.refetch()} />}
      {keys.isSuccess && keys.data.data.length === 0 && (
        <Empty title="No key yet">
          <p>
            Scripts, CI and assistants call the API with a key of their own, so that one can be taken back without the
            others.
          </p>
        </Empty>
      )}
      {keys.isSuccess && keys.data.data.length > 0 && (
        <Table
          label="API keys"
          rows={keys.data.data}
          keyOf={(key) => key.id}
          columns={[
            {
              title: 'Key',
              cell: (key) => (
                <>
                  <bdi className="name">{key.name}</bdi>
                  <div className={ui['hint']}>
                    <code>{key.masked_key}</code>
                  </div>
                </>
              ),
            },
            {
              title: 'May',
              cell: (key) =>
                key.role ? <Badge>{key.role}</Badge> : key.scopes.map((scope) => <Badge key={scope}>{scope}</Badge>),
            },
            {
              title: 'Last used',
              tight: true,
              cell: (key) => (key.last_used_at ? <Time at={key.last_used_at} relative /> : 'never'),
            },
            { title: 'Ends', tight: true, cell: (key) => <Ends at={key.expires_at} now={now} /> },
            {
              title: 'What to do',
              quiet: true,
              tight: true,
              cell: (key) => (
                <>
                  <Button look="quiet" onClick={() => setRotated(key)}>
                    Exchange …
                  </Button>
                  <Button look="quiet" onClick={() => setRevoked(key)}>
                    Revoke …
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
        total={keys.data?.pagination.total ?? 0}
        onPage={(to) => setAddress({ page: String(to) })}
      />
      {isMaking && <Make onClose={() => setMaking(false)} onIssued={setIssued} />}
      {issued && (
        <ShownOnce
          title={`The key ${issued.name}`}
          what="the key"
          text={issued.key}
          note="Send it as X-API-Key. It is kept only as a hash: nobody can show it again."
          onClose={() => setIssued(undefined)}
        />
      )}
      {rotated && (
        <Confirm
          open
          onOpenChange={(open) => !open && setRotated(undefined)}
          title={`Exchange ${rotated.name}?`}
          action="Make the new key"
          busy={rotate.isPending}
          error={rotate.error ?? undefined}
          onConfirm={() =>
            rotate.mutate(rotated.id, {
              onSuccess: ({ data }) => {
                setRotated(undefined);
                setIssued(data);
              },
            })
          }
          aside={<ShowCurl method="POST" path={`/api/api-keys/${rotated.id}/rotate`} body={{ overlap_minutes: 60 }} />}
        >
          <p>A new key with the same rights is made. The old one goes on working for an hour.</p>
        </Confirm>
      )}
      {revoked && (
        <Confirm
          open
          onOpenChange={(open) => !open && setRevoked(undefined)}
          title={`Revoke ${revoked.name}?`}
          action="Revoke this key"
          danger
          busy={revoke.isPending}
          error={revoke.error ?? undefined}
          onConfirm={() =>
            revoke.mutate(revoked.id, {
              onSuccess: () => {
                setRevoked(undefined);
                toast.say(`${revoked.name} works no more`);
              },
            })
          }
          aside={<ShowCurl method="DELETE" path={`/api/api-keys/${revoked.id}`} />}
        >
          <p>Whatever uses it is refused from now on. This cannot be taken back.</p>
        </Confirm>
      )}
    </Card>
  );
}

function Ends({ at, now }: { readonly at: string | null; readonly now: number }) {
  if (at === null) return 'never';
  if (Date.parse(at) < now) return <Badge tone="bad">ended</Badge>;
  return <Time at={at} />;
}

interface MakeProps {
  readonly onClose: () => void;
  readonly onIssued: (key: Schemas['IssuedApiKey']) => void;
}

function Make({ onClose, onIssued }: MakeProps) {
  const [name, setName] = useState('');
  const [right, setRight] = useState<Right>('viewer');
  const [days, setDays] = useState<(typeof DAYS)[number][0]>('90');
  const [made] = useState(() => Date.now());
  const body = {
    name: name.trim(),
    ...(right === 'agent' || right === 'mcp' ? { scopes: [right] } : { role: right }),
    ...(days && { expires_at: new Date(made + Number(days) * 86_400_000).toISOString() }),
  };
  const send = useSend(() => api.POST('/api/api-keys', { body }), ['/api/api-keys']);
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title="Make an API key"
      action="Make the key"
      disabled={name.trim() === ''}
      busy={send.isPending}
      error={fieldError(send.error, 'name') ? undefined : (send.error ?? undefined)}
      onConfirm={() =>
        send.mutate(undefined, {
          onSuccess: ({ data }) => {
            onClose();
            onIssued(data);
          },
        })
      }
      aside={<ShowCurl method="POST" path="/api/api-keys" body={body} />}
    >
      <TextField
        label="Name"
        value={name}
        onChange={setName}
        error={fieldError(send.error, 'name')}
        placeholder="nightly report"
      />
      <SelectField label="It may" value={right} options={RIGHTS} onChange={setRight} />
      <SelectField label="It ends after" value={days} options={DAYS} onChange={setDays} />
    </Confirm>
  );
}
