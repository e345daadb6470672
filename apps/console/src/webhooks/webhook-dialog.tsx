import { useState } from 'react';
import { api, sentenceOf, useSend } from '../data/api';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField, fieldError } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import { toast } from '../ui/toast';
import ui from '../ui/ui.module.css';
import { EventTypesField } from './event-types-field';
import type { Webhook } from './webhook-words';

interface Props {
  /** undefined: a new one. */
  readonly webhook?: Webhook;
  readonly onClose: () => void;
  /** A new webhook's secret, shown once. */
  readonly onSecret: (id: number, secret: string | null) => void;
}

/** A new webhook, or other events and another address for one that is there. */
export function WebhookDialog({ webhook, onClose, onSecret }: Props) {
  const [url, setUrl] = useState(webhook?.url ?? '');
  const [description, setDescription] = useState(webhook?.description ?? '');
  const [types, setTypes] = useState<string[]>(webhook?.event_types ?? ['alert.*', 'action.*']);
  const body = { url: url.trim(), description: description.trim(), event_types: types };
  const save = useSend(
    () =>
      webhook
        ? api.PATCH('/api/webhooks/{id}', { params: { path: { id: webhook.id } }, body })
        : api.POST('/api/webhooks', { body }),
    ['/api/webhooks'],
  );
  const named = (['url', 'description', 'event_types'] as const).some(
    (field) => fieldError(save.error, field) !== undefined,
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={webhook ? 'Change the webhook' : 'New webhook'}
      description={
        webhook
          ? undefined
          : 'Each event is posted to your address as JSON, signed with a secret that you see once. Answer 2xx within 15 seconds; anything else is tried again for about a day.'
      }
      footer={
        <>
          <ShowCurl
            method={webhook ? 'PATCH' : 'POST'}
            path={webhook ? `/api/webhooks/${webhook.id}` : '/api/webhooks'}
            body={body}
          />
          <span style={{ flex: 1 }} />
          <Button onClick={onClose}>Leave it</Button>
          <Button
            look="primary"
            disabled={body.url === '' || types.length === 0}
            busy={save.isPending && 'Saving …'}
            onClick={() =>
              save.mutate(undefined, {
                onSuccess: ({ data }) => {
                  if ('secret' in data) onSecret(data.id, data.secret as string | null);
                  else toast.say('Webhook saved.');
                  onClose();
                },
              })
            }
          >
            {webhook ? 'Save the webhook' : 'Make the webhook'}
          </Button>
        </>
      }
    >
      <TextField
        label="Address"
        type="url"
        required
        placeholder="https://example.com/flotilla"
        value={url}
        onChange={setUrl}
        error={fieldError(save.error, 'url')}
      />
      <TextField
        label="What it is for"
        value={description}
        onChange={setDescription}
        error={fieldError(save.error, 'description')}
      />
      <EventTypesField chosen={types} onChange={setTypes} error={fieldError(save.error, 'event_types')} />
      {save.isError && !named && (
        <p className={ui['fault']} role="alert">
          {sentenceOf(save.error)}
        </p>
      )}
    </Dialog>
  );
}
