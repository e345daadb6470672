import { itemsOf, textOf } from './ec2-xml.js';
import type { Xml } from './ec2-xml.js';

export type Ec2State = 'pending' | 'running' | 'shutting-down' | 'terminated' | 'stopping' | 'stopped';

/** What DescribeInstances says that matters to whoever wants to stop or start it. */
export interface Ec2Instance {
  readonly id: string;
  readonly name: string | null;
  readonly state: Ec2State | 'unknown';
  /** Why it is in this state: `Server.InsufficientInstanceCapacity: …`; null while nobody says. */
  readonly stateReason: string | null;
  /** The AWS account that it belongs to. */
  readonly account: string | null;
  readonly instanceType: string;
  readonly zone: string | null;
  /** null: on demand. */
  readonly lifecycle: string | null;
  readonly spotRequestId: string | null;
  readonly rootDevice: 'ebs' | 'instance-store' | 'unknown';
  /** The capacity reservation that it runs in. */
  readonly reservationId: string | null;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Ec2StateChange {
  readonly before: string;
  readonly now: string;
}

const STATES: readonly string[] = ['pending', 'running', 'shutting-down', 'terminated', 'stopping', 'stopped'];

export function readInstance(item: Xml, account: string | null): Ec2Instance | null {
  const id = textOf(item, 'instanceId');
  if (id === null) return null;
  const state = textOf(item, 'instanceState', 'name') ?? '';
  const root = textOf(item, 'rootDeviceType');
  const reason = [textOf(item, 'stateReason', 'code'), textOf(item, 'stateReason', 'message')].filter(Boolean);
  const tags = Object.fromEntries(
    itemsOf(item, 'tagSet').map((tag) => [textOf(tag, 'key') ?? '', textOf(tag, 'value') ?? '']),
  );
  return {
    id,
    name: tags['Name'] ?? null,
    state: STATES.includes(state) ? (state as Ec2State) : 'unknown',
    // "Server.X: Server.X: text" is how EC2 often says it
    stateReason:
      reason.length === 0
        ? null
        : ((reason.at(-1)?.startsWith(reason[0] ?? '') ? reason.at(-1) : reason.join(': ')) ?? null),
    account,
    instanceType: textOf(item, 'instanceType') ?? '',
    zone: textOf(item, 'placement', 'availabilityZone'),
    lifecycle: textOf(item, 'instanceLifecycle'),
    spotRequestId: textOf(item, 'spotInstanceRequestId'),
    rootDevice: root === 'ebs' || root === 'instance-store' ? root : 'unknown',
    reservationId: textOf(item, 'capacityReservationId'),
    tags,
  };
}
