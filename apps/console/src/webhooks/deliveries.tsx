import { RotateCw } from 'lucide-react';
import { api, useLoad, useSend } from '../data/api';
import { useAddress } from '../ui/address';
import { Button } from '../ui/button';
import { Copy } from '../ui/copy';
import { Sheet } from '../ui/dialog';
import { NONE, count } from '../ui/format';
import kit from '../ui/kit.module.css';
import { Card } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Empty, Failed, Loading } from '../ui/states';
import { Choice } from '../ui/tabs';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { DeliveryBadge } from './webhook-words';
import type { Delivery } from './webhook-words';
import css from './webhooks.module.css';

const PAGE = 25;

/** What was sent and waits to be sent, with what came back; each can be sent once more. */
export function Deliveries({ webhookId }: { readonly webhookId: number }) {
  const [{ status, page, delivery }, setAddress] = useAddress({ status: 'all', page: '1', delivery: '' });
  const asked = {
    limit: PAGE,
    page: Number(page) || 1,
    ...(status !== 'all' && { status: status as Delivery['status'] }),
  };
  const list = useLoad(
    ['/api/webhooks', 'deliveries', webhookId, asked],
    () => api.GET('/api/webhooks/{id}/deliveries', { params: { path: { id: webhookId }, query: asked } }),
    { refetchInterval: 5_000, placeholderData: (before) => before },
  );
  const rows = list.data?.data ?? [];
  return (
    <Card
      title="Deliveries"
      hint="Kept for 30 days"
      actions={
        <Choice
          label="Which deliveries"
          value={status}
          options={[
            ['all', 'All'],
            ['pending', 'Waiting'],
            ['delivered', 'Delivered'],
            ['failed', 'Given up'],
          ]}
          onChange={(to) => setAddress({ status: to, page: '1' })}
        />
      }
    >
      {list.isPending && <Loading lines={4} />}
      {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
      {list.isSuccess && rows.length === 0 && (
        <Empty title="Nothing was sent yet">
          <p>Send a test, or wait for the next event of the chosen types.</p>
        </Empty>
      )}
      {rows.length > 0 && (
        <Table
          label="Deliveries"
          rows={rows}
          keyOf={(row) => row.id}
          current={delivery === '' ? undefined : Number(delivery)}
          columns={[
            {
              title: 'Event',
              cell: (row) => (
                <button
                  type="button"
                  className={css['open']}
                  onClick={() => setAddress({ delivery: String(row.id) }, { push: true })}
                >
                  {row.event_type}
                </button>
              ),
            },
            { title: 'Status', tight: true, cell: (row) => <DeliveryBadge delivery={row} /> },
            { title: 'Answer', number: true, cell: (row) => row.last_status ?? NONE },
            { title: 'Attempts', number: true, cell: (row) => count(row.attempts) },
            { title: 'Took', number: true, cell: (row) => tookOf(row) },
            { title: 'Next attempt', tight: true, cell: (row) => <Time at={row.next_attempt_at} /> },
            { title: 'Made', tight: true, cell: (row) => <Time at={row.created_at} /> },
          ]}
        />
      )}
      {rows.length > 0 && (asked.page > 1 || list.data?.pagination.has_more) && (
        <div className={css['more']}>
          <Button disabled={asked.page === 1} onClick={() => setAddress({ page: String(asked.page - 1) })}>
            Newer
          </Button>
          <Button
            disabled={!list.data?.pagination.has_more}
            onClick={() => setAddress({ page: String(asked.page + 1) })}
          >
            Older
          </Button>
        </div>
      )}
      <Sheet
        open={delivery !== ''}
        onOpenChange={(open) => !open && setAddress({ delivery: '' })}
        title="Delivery"
        wide
      >
        {delivery !== '' && <OneDelivery webhookId={webhookId} deliveryId={Number(delivery)} />}
      </Sheet>
    </Card>
  );
}

const tookOf = ({ log }: Delivery) => {
  const last = log.at(-1);
  return last ? `${count(last.duration_ms)} ms` : NONE;
};

function OneDelivery({ webhookId, deliveryId }: { readonly webhookId: number; readonly deliveryId: number }) {
  const path = { params: { path: { id: webhookId, deliveryId } } };
  const one = useLoad(['/api/webhooks', 'delivery', webhookId, deliveryId], () =>
    api.GET('/api/webhooks/{id}/deliveries/{deliveryId}', path),
  );
  const again = useSend(
    () => api.POST('/api/webhooks/{id}/deliveries/{deliveryId}/redeliver', path),
    ['/api/webhooks'],
  );
  if (one.isPending) return <Loading />;
  if (one.isError) return <Failed error={one.error} retry={() => void one.refetch()} />;
  const delivery = one.data.data;
  return (
    <>
      <div className={css['line']}>
        <code>{delivery.event_type}</code> <DeliveryBadge delivery={delivery} />
        <span style={{ flex: 1 }} />
        <ShowCurl method="POST" path={`/api/webhooks/${webhookId}/deliveries/${deliveryId}/redeliver`} />
        <Button
          busy={again.isPending && 'Sending …'}
          onClick={() =>
            again.mutate(undefined, {
              onSuccess: () => toast.say('Sent once more, under its old id.'),
              onError: (error) => toast.failed(error),
            })
          }
        >
          <RotateCw size={15} aria-hidden /> Send once more
        </Button>
      </div>
      <section className={css['part']}>
        <div className={css['line']}>
          <h2>Request</h2>
          <span style={{ flex: 1 }} />
          {delivery.request.body && <Copy text={delivery.request.body} label="the body" />}
        </div>
        <pre className={kit['code']} tabIndex={0} aria-label="Request">
          {`POST ${delivery.request.url}\ncontent-type: application/json\nwebhook-id: ${delivery.event_id}\nwebhook-timestamp, webhook-signature, x-flotilla-signature: made at each attempt\n\n`}
          {pretty(delivery.request.body)}
        </pre>
      </section>
      <section className={css['part']}>
        <h2>What came back</h2>
        {delivery.log.length === 0 && <p className={ui['hint']}>It was not tried yet.</p>}
        <ol className={css['attempts']}>
          {delivery.log.map((attempt) => (
            <li key={attempt.attempt}>
              <b>{attempt.status ?? 'no answer'}</b>
              <span className="name">
                Attempt {attempt.attempt}, <Time at={attempt.at} />, after {count(attempt.duration_ms)} ms
                {attempt.error && <span className={ui['fault']}> {attempt.error}</span>}
              </span>
            </li>
          ))}
        </ol>
        {delivery.next_attempt_at && (
          <p className={ui['hint']}>
            The next attempt is <Time at={delivery.next_attempt_at} />.
          </p>
        )}
        <p className={ui['hint']}>What a receiver answers beyond its status is never kept.</p>
      </section>
    </>
  );
}

function pretty(body: string | null): string {
  if (body === null) return 'The event is not kept any more.';
  try {
    return JSON.stringify(JSON.parse(body), null, 2);
  } catch {
    return body;
  }
}
