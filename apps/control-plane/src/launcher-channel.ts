import { systemActor } from '@flotilla/persistence';
import type { Db } from '@flotilla/persistence';
import { AgentGateway } from './agent-gateway/index.js';
import { EnrollmentTokens, EnrollmentTrust } from './agents/index.js';
import type { RunningControlPlane } from './control-plane.js';
import { CONFIG, withoutSecrets } from './platform/index.js';
import type { Config } from './platform/index.js';

/** What the launcher (scripts/start.mjs) may ask over its channel. */
interface TokenRequest {
  readonly type: 'enrollment-token';
  readonly requestId: string;
  /** Whom it is for: the agent of this very host, or the host that a person is going to add. */
  readonly purpose: 'local-agent' | 'add-host';
}

const DAY_S = 86_400;

/** Tells the launcher that the control plane serves, and answers its questions; does nothing without a launcher. */
export function serveLauncher(running: RunningControlPlane): void {
  if (!process.send) return;
  process.on('message', (message: unknown) => {
    if (!isTokenRequest(message)) return;
    const { requestId, purpose } = message;
    mint(running, purpose).then(
      (answer) => process.send?.({ type: 'enrollment-token', requestId, ...answer }),
      (error: unknown) => process.send?.({ type: 'enrollment-token', requestId, error: withoutSecrets(String(error)) }),
    );
  });
  process.send({
    type: 'ready',
    address: running.address,
    agentServer: localServer(running),
    owner: running.firstOwner,
  });
}

/** Where this host's agent connects. A certificate that public roots vouch for is good for the public name only. */
function localServer({ app, address }: RunningControlPlane): string {
  const { port } = app.get(AgentGateway, { strict: false });
  const { publicUrl } = app.get<Config>(CONFIG, { strict: false });
  const isPinned = app.get(EnrollmentTrust, { strict: false }).caSha256() !== null;
  return `${new URL(isPinned || publicUrl === null ? address : publicUrl).hostname}:${port}`;
}

async function mint(running: RunningControlPlane, purpose: TokenRequest['purpose']) {
  const tokens = running.app.get(EnrollmentTokens, { strict: false });
  const tenantId = await oldestTenant(running.db);
  if (purpose === 'local-agent') return { token: await tokens.mintForLocalAgent(tenantId) };
  const actor = systemActor(tenantId, 'start');
  const { token, installCommand, note } = await tokens.mint(actor, {
    name: 'printed at the start',
    multiUse: false,
    expiresInS: DAY_S,
  });
  return { token, installCommand, note };
}

/** The tenant of the first owner: whoever starts the program acts for it. */
async function oldestTenant(db: Db): Promise<string> {
  const row = await db.system((tx) =>
    tx.row<{ tenant_id: string }>(
      'SELECT t.tenant_id FROM flotilla.tenants t ORDER BY t.created_at, t.tenant_id LIMIT 1',
    ),
  );
  if (!row) throw new Error('there is no tenant yet');
  return row.tenant_id;
}

function isTokenRequest(message: unknown): message is TokenRequest {
  const { type, requestId, purpose } = (message ?? {}) as Partial<TokenRequest>;
  if (type !== 'enrollment-token' || typeof requestId !== 'string') return false;
  return purpose === 'local-agent' || purpose === 'add-host';
}
