import { useState } from 'react';
import { api, useSend } from '../data/api';
import { Confirm } from '../ui/confirm';
import { SelectField } from '../ui/field';
import { ShowCurl } from '../ui/show-curl';
import type { Webhook } from './webhook-words';

interface Props {
  readonly webhook: Webhook;
  readonly onClose: () => void;
  readonly onSecret: (secret: string | null, until: string | null) => void;
}

const OVERLAPS = [
  ['0', 'Not at all: the old secret has leaked'],
  ['60', 'An hour'],
  ['1440', 'A day'],
  ['10080', 'A week'],
] as const;

/** A new secret; for a while both sign, so that nothing is refused while the receiver changes over. */
export function RotateDialog({ webhook, onClose, onSecret }: Props) {
  const [minutes, setMinutes] = useState<(typeof OVERLAPS)[number][0]>('1440');
  const body = { overlap_minutes: Number(minutes) };
  const rotate = useSend(
    () => api.POST('/api/webhooks/{id}/rotate-secret', { params: { path: { id: webhook.id } }, body }),
    ['/api/webhooks'],
  );
  return (
    <Confirm
      open
      onOpenChange={(open) => !open && onClose()}
      title="Rotate the secret"
      action="Make a new secret"
      busy={rotate.isPending}
      error={rotate.error}
      onConfirm={() =>
        rotate.mutate(undefined, {
          onSuccess: ({ data }) => {
            onClose();
            onSecret(data.secret, data.rotating_until);
          },
        })
      }
      aside={<ShowCurl method="POST" path={`/api/webhooks/${webhook.id}/rotate-secret`} body={body} />}
    >
      <SelectField label="The old secret goes on to sign" value={minutes} options={OVERLAPS} onChange={setMinutes} />
    </Confirm>
  );
}
