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

/** The one line that adds a GPU host, and what stands in its way. */
export function installCommand(
  where: { readonly bind: string; readonly publicUrl: string | null },
  port: number,
  token: string,
): InstallCommand {
  const host = where.publicUrl
    ? new URL(where.publicUrl).hostname
    : WILDCARD.test(where.bind)
      ? 'localhost'
      : where.bind;
  const server = `${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${port}`;
  return {
    server,
    installCommand: `npm run agent -- --server ${server} --token ${token}`,
    note: noteFor(where),
  };
}

function noteFor({ bind, publicUrl }: { readonly bind: string; readonly publicUrl: string | null }): string | null {
  if (LOOPBACK.test(bind)) {
    return (
      `The control plane listens on ${bind} only, so this works on this machine alone. For other hosts set FLOTILLA_BIND ` +
      '(for example 0.0.0.0) and FLOTILLA_PUBLIC_URL (the address under which they reach it).'
    );
  }
  if (publicUrl) return null;
  return 'FLOTILLA_PUBLIC_URL is not set, so the host in this command is a guess: replace it by a name that the GPU host can reach.';
}
