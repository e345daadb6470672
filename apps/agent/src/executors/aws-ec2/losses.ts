import type { Ec2Instance } from '@flotilla/providers/aws-ec2';
import type { EC2_LOSSES } from './settings.js';

export type Ec2Loss = (typeof EC2_LOSSES)[number];

export interface LossQuestions {
  /** GB of local disks of the instance type; null: nobody may ask. */
  localStorageGb(instanceType: string): Promise<number | null>;
  /** `one-time` or `persistent`; null: nobody may ask. */
  spotRequestType(requestId: string): Promise<string | null>;
}

/** Families that have local disks, for credentials that may not call DescribeInstanceTypes. */
const WITH_LOCAL_DISKS =
  /^(p3dn|p4d|p4de|p5|p5e|p5en|p6[a-z0-9-]*|g4dn|g4ad|g5|g6|g6e|gr6|g6f|trn1|trn1n|trn2|dl1|[a-z]+\d+[a-z]*d[a-z]*)\./;

/**
 * What stopping this instance would cost beyond its running time, and why it is not done unless that was accepted in the
 * configuration. null: nothing stands against it.
 */
export async function unacceptedLoss(
  instance: Ec2Instance,
  accepted: readonly Ec2Loss[],
  ask: LossQuestions,
): Promise<string | null> {
  const { instanceType, lifecycle, tags } = instance;
  const unless = (loss: Ec2Loss, why: string) =>
    accepted.includes(loss) ? null : `${why}. If that is meant, add "${loss}" to "accept" of the aws-ec2 control`;

  if (instance.rootDevice === 'instance-store') {
    return 'its root volume is an instance store: EC2 can only terminate it, not stop it';
  }
  const group = tags['aws:autoscaling:groupName'];
  if (group !== undefined) {
    const why = unless(
      'auto-scaling',
      `it belongs to the Auto Scaling group ${group}, which takes a stopped instance for a sick one, terminates it and starts another; scale the group instead`,
    );
    if (why !== null) return why;
  }
  if (lifecycle === 'spot') {
    const type = instance.spotRequestId ? await ask.spotRequestType(instance.spotRequestId) : null;
    if (type === 'one-time')
      return 'it is a Spot instance of a one-time request: EC2 can only terminate it, not stop it';
    const why = unless(
      'spot',
      'it is a Spot instance: when it is to start again there may be no capacity for it at its price',
    );
    if (why !== null) return why;
  }
  if (lifecycle === 'capacity-block' || lifecycle === 'scheduled') {
    const why = unless(
      'reserved-capacity',
      `it runs in a ${lifecycle === 'scheduled' ? 'scheduled reservation' : 'Capacity Block'}, which is paid whether it runs or not: stopping it saves nothing`,
    );
    if (why !== null) return why;
  }
  const gb = (await ask.localStorageGb(instanceType)) ?? (WITH_LOCAL_DISKS.test(instanceType) ? NaN : 0);
  if (gb === 0) return null;
  const size = Number.isNaN(gb) ? 'local disks' : `${gb} GB of local disks`;
  return unless('local-disks', `it is a ${instanceType} with ${size}, whose content is gone for good when it stops`);
}

/** What the person should know although it is done. */
export function remarks(instance: Ec2Instance): string {
  const reserved = instance.reservationId
    ? `; it runs in the capacity reservation ${instance.reservationId}, which is paid while it is stopped, too`
    : '';
  return reserved;
}
