import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Db } from '@flotilla/persistence';
import { LiveStore, MetricsIngest } from '../../../apps/control-plane/dist/metrics/index.js';
import { startTestServer } from '../../support/postgres-server.mjs';
import { parentOf, postgresCpuSeconds } from '../support/cpu.js';
import { createFleet } from '../support/fleet.js';
import { generate } from './generator.js';
import type { Load, Sent } from './generator.js';
import { startBareServer } from './server.js';

const INSTANCES = 1_000;
const GPUS = 8;
const TARGET = { valuesPerSecond: 4_000_000, bytesPerValue: 1.5 };

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

/**
 * Agent messages → committed rows: 1,000 agents with 8 GPUs each, 12 metrics at 1 Hz, over gRPC, fsync on. With
 * --every-metric the 46 that the agent's reader sends, 14 of which have a value in one second of the minute only.
 */
export async function run({ say, args }: Bench): Promise<object> {
  const minutes = Number(args[args.indexOf('--minutes') + 1] ?? 14) || 14;
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner });
  try {
    const fleet = await createFleet(db, INSTANCES, GPUS);
    const deviceOf = new Map<string, number>();
    const agents = fleet.agentIds.map((agentId, n) => {
      const devices = Array.from({ length: GPUS }, (_, g) => `GPU-${g}`);
      devices.forEach((device, g) => deviceOf.set(`${agentId}/${device}`, fleet.deviceIds[n * GPUS + g]!));
      return { agentId, devices };
    });
    const live = new LiveStore(db);
    const server = await startBareServer(new MetricsIngest(db, live), fleet.tenantId, (agent, device) =>
      deviceOf.get(`${agent}/${device}`)!,
    );
    const fromMinuteS = (Math.floor(Date.now() / 60_000) - minutes) * 60;
    const everyMetric = args.includes('--every-metric');
    say(`${INSTANCES} agents × ${GPUS} GPUs × ${minutes} minutes × ${everyMetric ? 46 : 12} metrics at 1 Hz`);
    const pid = await postmaster(db);
    let before = { server: process.cpuUsage(), postgres: 0 };
    const sent = await load({ address: server.address, agents, fromMinuteS, minutes, everyMetric }, () => {
      before = { server: process.cpuUsage(), postgres: postgresCpuSeconds(pid) };
    });
    const used = process.cpuUsage(before.server);
    const cpu = {
      server: (used.user + used.system) / 1e6,
      postgres: postgresCpuSeconds(pid) - before.postgres,
      generator: sent.cpuSeconds,
    };
    server.stop();
    const stored = await look(db, fleet.tenantId);
    return report(say, sent, cpu, stored);
  } finally {
    await db.close();
    await postgres.stop();
  }
}

/** The postmaster is the parent of our own backend. */
async function postmaster(db: Db): Promise<number> {
  const row = await db.system((tx) => tx.row<{ pid: number }>('SELECT pg_backend_pid() AS pid'));
  return parentOf(row!.pid);
}

function load(what: Load, began: () => void): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--generator'], { serialization: 'advanced' });
    child.on('message', (message: { ready?: true; sent?: Sent; error?: string }) => {
      if (message.ready) {
        began();
        child.send({ go: true });
      }
      if (message.error) reject(new Error(message.error));
      if (message.sent) resolve(message.sent);
    });
    child.on('exit', (code) => code && reject(new Error(`the generator ended with ${code}`)));
    child.send(what);
  });
}

interface Stored {
  readonly rows: number;
  readonly values: number;
  readonly ledgerValues: number;
  readonly heap: number;
  readonly toast: number;
  readonly index: number;
  readonly books: number;
}

async function look(db: Db, tenantId: string): Promise<Stored> {
  const row = await db.ingest((tx) =>
    tx.row<Stored>(
      `WITH part AS (SELECT i.inhrelid AS id FROM pg_inherits i WHERE i.inhparent = 'flotilla.gpu_minutes'::regclass)
       SELECT (SELECT count(*) FROM flotilla.gpu_minutes m WHERE m.tenant_id = $1) AS rows,
         (SELECT sum(s.n)::bigint FROM (SELECT (SELECT sum(m.stats[k][4]) FROM generate_subscripts(m.stats, 1) k) AS n
           FROM flotilla.gpu_minutes m WHERE m.tenant_id = $1) s) AS values,
         (SELECT sum(l.stored) FROM flotilla.ingest_ledger l WHERE l.tenant_id = $1)::bigint AS "ledgerValues",
         sum(pg_relation_size(p.id))::bigint AS heap, sum(pg_indexes_size(p.id))::bigint AS index,
         sum(pg_total_relation_size(c.reltoastrelid))::bigint AS toast,
         pg_total_relation_size('flotilla.ingest_ledger') + pg_total_relation_size('flotilla.ingest_positions')
           + pg_total_relation_size('flotilla.gpu_activity') AS books
       FROM part p JOIN pg_class c ON c.oid = p.id`,
      [tenantId],
    ),
  );
  return row!;
}

function report(say: (line: string) => void, sent: Sent, cpu: Record<string, number>, stored: Stored): object {
  const rate = sent.values / sent.seconds;
  const perMillion = Object.fromEntries(Object.entries(cpu).map(([who, s]) => [who, round((s * 1e6) / sent.values)]));
  const bytes = stored.heap + stored.toast + stored.index;
  const exact = stored.rows === sent.rows && stored.values === sent.values && stored.ledgerValues === sent.values;
  const result = {
    values: sent.values,
    rows: sent.rows,
    seconds: round(sent.seconds),
    values_per_second: Math.round(rate),
    rows_per_second: Math.round(sent.rows / sent.seconds),
    bytes_per_value: round(bytes / sent.values),
    bytes_per_value_of: {
      heap: round(stored.heap / sent.values),
      toast: round(stored.toast / sent.values),
      index: round(stored.index / sent.values),
      books_and_activity: round(stored.books / sent.values),
    },
    wire_bytes_per_value: round(sent.wireBytes / sent.values),
    cpu_seconds_per_million_values: perMillion,
    ack_ms: { p50: round(at(sent.ackMs, 0.5)), p99: round(at(sent.ackMs, 0.99)) },
    nothing_lost_nothing_doubled: exact,
    target: { values_per_second: TARGET.valuesPerSecond, bytes_per_value: TARGET.bytesPerValue },
    reached: rate >= TARGET.valuesPerSecond && bytes / sent.values <= TARGET.bytesPerValue && exact,
  };
  for (const [key, value] of Object.entries(result))
    say(`${key.padEnd(32)} ${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return result;
}

const round = (value: number) => Math.round(value * 1000) / 1000;
const at = (sorted: readonly number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;

if (process.argv[2] === '--generator' && process.send) {
  const say = (message: object) => void process.send!(message);
  process.once('message', (what: Load) => {
    const go = () =>
      new Promise<void>((resolve) => {
        process.once('message', () => resolve());
        say({ ready: true });
      });
    generate(what, go).then(
      (sent) => process.send!({ sent }, () => process.exit(0)),
      (error: Error) => say({ error: error.stack ?? error.message }),
    );
  });
}
