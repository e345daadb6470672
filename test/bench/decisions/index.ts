import { ok, strictEqual } from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { Db } from '@flotilla/persistence';
import { AlertRulesEngine } from '../../../apps/control-plane/dist/alert-rules/alert-rules.engine.js';
import { AlertDesk } from '../../../apps/control-plane/dist/alerts/alert-desk.js';
import { AlertTeller } from '../../../apps/control-plane/dist/alerts/alert-teller.js';
import { DecisionRounds } from '../../../apps/control-plane/dist/decisions/index.js';
import { NotificationOutbox } from '../../../apps/control-plane/dist/notification-channels/index.js';
import { Log } from '../../../apps/control-plane/dist/platform/index.js';
import { startTestServer } from '../../support/postgres-server.mjs';
import { createFleet } from '../support/fleet.js';

const RULES = 1_000;
const GPUS = 8_000;
const ROUNDS = 10;
/** Minutes before the first round, from which the holds are derived. */
const PAST = 15;
const TARGET_MS = 2_000;
const METRICS = ['gpu_utilization', 'memory_utilization', 'temperature', 'power_draw', 'sm_clock'] as const;
/** Their numbers in the catalogue. */
const IDS = [1, 2, 6, 7, 9];

interface Bench {
  readonly say: (line: string) => void;
}

/** A round of the alert rules: a thousand rules on a fleet of 8,000 GPUs, from reading the minute to alerts that are committed. */
export async function run({ say }: Bench): Promise<object> {
  const results: Record<string, object> = {};
  for (const gpusPerInstance of [8, 1]) {
    const name = `${GPUS / gpusPerInstance} instances of ${gpusPerInstance}`;
    results[name] = await measure(name, gpusPerInstance, say);
  }
  return results;
}

async function measure(name: string, gpusPerInstance: number, say: Bench['say']): Promise<object> {
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner, statementTimeoutMs: 600_000 });
  try {
    const { tenantId } = await createFleet(db, GPUS / gpusPerInstance, gpusPerInstance);
    const first = Math.floor(Date.now() / 60_000) - PAST - ROUNDS - 2;
    await fill(postgres.access.owner, tenantId, first);
    const replicaId = randomUUID();
    await db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.decision_rounds (tenant_id, holder, leased_until) VALUES ($1, $2, now() + interval '1 hour')`,
        [tenantId, replicaId],
      ),
    );
    const log = Log.to({ write: () => undefined }, 'fatal');
    const rounds = new DecisionRounds(db, undefined as never, log, { replicaId } as never);
    const desk = new AlertDesk(new AlertTeller(new NotificationOutbox()));
    rounds.register(new AlertRulesEngine(db, rounds, desk));
    const times: number[] = [];
    const cpu: number[] = [];
    for (let n = 0; n < ROUNDS; n++) {
      const [began, used] = [performance.now(), process.cpuUsage()];
      ok(await rounds.decide(tenantId, first + PAST + n));
      times.push(performance.now() - began);
      const { user, system } = process.cpuUsage(used);
      cpu.push((user + system) / 1000);
    }
    const fired = await db.system((tx) =>
      tx.row<{ n: number }>('SELECT count(*)::integer AS n FROM flotilla.alerts a WHERE a.tenant_id = $1', [tenantId]),
    );
    ok(fired!.n > 0, 'some rules fire');
    // the first round derives everything from the past
    const [derived] = times.splice(0, 1);
    const steady = [...times].sort((a, b) => a - b);
    const p50 = Math.round(steady[Math.floor(steady.length / 2)]!);
    const worst = Math.round(steady.at(-1)!);
    const cpuMs = Math.round(cpu.slice(1).reduce((sum, one) => sum + one, 0) / (ROUNDS - 1));
    say(
      `${name}: ${p50} ms a round (worst ${worst}; ${cpuMs} ms of CPU in Node), ${Math.round(derived!)} ms to derive ${PAST} minutes, ${fired!.n} alerts`,
    );
    strictEqual(worst <= TARGET_MS, true, `a round took ${worst} ms`);
    return { roundMs: p50, worstMs: worst, cpuMs, deriveMs: Math.round(derived!), alerts: fired!.n };
  } finally {
    await db.close();
    await postgres.stop();
  }
}

/** Minutes as agents send them, and rules whose thresholds lie all over what a metric can say. */
async function fill(url: string, tenantId: string, first: number): Promise<void> {
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`SET ROLE flotilla_ingest`);
  await owner.query(
    `INSERT INTO flotilla.gpu_minutes (minute, tenant_id, device_id, interval_s, sample_count, metrics, stats, slots)
     SELECT to_timestamp(m * 60), $1, d, 1, 60, $2::smallint[],
            ARRAY(SELECT ARRAY[v * 0.9, v, v * 1.1, 60]::real[] FROM unnest(ARRAY[40 + (d * 7 + m) % 50, 30 + d % 60, 50 + (d + m) % 30,
              200 + (d * 3 + m) % 400, 1200 + (d + m) % 700]::real[]) AS v),
            ARRAY[ARRAY[1]]::real[]
       FROM generate_series($3::integer, $4::integer) m CROSS JOIN unnest($5::integer[]) d`,
    [tenantId, IDS, first, first + PAST + ROUNDS, await devicesOf(owner, tenantId)],
  );
  await owner.query('RESET ROLE');
  await owner.query(`SET ROLE flotilla_system`);
  await owner.query(
    `INSERT INTO flotilla.alert_rules (tenant_id, rule_name, alert_type, metric, operator, threshold, duration_minutes, severity, created_by,
       recovery_threshold, cooldown_minutes)
     SELECT $1, 'rule ' || n, 'metric_threshold', ($2::text[])[1 + n % 5], CASE WHEN n % 3 = 0 THEN 'lt' ELSE 'gt' END,
            CASE WHEN n % 3 = 0 THEN 1 + n % 9 ELSE (ARRAY[89, 89, 79, 599, 1899])[1 + n % 5] - CASE WHEN n = 1 THEN 1 ELSE 0 END + n / 1000.0 END, 1 + n % 10, 'medium', 'bench', NULL, 0
       FROM generate_series(1, $3) n`,
    [tenantId, METRICS, RULES],
  );
  await owner.query('RESET ROLE');
  await owner.query('ANALYZE flotilla.gpu_minutes');
  await owner.end();
}

async function devicesOf(owner: pg.Client, tenantId: string): Promise<number[]> {
  await owner.query('RESET ROLE');
  await owner.query('SET ROLE flotilla_system');
  const { rows } = await owner.query<{ id: number }>(
    'SELECT d.id FROM flotilla.devices d WHERE d.tenant_id = $1 ORDER BY d.id',
    [tenantId],
  );
  await owner.query('RESET ROLE');
  await owner.query('SET ROLE flotilla_ingest');
  return rows.map(({ id }) => Number(id));
}
