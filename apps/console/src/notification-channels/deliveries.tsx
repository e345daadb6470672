import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'wouter';
import { SeverityMark } from '../alerts/severity';
import { api, useLoad, useSend } from '../data/api';
import type { Schemas } from '../data/api';
import { useMay } from '../data/role';
import { useAddress } from '../ui/address';
import { Badge, Simulated } from '../ui/badge';
import type { Tone } from '../ui/badge';
import { Button } from '../ui/button';
import { Sheet } from '../ui/dialog';
import { Select } from '../ui/field';
import { count } from '../ui/format';
import { Card } from '../ui/page';
import { Pager } from '../ui/pager';
import { ShowCurl } from '../ui/show-curl';
import { Empty, Failed, Loading } from '../ui/states';
import { Table } from '../ui/table';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import { told } from '../ui/told';
import css from './channels.module.css';

type Delivery = Schemas['NotificationDelivery'];
const PAGE = 20;
const TONES: Readonly<Record<string, Tone>> = { delivered: 'good', failed: 'bad', sending: 'accent', held: 'idle' };
const STATUSES = ['queued', 'sending', 'held', 'waiting_for_digest', 'in_digest', 'delivered', 'failed'] as const;
const words = (status: string) => status.replaceAll('_', ' ');

/** What was told to a channel and what waits for it, with every attempt. */
export function Deliveries({ id }: { readonly id: number }) {
  const [address, set] = useAddress({ status: '', alert: '', page: '1' });
  const [open, setOpen] = useState<number>();
  const page = Math.max(1, Number(address.page) || 1);
  const asked = {
    limit: PAGE,
    page,
    ...(address.status && { status: address.status as (typeof STATUSES)[number] }),
    ...(/^\d+$/.test(address.alert) && { alert_id: Number(address.alert) }),
  };
  const list = useLoad(
    [`/api/notification-channels/${id}/deliveries`, asked],
    () => api.GET('/api/notification-channels/{id}/deliveries', { params: { path: { id }, query: asked } }),
    { placeholderData: (before) => before, refetchInterval: 5_000 },
  );
  const rows = list.data?.data ?? [];
  const shown = rows.find((one) => one.id === open);
  return (
    <>
      <Card
        title="What was told"
        actions={
          <>
            {address.alert && (
              <Button look="quiet" onClick={() => set({ alert: null, page: null })}>
                Not only of alert {address.alert}
              </Button>
            )}
            <Select
              label="State of deliveries"
              value={address.status}
              options={[['', 'every state'], ...STATUSES.map((one) => [one, words(one)] as const)]}
              onChange={(status) => set({ status, page: null })}
            />
          </>
        }
      >
        {list.isPending && <Loading lines={4} />}
        {list.isError && <Failed error={list.error} retry={() => void list.refetch()} />}
        {list.isSuccess && rows.length === 0 && (
          <Empty title="Nothing of this kind yet">
            <p>What is told to this channel stands here with every attempt. A test is not listed.</p>
          </Empty>
        )}
        {rows.length > 0 && (
          <Table
            label="Deliveries"
            rows={rows}
            keyOf={(one) => one.id}
            columns={[
              { title: 'When', tight: true, cell: (one) => <Time at={one.created_at} relative /> },
              {
                title: 'What',
                cell: (one) => (
                  <span className={css['what']}>
                    <SeverityMark severity={one.severity} />
                    {one.alert_id === null ? (
                      <span className="name">{told(one.title)}</span>
                    ) : (
                      <Link href={`/alerts?view=all&alert=${one.alert_id}`} className="name">
                        {told(one.title)}
                      </Link>
                    )}
                    {one.simulated && <Simulated />}
                  </span>
                ),
              },
              { title: 'Kind', tight: true, cell: (one) => one.kind },
              {
                title: 'State',
                tight: true,
                cell: (one) => <Badge tone={TONES[one.status] ?? 'plain'}>{words(one.status)}</Badge>,
              },
              { title: 'Attempts', number: true, cell: (one) => count(one.attempts) },
              { title: 'Next', tight: true, cell: (one) => <Time at={one.next_attempt_at} /> },
              {
                title: 'Attempts in detail',
                quiet: true,
                tight: true,
                cell: (one) => (
                  <Button look="quiet" onClick={() => setOpen(one.id)}>
                    Details <span className="visually-hidden">of delivery {one.id}</span>
                  </Button>
                ),
              },
            ]}
          />
        )}
      </Card>
      <Pager
        page={page}
        limit={PAGE}
        total={list.data?.pagination.total ?? 0}
        onPage={(to) => set({ page: String(to) })}
      />
      {shown && <DeliverySheet channel={id} delivery={shown} onClose={() => setOpen(undefined)} />}
    </>
  );
}

interface SheetProps {
  readonly channel: number;
  readonly delivery: Delivery;
  readonly onClose: () => void;
}

function DeliverySheet({ channel, delivery, onClose }: SheetProps) {
  const may = useMay('operator');
  const again = useSend(
    () =>
      api.POST('/api/notification-channels/{id}/deliveries/{deliveryId}/redeliver', {
        params: { path: { id: channel, deliveryId: delivery.id } },
      }),
    [`/api/notification-channels`],
  );
  const done = delivery.status === 'delivered' || delivery.status === 'failed';
  return (
    <Sheet
      open
      onOpenChange={(open) => !open && onClose()}
      title={told(delivery.title)}
      description={
        <>
          {delivery.kind}, {words(delivery.status)}. Message <code>{delivery.message_id}</code>
        </>
      }
      footer={
        <>
          <ShowCurl method="POST" path={`/api/notification-channels/${channel}/deliveries/${delivery.id}/redeliver`} />
          <Button
            look="primary"
            disabled={!may || !done}
            busy={again.isPending && 'Asking …'}
            onClick={() =>
              again.mutate(undefined, {
                onSuccess: () => toast.say('It is sent once more, with the same message id.'),
                onError: toast.failed,
              })
            }
          >
            <RotateCw size={14} aria-hidden /> Send once more
          </Button>
        </>
      }
    >
      {delivery.log.length === 0 && <p>There was no attempt yet.</p>}
      <ol className={css['attempts']}>
        {delivery.log.map((one) => (
          <li key={`${one.attempt} ${one.started_at}`}>
            <div>
              <strong>Attempt {one.attempt}</strong>{' '}
              <Badge tone={one.outcome === 'delivered' ? 'good' : one.outcome === 'dead' ? 'bad' : 'warn'}>
                {one.outcome === 'dead' ? 'given up' : one.outcome === 'retry' ? 'tried again later' : 'delivered'}
              </Badge>
            </div>
            <span>
              <Time at={one.started_at} />, {count(one.duration_ms)} ms
              {one.status_code !== null && `, status ${one.status_code}`}
            </span>
            {one.reason && <span className="name">{told(one.reason)}</span>}
          </li>
        ))}
      </ol>
    </Sheet>
  );
}
