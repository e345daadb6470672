import type { Pod } from '@flotilla/providers/kubernetes';
import type { DRAIN_LOSSES } from './settings.js';

export type DrainLoss = (typeof DRAIN_LOSSES)[number];

export const nameOf = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;
export const isEnding = ({ metadata }: Pod): boolean => metadata.deletionTimestamp !== undefined;

/**
 * Whether a drain has to end it: not what has ended, not the static pods of the kubelet (mirror pods), not what a
 * DaemonSet would put there again at once, as in `kubectl drain --ignore-daemonsets`.
 */
export function mustGo({ metadata, status }: Pod): boolean {
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') return false;
  if (metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return false;
  return metadata.ownerReferences?.find(({ controller }) => controller)?.kind !== 'DaemonSet';
}

/** What ending these pods would destroy for good and nobody accepted; null: nothing. */
export function unacceptedLoss(pods: readonly Pod[], accepted: readonly DrainLoss[]): string | null {
  const unless = (loss: DrainLoss, hit: readonly Pod[], why: string) => {
    if (accepted.includes(loss) || hit.length === 0) return null;
    const names = hit.slice(0, 5).map(nameOf).join(', ') + (hit.length > 5 ? ` and ${hit.length - 5} more` : '');
    return `${names} ${why}. If that is meant, add "${loss}" to "accept" of the kubernetes control`;
  };
  const unmanaged = pods.filter(({ metadata }) => !metadata.ownerReferences?.some(({ controller }) => controller));
  // a volume in memory ends with its process everywhere
  const keeping = pods.filter(({ spec }) => spec.volumes?.some((v) => v.emptyDir && v.emptyDir.medium !== 'Memory'));
  return (
    unless('unmanaged-pods', unmanaged, 'belong to no controller: nothing would start them again') ??
    unless('empty-dirs', keeping, 'keep data in an emptyDir on this node, which is deleted with the pod')
  );
}
