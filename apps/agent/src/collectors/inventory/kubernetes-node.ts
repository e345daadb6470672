import { readFileSync } from 'node:fs';

/**
 * The Kubernetes node that this host is: the name that the pod was given (downward API, `spec.nodeName`), or the one in
 * the kubelet's own credentials where the agent runs beside it on the host. null: none, or nobody says.
 */
export function kubernetesNode(given: string | null, root = '/'): string | null {
  if (given !== null) return given;
  for (const file of ['etc/kubernetes/kubelet.conf', 'var/lib/kubelet/kubeconfig']) {
    try {
      const name = /\bsystem:node:([a-z0-9.-]{1,253})/.exec(readFileSync(`${root}${file}`, 'utf8'))?.[1];
      if (name) return name;
    } catch {
      // not there, or not for this user
    }
  }
  return null;
}
