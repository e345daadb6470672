import { systemActor } from '@flotilla/persistence';
import type { Db } from '@flotilla/persistence';
import { EnrollmentTokens } from './agents/index.js';
import type { RunningControlPlane } from './control-plane.js';
import { withoutSecrets } from './platform/index.js';

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
  process.send({ type: 'ready', address: running.address, owner: running.firstOwner });
}

async function mint(running: RunningControlPlane, purpose: TokenRequest['purpose']) {
  const tokens = running.app.get(EnrollmentTokens, { strict: false });
  const tenantId = await oldestTenant(running.db);
  const isLocal = purpose === 'local-agent';
  const minted = await tokens.mint(systemActor(tenantId, 'start'), {
    name: isLocal ? "agent of the control plane's own host" : 'printed by npm start',
    multiUse: false,
    expiresInS: isLocal ? 600 : DAY_S,
  });
  return { server: minted.server, token: minted.token, installCommand: minted.installCommand, note: minted.note };
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
  return (
    type === 'enrollment-token' &&
    typeof requestId === 'string' &&
    (purpose === 'local-agent' || purpose === 'add-host')
  );
}
