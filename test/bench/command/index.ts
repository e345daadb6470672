import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Agent, request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Db } from '@flotilla/persistence';
import { startTestServer } from '../../support/postgres-server.mjs';
import { createFleet } from '../support/fleet.js';
import { makeKey } from '../support/key.js';
import { startAgents } from './agents.js';
import type { AgentsOrder, Receipt } from './agents.js';
import { startReplica } from '../support/replica.js';
import type { ReplicaOrder, ReplicaPlace } from '../support/replica.js';

const AGENTS = 2_000;
const TARGET = { p50Ms: 15, p99Ms: 60 };
/** Requests a second, at random moments as people and policies send them. */
const RATE = 20;
const WARM_UP = 50;

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

/** POST /instances/:id/stop → the agent has the offer, with 2,000 connected agents, on one replica and across two. */
export async function run({ say, args }: Bench): Promise<object> {
  const commands = Number(args[args.indexOf('--commands') + 1] ?? 500) || 500;
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner });
  const children: ChildProcess[] = [];
  try {
    const fleet = await createFleet(db, AGENTS, 1);
    const key = await makeKey(db, fleet.tenantId);
    const instanceIds = await db.system((tx) =>
      tx.rows<{ id: number }>('SELECT i.id FROM flotilla.instances i WHERE i.tenant_id = $1 ORDER BY i.id', [
        fleet.tenantId,
      ]),
    );
    const order: ReplicaOrder = {
      databaseUrl: postgres.access.owner,
      masterKey: randomBytes(32).toString('base64'),
    };
    // one after the other: the first one makes the certificate authority
    const holder = await startChild<ReplicaPlace>(children, '--replica', order);
    const other = await startChild<ReplicaPlace>(children, '--replica', order);
    say(`${AGENTS} agents connect to one of two replicas`);
    const receipts = new Map<string, bigint>();
    const agents = await startChild<{ connected: number }>(
      children,
      '--agents',
      { address: holder.grpc, tenantId: fleet.tenantId, agentIds: fleet.agentIds } satisfies AgentsOrder,
      ([actionId, atNs]) => receipts.set(actionId, atNs),
    );
    await reconciled(db, fleet.tenantId);
    const ids = instanceIds.map((row) => row.id);
    const shoot = (place: ReplicaPlace, count: number) => measure(place, key, ids.splice(0, count), receipts);
    await shoot(holder, WARM_UP);
    const same = await shoot(holder, commands);
    await shoot(other, WARM_UP);
    const across = await shoot(other, commands);
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    const ended = await outcomes(db, fleet.tenantId);
    const reached = [same, across].every((r) => r.lost === 0 && r.p50_ms <= TARGET.p50Ms && r.p99_ms <= TARGET.p99Ms);
    const result = {
      agents: agents.connected,
      commands,
      rate_per_second: RATE,
      one_replica: same,
      two_replicas: across,
      actions: ended,
      target: { p50_ms: TARGET.p50Ms, p99_ms: TARGET.p99Ms },
      reached: reached && ended['succeeded'] === 2 * (commands + WARM_UP),
    };
    for (const [name, value] of Object.entries(result)) say(`${name.padEnd(16)} ${JSON.stringify(value)}`);
    return result;
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await db.close();
    await postgres.stop();
  }
}

