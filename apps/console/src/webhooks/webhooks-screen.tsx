import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { api, useLoad } from '../data/api';
import { useAddress } from '../ui/address';
import { Button, LinkButton } from '../ui/button';
import { count } from '../ui/format';
import { Card, PageHead } from '../ui/page';
import { Pager } from '../ui/pager';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import ui from '../ui/ui.module.css';
import { SecretDialog } from './secret-dialog';
import { WebhookDialog } from './webhook-dialog';
import { WebhookBadge } from './webhook-words';
import css from './webhooks.module.css';

const PAGE = 50;

/** Where events are posted, and whether they arrive. */
export default function WebhooksScreen() {
  const [{ page, dialog }, setAddress] = useAddress({ page: '1', dialog: '' });
  const [issued, setIssued] = useState<{ id: number; secret: string | null } | null>(null);
  const [, go] = useLocation();
  const asked = { limit: PAGE, page: Number(page) || 1 };
  const list = useLoad(['/api/webhooks', asked], () => api.GET('/api/webhooks', { params: { query: asked } }), {
    refetchInterval: 15_000,
  });
  const rows = list.data?.data ?? [];
  return (
    <>
      <PageHead title="Webhooks" hint="What happens here, posted to your own programs">
        <LinkButton to="/events">Events</LinkButton>
        <Button look="primary" onClick={() => setAddress({ dialog: 'new' })}>
          <Plus size={15} aria-hidden /> New webhook
        </Button>
      </PageHead>
      <Card>
        {list.isPending && <Loading lines={5} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && (
          <Empty title="No webhook yet">
            <p>
              A webhook posts alerts, actions, agents that fall silent and everything else that happens to an address of
              yours, in order, signed, tried again until it arrives.
            </p>
            <Button look="primary" onClick={() => setAddress({ dialog: 'new' })}>
              Make the first webhook
            </Button>
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            label="Webhooks"
            rows={rows}
            keyOf={(row) => row.id}
            columns={[
              {
                title: 'Webhook',
                cell: (row) => (
                  <span className={css['webhookCell']}>
                    <Link href={`/webhooks/${row.id}`} className="name">
                      {row.description || row.url}
                    </Link>
                    {row.description && <span className={`${ui['hint']} name`}>{row.url}</span>}
                  </span>
                ),
              },
              { title: 'Status', tight: true, cell: (row) => <WebhookBadge status={row.status} /> },
              {
                title: 'Events',
                cell: (row) => (
                  <span className={css['patterns']}>
                    {row.event_types.slice(0, 3).map((type) => (
                      <code key={type}>{type === '*' ? 'all' : type}</code>
                    ))}
                    {row.event_types.length > 3 && <span>+{row.event_types.length - 3}</span>}
                  </span>
                ),
              },
              { title: 'Waiting', number: true, cell: (row) => count(row.pending) },
              { title: 'Last arrived', tight: true, cell: (row) => <Time at={row.last_success_at} relative /> },
              { title: 'Last failed', tight: true, cell: (row) => <Time at={row.last_failure_at} relative /> },
            ]}
          />
        )}
      </Card>
      <Pager
        page={asked.page}
        limit={PAGE}
        total={list.data?.pagination.total ?? 0}
        onPage={(to) => setAddress({ page: String(to) })}
      />
      {dialog === 'new' && (
        <WebhookDialog
          onClose={() => setAddress({ dialog: '' })}
          onSecret={(id, secret) => setIssued({ id, secret })}
        />
      )}
      {issued && <SecretDialog secret={issued.secret} onClose={() => go(`/webhooks/${issued.id}`)} />}
    </>
  );
}
