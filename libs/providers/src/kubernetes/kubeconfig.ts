import { parse } from 'yaml';
import type { TlsTrust } from '../http/index.js';
import { ClusterAccessError } from './access.js';
import type { ClusterAccess } from './access.js';

export interface KubeconfigOptions {
  /** For messages. */
  readonly path: string;
  /** Instead of `current-context`. */
  readonly context?: string;
  /** Reads a file that the kubeconfig names, relative to it. @throws where it must not or cannot be read */
  readonly readFile: (path: string) => string;
}

type Json = Readonly<Record<string, unknown>>;

/** Keys of a user that would run a program or hand the credentials to one, and what was removed from Kubernetes. */
const REFUSED_USER_KEYS: Readonly<Record<string, string>> = {
  exec: 'it would run a program to get its credentials',
  'auth-provider': 'it would run a plugin to get its credentials',
  username: 'Kubernetes knows no passwords since 1.19',
  password: 'Kubernetes knows no passwords since 1.19',
};

/**
 * The access that a kubeconfig gives: a token or a client certificate, and the authority of the server. What runs a
 * program (`exec`, `auth-provider`) and what switches the check of the server off is refused: a kubeconfig is a file
 * that travels, and must not be able to do either.
 *
 * @throws ClusterAccessError
 */
export function readKubeconfig(text: string, options: KubeconfigOptions): ClusterAccess {
  const wrong = (what: string) => new ClusterAccessError(`${options.path}: ${what}`);
  let file: Json;
  try {
    // a kubeconfig needs few aliases; a bomb needs many
    file = objectOf(parse(text, { maxAliasCount: 20 })) ?? {};
  } catch (error) {
    throw wrong(`is not YAML: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`);
  }
  const name = options.context ?? textOf(file['current-context']);
  if (!name) throw wrong('has no current-context: configure which context is meant');
  const named = (list: string, key: string, wanted: string | undefined): Json => {
    const entries = Array.isArray(file[list]) ? (file[list] as readonly unknown[]) : [];
    const found = objectOf(entries.map(objectOf).find((entry) => entry?.['name'] === wanted)?.[key]);
    if (!found) throw wrong(`has no ${key} ${wanted ?? '(none is named)'}`);
    return found;
  };
  const context = named('contexts', 'context', name);
  const cluster = named('clusters', 'cluster', textOf(context['cluster']));
  const user = named('users', 'user', textOf(context['user']));
  for (const [key, why] of Object.entries(REFUSED_USER_KEYS)) {
    if (user[key] !== undefined) {
      throw wrong(`the user of ${name} has "${key}": ${why}. Use a token or a client certificate of a service account`);
    }
  }
  const server = textOf(cluster['server']) ?? '';
  if (!URL.canParse(server) || new URL(server).protocol !== 'https:') {
    throw wrong(`the server of ${name} is ${server || 'missing'}: it must be an https address`);
  }
  if (cluster['insecure-skip-tls-verify'] === true) {
    throw wrong(
      `${name} has insecure-skip-tls-verify: anybody could pose as the cluster. Give certificate-authority-data`,
    );
  }
  if (cluster['proxy-url'] !== undefined) throw wrong(`${name} has a proxy-url, which is not supported`);

  const pem = (holder: Json, key: string): string | undefined => {
    const data = textOf(holder[`${key}-data`]);
    if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
    const path = textOf(holder[key]);
    return path === undefined ? undefined : read(path);
  };
  const read = (path: string): string => {
    try {
      return options.readFile(path);
    } catch (error) {
      throw wrong(`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const [caPem, certPem, keyPem] = [
    pem(cluster, 'certificate-authority'),
    pem(user, 'client-certificate'),
    pem(user, 'client-key'),
  ];
  const serverName = textOf(cluster['tls-server-name']);
  const tls: TlsTrust = {
    ...(caPem === undefined ? {} : { caPem }),
    ...(serverName === undefined ? {} : { serverName }),
    ...(certPem === undefined ? {} : { certPem }),
    ...(keyPem === undefined ? {} : { keyPem }),
  };
  const token = textOf(user['token']);
  const tokenFile = textOf(user['tokenFile']);
  if (token === undefined && tokenFile === undefined && !(certPem && keyPem)) {
    throw wrong(`the user of ${name} has neither a token nor a client certificate with its key`);
  }
  return {
    server: new URL(server),
    tls,
    token: tokenFile !== undefined ? () => read(tokenFile).trim() : token !== undefined ? () => token : null,
    namespace: textOf(context['namespace']) ?? 'default',
    from: `the context ${name} of ${options.path}`,
  };
}

const objectOf = (value: unknown): Json | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
