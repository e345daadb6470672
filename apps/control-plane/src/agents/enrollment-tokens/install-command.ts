/** How a host is added. */
export interface InstallCommand {
  /** `host:port` of the gRPC listener as agents should name it. */
  readonly server: string;
  readonly installCommand: string;
  /** Why the command may not work from another machine; null when it does. */
  readonly note: string | null;
}

const LOOPBACK = /^(localhost|::1|127\.)/;
const WILDCARD = /^(0\.0\.0\.0|::)$/;

/** Where this control plane is reached. */
export interface Reach {
  readonly bind: string;
  readonly publicUrl: string | null;
  readonly tls: object | null;
  /** Of the API; null: not known. */
  readonly httpPort: number | null;
  readonly grpcPort: number;
  /** It has an agent to hand out at /agent. */
  readonly handsOut: boolean;
}

/**
 * The one line that adds a GPU host, and what stands in its way. The token goes by the environment: command lines are
 * shown to every user of a host. Without an agent to hand out, the line for a host with a clone of the repository.
 */
export function installCommand(where: Reach, token: string): InstallCommand {
  const host = where.publicUrl
    ? new URL(where.publicUrl).hostname
    : WILDCARD.test(where.bind)
      ? 'localhost'
      : where.bind;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  const server = `${name}:${where.grpcPort}`;
  const own = where.httpPort === null ? null : `${where.tls ? 'https' : 'http'}://${name}:${where.httpPort}`;
  const url = where.publicUrl ?? own;
  return {
    server,
    installCommand:
      where.handsOut && url
        ? `curl -fsSL ${url}/agent/install.sh | FLOTILLA_ENROLLMENT_TOKEN=${token} sudo --preserve-env=FLOTILLA_ENROLLMENT_TOKEN sh -s -- --from ${url}/agent --server ${server}`
        : `npm run agent -- --server ${server} --token ${token}`,
    note: noteFor(where),
  };
}

function noteFor({ bind, publicUrl }: Pick<Reach, 'bind' | 'publicUrl'>): string | null {
  if (LOOPBACK.test(bind)) {
    return (
      `The control plane listens on ${bind} only, so this works on this machine alone. For other hosts set FLOTILLA_BIND ` +
      '(for example 0.0.0.0) and FLOTILLA_PUBLIC_URL (the address under which they reach it).'
    );
  }
  if (publicUrl) return null;
  return 'FLOTILLA_PUBLIC_URL is not set, so the host in this command is a guess: replace it by a name that the GPU host can reach.';
}
