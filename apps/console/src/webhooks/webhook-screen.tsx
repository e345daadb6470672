import { Trash2, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { useLocation, useParams } from 'wouter';
import { api, useLoad, useSend } from '../data/api';
import { Button, IconButton } from '../ui/button';
import { Confirm } from '../ui/confirm';
import { count } from '../ui/format';
import { Card, PageHead } from '../ui/page';
import { ShowCurl } from '../ui/show-curl';
import { Failed, Loading } from '../ui/states';
import { Time } from '../ui/time';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { Deliveries } from './deliveries';
import { RotateDialog } from './rotate-dialog';
import { SecretDialog } from './secret-dialog';
import { WebhookDialog } from './webhook-dialog';
import { WebhookBadge } from './webhook-words';
import type { Webhook } from './webhook-words';
import css from './webhooks.module.css';

/** One webhook: whether it works, what was sent, and what came back. */
export default function WebhookScreen() {
  const id = Number(useParams().id);
  const one = useLoad(['/api/webhooks', 'one', id], () => api.GET('/api/webhooks/{id}', { params: { path: { id } } }), {
    refetchInterval: 10_000,
  });
  if (one.isPending) return <Loading lines={8} />;
  if (one.isError) return <Failed error={one.error} retry={() => void one.refetch()} />;
  return <Shown webhook={one.data.data} />;
}

function Shown({ webhook }: { readonly webhook: Webhook }) {
  const [asking, setAsking] = useState<'change' | 'rotate' | 'delete' | null>(null);
  const [secret, setSecret] = useState<{ readonly text: string | null; readonly until: string | null } | null>(null);
  const [, go] = useLocation();
  const path = { params: { path: { id: webhook.id } } };
  const test = useSend(() => api.POST('/api/webhooks/{id}/test', path), ['/api/webhooks']);
  const turn = useSend(
    (enabled: boolean) => api.PATCH('/api/webhooks/{id}', { ...path, body: { enabled } }),
    ['/api/webhooks'],
  );
  const remove = useSend(() => api.DELETE('/api/webhooks/{id}', path), ['/api/webhooks']);
  const tested = test.data?.data;
  return (
    <>
      <PageHead title={webhook.description || new URL(webhook.url).host}>
        <WebhookBadge status={webhook.status} />
        <IconButton label="Delete this webhook" onClick={() => setAsking('delete')}>
          <Trash2 size={16} aria-hidden />
        </IconButton>
        <Button onClick={() => setAsking('rotate')}>Rotate the secret</Button>
        <Button onClick={() => setAsking('change')}>Change</Button>
        <Button
          busy={turn.isPending && 'Working …'}
          onClick={() =>
            turn.mutate(!webhook.enabled || webhook.status === 'disabled', { onError: (error) => toast.failed(error) })
          }
        >
          {webhook.status === 'disabled' || !webhook.enabled ? 'Turn on' : 'Pause'}
        </Button>
        <Button look="primary" busy={test.isPending && 'Sending …'} onClick={() => test.mutate()}>
          Send a test
        </Button>
      </PageHead>
      {webhook.status === 'disabled' && (
        <p className={`${css['note']} ${ui['bad']}`}>
          <TriangleAlert size={16} aria-hidden />
          <span className="name">
            <b>We turned it off</b> <Time at={webhook.disabled_at} />: {webhook.disabled_reason} Nothing is lost: what
            happens meanwhile waits. Mend the receiver and turn it on again, and it goes on where it stopped.
          </span>
        </p>
      )}
      {webhook.status === 'failing' && (
        <p className={`${css['note']} ${ui['warn']}`}>
          <TriangleAlert size={16} aria-hidden />
          <span className="name">
            {count(webhook.failures_in_a_row)} {webhook.failures_in_a_row === 1 ? 'attempt' : 'attempts'} in a row
            failed, the last one <Time at={webhook.last_failure_at} relative />: {webhook.last_failure} It is tried
            again for about a day.
          </span>
        </p>
      )}
      {tested && (
        <p className={`${css['note']} ${tested.status === 'delivered' ? ui['good'] : ui['bad']}`} role="status">
          <span className="name">
            {tested.status === 'delivered'
              ? `The test arrived: ${tested.last_status} after ${count(tested.log[0]?.duration_ms)} ms.`
              : `The test did not arrive: ${tested.log[0]?.error ?? 'no answer came.'}`}
          </span>
        </p>
      )}
      {test.isError && <Failed error={test.error} />}
      <Card padded>
        <dl className={css['facts']}>
          <dt>Address</dt>
          <dd className="name">{webhook.url}</dd>
          <dt>Events</dt>
          <dd className={css['patterns']}>
            {webhook.event_types.map((type) => (
              <code key={type}>{type === '*' ? 'every event' : type}</code>
            ))}
          </dd>
          <dt>Waiting</dt>
          <dd>{count(webhook.pending)}</dd>
          <dt>Last arrived</dt>
          <dd>
            <Time at={webhook.last_success_at} relative />
          </dd>
          {webhook.rotating_until && (
            <>
              <dt>Two secrets</dt>
              <dd>
                The one before signs as well until <Time at={webhook.rotating_until} />.
              </dd>
            </>
          )}
          <dt>Made by</dt>
          <dd className="name">
            {webhook.created_by}, <Time at={webhook.created_at} />
          </dd>
        </dl>
      </Card>
      <Deliveries webhookId={webhook.id} />
      {asking === 'change' && (
        <WebhookDialog webhook={webhook} onClose={() => setAsking(null)} onSecret={() => undefined} />
      )}
      {asking === 'rotate' && (
        <RotateDialog
          webhook={webhook}
          onClose={() => setAsking(null)}
          onSecret={(text, until) => setSecret({ text, until })}
        />
      )}
      {secret && (
        <SecretDialog
          secret={secret.text}
          onClose={() => setSecret(null)}
          overlap={secret.until ? 'Until the overlap is over, posts carry a signature of each secret.' : undefined}
        />
      )}
      <Confirm
        open={asking === 'delete'}
        onOpenChange={() => setAsking(null)}
        title="Delete this webhook"
        action="Delete the webhook"
        danger
        busy={remove.isPending}
        error={remove.error}
        onConfirm={() => remove.mutate(undefined, { onSuccess: () => go('/webhooks') })}
        aside={<ShowCurl method="DELETE" path={`/api/webhooks/${webhook.id}`} />}
      >
        <p>What waits to be sent is not sent any more, and the log of its deliveries goes with it.</p>
      </Confirm>
    </>
  );
}
