import { lookup } from 'node:dns/promises';
import { connect as connectTcp, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { parseEnrollmentToken } from '@flotilla/contracts/agent';
import type { Settings } from '../../config/settings.js';
import { hostAndPort } from '../../enrolment/enrol.js';
import type { Identity } from '../../enrolment/identity.js';
import { pinnedCa } from '../../enrolment/presented-chain.js';
import { codeOf, fail, ok, textOf, warn } from './check.js';
import type { Check } from './check.js';

const PATIENCE_MS = 5_000;

/** The way to the control plane, step by step; what depends on a step that failed is not tried. */
export async function serverChecks(settings: Settings, identity: Identity | null, nowMs: number): Promise<Check[]> {
  if (settings.sync) return httpChecks(settings.sync.url, nowMs);
  const server = settings.server ?? identity?.server ?? null;
  if (server === null) {
    return [fail('server', 'No control plane is set.', 'set "server" in the configuration, or --server host:50051')];
  }
  const { host, port } = hostAndPort(server);
  const reached = await reach(host, port);
  if (reached.some(({ state }) => state === 'fail')) return reached;
  return [...reached, await tlsCheck(host, port, settings.token, identity)];
}

async function reach(host: string, port: number): Promise<Check[]> {
  const checks: Check[] = [];
  if (!isIP(host)) {
    try {
      const found = await lookup(host, { all: true });
      checks.push(ok('server name', `${host} is ${found.map(({ address }) => address).join(', ')}.`));
    } catch (error) {
      return [
        fail('server name', `${host} has no address (${codeOf(error)}).`, 'is it spelled right? see /etc/resolv.conf'),
      ];
    }
  }
  try {
    const tookMs = await openTcp(host, port);
    checks.push(ok('server port', `${host}:${port} takes connections (${Math.round(tookMs)} ms).`));
  } catch (error) {
    const why = codeOf(error) || textOf(error);
    const mend =
      why === 'ECONNREFUSED'
        ? 'nothing listens there: is the control plane running, and is it its gRPC port (50051)?'
        : 'does a firewall stand between? Where only HTTP gets out, use sync_url';
    checks.push(fail('server port', `${host}:${port} cannot be reached (${why}).`, mend));
  }
  return checks;
}

function openTcp(host: string, port: number): Promise<number> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no answer within ${PATIENCE_MS / 1000} s`)));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.destroy();
      resolve(performance.now() - startMs);
    });
  });
}

async function tlsCheck(host: string, port: number, token: string | null, identity: Identity | null): Promise<Check> {
  const name = 'server TLS';
  try {
    let caPem = identity?.caPem ?? '';
    const pin = token === null ? null : (parseEnrollmentToken(token)?.caSha256 ?? null);
    if (!identity && pin !== null) caPem = await pinnedCa(host, port, pin, PATIENCE_MS);
    if (!identity && token === null) {
      return warn(name, 'Not judged: this host is not enrolled, so it does not know whom to trust.', 'enrol it first');
    }
    const { protocol, until } = await openTls(host, port, caPem, identity);
    return ok(
      name,
      `The server is the one that this host was enrolled with (${protocol}, certificate until ${until}).`,
    );
  } catch (error) {
    return fail(name, `${host}:${port}: ${textOf(error)}.`, mendOfTls(codeOf(error)));
  }
}

function mendOfTls(code: string): string {
  if (code === 'CERT_NOT_YET_VALID' || code === 'CERT_HAS_EXPIRED') {
    return "its certificate is not of this time: is this host's clock right (see clock)?";
  }
  if (code === 'EPROTO' || code === 'ECONNRESET') return 'this is no TLS port; the gRPC port is meant (50051)';
  return 'is it the right address, and does a proxy open TLS on the way? A new control plane needs a new enrolment';
}

function openTls(
  host: string,
  port: number,
  caPem: string,
  identity: Identity | null,
): Promise<{ protocol: string; until: string }> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      host,
      port,
      ALPNProtocols: ['h2'],
      // a pinned CA vouches for the server whatever its name, as in the agent's own stream
      ...(caPem === '' ? {} : { ca: caPem, checkServerIdentity: () => undefined }),
      ...(identity ? { key: identity.current.privateKeyPem, cert: identity.current.certificatePem } : {}),
      ...(isIP(host) ? {} : { servername: host }),
    });
    socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`no TLS answer within ${PATIENCE_MS / 1000} s`)));
    socket.once('error', reject);
    socket.once('secureConnect', () => {
      const until = new Date(socket.getPeerCertificate().valid_to).toISOString().slice(0, 10);
      const protocol = socket.getProtocol() ?? 'TLS';
      socket.destroy();
      resolve({ protocol, until });
    });
  });
}

/** HTTP tells the server's time, so the clock can be compared too. */
async function httpChecks(url: string, nowMs: number): Promise<Check[]> {
  const { hostname, port, protocol } = new URL(url);
  const reached = await reach(hostname.replace(/^\[|\]$/g, ''), Number(port) || (protocol === 'https:' ? 443 : 80));
  if (reached.some(({ state }) => state === 'fail')) return reached;
  try {
    const answer = await fetch(new URL('/health', url), {
      redirect: 'manual',
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    await answer.body?.cancel();
    const serverMs = Date.parse(answer.headers.get('date') ?? '');
    return [
      ...reached,
      answer.ok
        ? ok('server HTTP', `${url} answers.`)
        : fail('server HTTP', `${url}/health answers ${answer.status}.`, 'is this the address of a control plane?'),
      ...(Number.isFinite(serverMs) ? [skewCheck(serverMs - nowMs)] : []),
    ];
  } catch (error) {
    const cause = (error as { cause?: unknown }).cause ?? error;
    return [...reached, fail('server HTTP', `${url}: ${textOf(cause)}.`, 'does its certificate fit the name?')];
  }
}

/** @param skewMs how far the server is ahead of this host */
export function skewCheck(skewMs: number): Check {
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const words = `this host's clock is ${seconds} s ${skewMs > 0 ? 'behind' : 'ahead of'} the server's`;
  if (seconds <= 5) return ok('clock skew', 'This host and the server agree on the time.');
  const mend = 'let chrony or systemd-timesyncd keep the clock';
  if (seconds <= 300) return warn('clock skew', `${words}; samples are corrected.`, mend);
  return fail('clock skew', `${words}: certificates and tokens may be refused.`, mend);
}