/** The last control is announced, and leases are written: nothing of the start is under way any more. */
async function reconciled(db: Db, tenantId: string): Promise<void> {
  for (;;) {
    const row = await db.system((tx) =>
      tx.row<{ n: number }>(
        `SELECT count(*) AS n FROM flotilla.controllers c
           JOIN flotilla.agents a ON a.tenant_id = c.tenant_id AND a.id = c.agent_id AND a.connected_until > now()
          WHERE c.tenant_id = $1`,
        [tenantId],
      ),
    );
    if (row!.n >= AGENTS) break;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  await new Promise((resolve) => setTimeout(resolve, 3_000));
}

async function outcomes(db: Db, tenantId: string): Promise<Record<string, number>> {
  const rows = await db.system((tx) =>
    tx.rows<{ status: string; n: number }>(
      'SELECT a.status, count(*) AS n FROM flotilla.actions a WHERE a.tenant_id = $1 GROUP BY a.status',
      [tenantId],
    ),
  );
  return Object.fromEntries(rows.map((row) => [row.status, row.n]));
}

/** Sends a stop for each instance at random moments, RATE a second, whether or not earlier ones were answered. */
async function measure(place: ReplicaPlace, key: string, ids: readonly number[], receipts: Map<string, bigint>) {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const sent: Promise<{ actionId: string; fromNs: bigint; answeredMs: number }>[] = [];
  for (const id of ids) {
    sent.push(stop(agent, place, key, id));
    await new Promise((resolve) => setTimeout(resolve, (-Math.log(1 - Math.random()) * 1000) / RATE));
  }
  const requests = await Promise.all(sent);
  for (let i = 0; i < 200 && requests.some((r) => !receipts.has(r.actionId)); i++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  agent.destroy();
  const arrived = requests.filter((r) => receipts.has(r.actionId));
  const ms = arrived.map((r) => Number(receipts.get(r.actionId)! - r.fromNs) / 1e6).sort((a, b) => a - b);
  const answered = requests.map((r) => r.answeredMs).sort((a, b) => a - b);
  return {
    p50_ms: round(at(ms, 0.5)),
    p90_ms: round(at(ms, 0.9)),
    p99_ms: round(at(ms, 0.99)),
    max_ms: round(at(ms, 1)),
    answer_p50_ms: round(at(answered, 0.5)),
    answer_p99_ms: round(at(answered, 0.99)),
    lost: requests.length - arrived.length,
  };
}

function stop(agent: Agent, place: ReplicaPlace, key: string, id: number) {
  return new Promise<{ actionId: string; fromNs: bigint; answeredMs: number }>((resolve, reject) => {
    const body = '{"force":true}';
    const fromNs = process.hrtime.bigint();
    const outgoing = request(
      `${place.http}/api/instances/${id}/stop`,
      {
        method: 'POST',
        agent,
        headers: { 'x-api-key': key, 'content-type': 'application/json', 'content-length': body.length },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk: string) => (text += chunk));
        answer.on('end', () => {
          const answeredMs = Number(process.hrtime.bigint() - fromNs) / 1e6;
          if (answer.statusCode !== 202) return reject(new Error(`${answer.statusCode}: ${text}`));
          resolve({
            actionId: (JSON.parse(text) as { data: { action_id: string } }).data.action_id,
            fromNs,
            answeredMs,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const round = (value: number) => Math.round(value * 100) / 100;
const at = (sorted: readonly number[], share: number) => sorted[Math.floor((sorted.length - 1) * share)] ?? NaN;

function startChild<Ready>(
  children: ChildProcess[],
  role: '--replica' | '--agents',
  order: object,
  onReceipt: (receipt: Receipt) => void = () => undefined,
): Promise<Ready> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [role], { serialization: 'advanced' });
    children.push(child);
    child.on('message', (message: { ready?: Ready; receipt?: Receipt; error?: string }) => {
      if (message.ready) resolve(message.ready);
      if (message.receipt) onReceipt(message.receipt);
      if (message.error) reject(new Error(message.error));
    });
    child.on('exit', (code) => reject(new Error(`${role} ended with ${code}`)));
    child.send(order);
  });
}

const role = process.argv[2];
if ((role === '--replica' || role === '--agents') && process.send) {
  const say = (message: object) => void process.send!(message);
  process.once('message', (order: ReplicaOrder | AgentsOrder) => {
    const ready =
      role === '--replica'
        ? startReplica(order as ReplicaOrder)
        : startAgents(order as AgentsOrder, (receipt) => say({ receipt })).then(() => ({
            connected: (order as AgentsOrder).agentIds.length,
          }));
    ready.then(
      (place) => say({ ready: place }),
      (error: Error) => say({ error: error.stack ?? error.message }),
    );
  });
}
