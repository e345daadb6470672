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
    replicaId,
    rounds,
    desk,
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

/** Stores a rule as its columns are given; by default GPUs hotter than 85 °C for three minutes. Returns its id. */
export async function storeRule(db: Db, tenantId: string, columns: Record<string, unknown>): Promise<number> {
  const all = {
    rule_name: `rule ${randomUUID()}`,
    alert_type: 'metric_threshold',
    metric: 'temperature',
    operator: 'gt',
    threshold: 85,
    duration_minutes: 3,
    severity: 'high',
    cooldown_minutes: 0,
    created_by: 'test',
    ...columns,
  };
  const names = Object.keys(all);
  const [row] = await db.system((tx) =>
    tx.rows<{ id: number }>(
      `INSERT INTO flotilla.alert_rules (tenant_id, ${names.join(', ')})
       VALUES ($1, ${names.map((_, i) => `$${i + 2}`).join(', ')}) RETURNING id`,
      [tenantId, ...Object.values(all).map((value) => (isJson(value) ? JSON.stringify(value) : value))],
    ),
  );
  return row!.id;
}
/** Of arrays, those of plain values are columns of arrays. */
const isJson = (value: unknown) =>
  typeof value === 'object' && value !== null && (!Array.isArray(value) || typeof value[0] === 'object');
