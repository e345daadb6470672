import type { TlsTrust } from '../http/index.js';

/** How to reach a cluster and who we are there. */
export interface ClusterAccess {
  readonly server: URL;
  readonly tls: TlsTrust;
  /** Asked for each request: the token of a service account is replaced every hour. null: the client certificate is enough. */
  readonly token: (() => string) | null;
  /** Of objects that name none. */
  readonly namespace: string;
  /** For a person: "the context prod of /etc/flotilla/kubeconfig". */
  readonly from: string;
}

/** The cluster cannot be reached with what is configured: what, why, and what would do. */
export class ClusterAccessError extends Error {
  override readonly name = 'ClusterAccessError';
}

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/**
 * The service account of the pod that this process runs in.
 *
 * @param folder where Kubernetes mounts it
 * @throws ClusterAccessError outside of a pod
 */
export function inClusterAccess(
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  folder = ACCOUNT,
): ClusterAccess {
  const host = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT_HTTPS'] ?? env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (!host) {
    throw new ClusterAccessError(
      'no kubeconfig is configured, and this process runs in no pod (KUBERNETES_SERVICE_HOST is not set)',
    );
  }
  const read = (name: string) => {
    try {
      return readFile(`${folder}/${name}`).trim();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new ClusterAccessError(
        `the pod has no service account to speak with (${why}): set automountServiceAccountToken`,
      );
    }
  };
  read('token');
  return {
    server: new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}/`),
    tls: { caPem: read('ca.crt') },
    token: () => read('token'),
    namespace: read('namespace') || 'default',
    from: 'the service account of this pod',
  };
}
