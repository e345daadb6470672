import { CircleAlert, CircleCheck, CircleOff, CirclePause, Clock, RotateCw } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { Schemas } from '../data/api';
import { Badge } from '../ui/badge';
import type { Tone } from '../ui/badge';

export type Webhook = Schemas['Webhook'];
export type Delivery = Schemas['WebhookDelivery'];

const STATUS: Readonly<Record<Webhook['status'], readonly [Tone, LucideIcon]>> = {
  healthy: ['good', CircleCheck],
  failing: ['warn', CircleAlert],
  paused: ['plain', CirclePause],
  disabled: ['bad', CircleOff],
};
export function WebhookBadge({ status }: { readonly status: Webhook['status'] }) {
  const [tone, icon] = STATUS[status];
  return (
    <Badge tone={tone} icon={icon}>
      {status}
    </Badge>
  );
}

const DELIVERY: Readonly<Record<Delivery['status'], readonly [Tone, LucideIcon, string]>> = {
  delivered: ['good', CircleCheck, 'delivered'],
  pending: ['accent', Clock, 'waits'],
  failed: ['bad', CircleAlert, 'given up'],
};
export function DeliveryBadge({ delivery }: { readonly delivery: Delivery }) {
  const [tone, icon, words] = DELIVERY[delivery.status];
  return (
    <>
      <Badge tone={tone} icon={icon}>
        {words}
      </Badge>{' '}
      {delivery.redelivery && (
        <Badge icon={RotateCw} tone="plain">
          once more
        </Badge>
      )}
    </>
  );
}
