import { randomUUID } from 'node:crypto';
import { AlertRulesEngine } from '../../apps/control-plane/src/alert-rules/alert-rules.engine.js';
import { AlertDesk } from '../../apps/control-plane/src/alerts/index.js';
import { AlertTeller } from '../../apps/control-plane/src/alerts/alert-teller.js';
import { DecisionRounds } from '../../apps/control-plane/src/decisions/index.js';
import { NotificationOutbox } from '../../apps/control-plane/src/notification-channels/index.js';
import { Log } from '../../apps/control-plane/src/platform/index.js';
import type { Config } from '../../apps/control-plane/src/platform/index.js';
import type { Db } from '@flotilla/persistence';

/** What decides about a tenant's minutes in one process, without its timers. */
export interface Decider {
  readonly replicaId: string;
  readonly rounds: DecisionRounds;
  readonly desk: AlertDesk;
  /** Makes this replica the one that decides for the tenant. */
  take(tenantId: string): Promise<void>;
}

/** Another replica, or the same after a restart: it remembers nothing. */
export function aDecider(db: Db): Decider {
  const replicaId = randomUUID();
  const log = Log.to({ write: () => undefined }, 'fatal');
  const rounds = new DecisionRounds(db, undefined as never, log, { replicaId } as Config);
  const desk = new AlertDesk(new AlertTeller(new NotificationOutbox()));
  rounds.register(new AlertRulesEngine(db, rounds, desk));
  return {
    ...{ replicaId, rounds, desk },
    async take(tenantId) {
      await db.system((tx) =>
        tx.rows(
          `INSERT INTO flotilla.decision_rounds AS r (tenant_id, holder, leased_until) VALUES ($1, $2, now() + interval '1 hour')
           ON CONFLICT (tenant_id) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until`,
          [tenantId, replicaId],
        ),
      );
    },
  };
}
