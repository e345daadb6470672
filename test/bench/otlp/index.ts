import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { Db } from '@flotilla/persistence';
import { startTestServer } from '../../support/postgres-server.mjs';
import { beReplicaIfAsked, forkReplica } from '../support/child.js';
import { createFleet } from '../support/fleet.js';
import { makeKey } from '../support/key.js';

/** As exporters send them: OpenTelemetry's batch processor fills up to 512, collectors some thousands. */
const BATCH = 2_000;
const BATCHES = 60;
const AT_ONCE = 3;
const TARGET = { spansPerSecond: 10_000 };

interface Bench {
  readonly say: (line: string) => void;
}

/** OTLP traces with GenAI spans over HTTP, stored, priced and summed by the hour: spans a second, and that none is lost. */
export async function run({ say }: Bench): Promise<object> {
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner, statementTimeoutMs: 600_000 });
  let child: ChildProcess | undefined;
  try {
    const fleet = await createFleet(db, 1, 1);
    const key = await makeKey(db, fleet.tenantId);
    const order = { databaseUrl: postgres.access.owner, masterKey: randomBytes(32).toString('base64') };
    const started = await forkReplica(fileURLToPath(import.meta.url), order);
    child = started.child;
    const url = `${started.place.http}/api/otlp/v1/traces`;
    await send(url, key, [body(0)]);
    const bodies = Array.from({ length: BATCHES }, (_, batch) => body(batch + 1));
    const cpuBefore = cpuSeconds(child.pid!);
    const first = await timed(() => send(url, key, bodies));
    const cpu = cpuSeconds(child.pid!) - cpuBefore;
    // the same bodies again: everything is known, nothing is counted twice
    const again = await timed(() => send(url, key, bodies.slice(0, 10)));
    const stored = await db.system((tx) =>
      tx.row<{ records: number; unpriced: number }>(
        `SELECT sum(h.records)::integer AS records, coalesce(sum(h.records) FILTER (WHERE d.cost_origin IS NULL), 0)::integer AS unpriced
           FROM flotilla.ai_usage_hours h JOIN flotilla.ai_dimensions d ON d.tenant_id = h.tenant_id AND d.id = h.dimension_id`,
      ),
    );
    const spans = BATCH * BATCHES;
    const perSecond = Math.round(spans / first);
    const result = {
      spans,
      batch: BATCH,
      connections: AT_ONCE,
      seconds: round(first),
      spans_per_second: perSecond,
      control_plane_cpu_s: round(cpu),
      repeated_spans_per_second: Math.round((BATCH * 10) / again),
      stored: stored!.records,
      unpriced: stored!.unpriced,
      target: TARGET,
      reached: perSecond >= TARGET.spansPerSecond && stored!.records === spans + BATCH,
    };
    for (const [name, value] of Object.entries(result)) say(`${name.padEnd(26)} ${JSON.stringify(value)}`);
    return result;
  } finally {
    child?.kill('SIGKILL');
    await db.close();
    await postgres.stop();
  }
}

const MODELS = [
  ['openai', 'gpt-4o-2024-11-20'],
  ['anthropic', 'claude-sonnet-4-5-20250929'],
  ['aws.bedrock', 'anthropic.claude-sonnet-4-20250514-v1:0'],
  ['vllm', 'Qwen/Qwen3-32B'],
] as const;

/** A gzipped OTLP/JSON body of one service: four models, ten teams, the last two hours. */
function body(batch: number): Buffer {
  const attribute = (key: string, value: string | number) => ({
    key,
    value: typeof value === 'string' ? { stringValue: value } : { intValue: String(value) },
  });
  const startNs = (i: number) => `${Date.now() - ((batch * BATCH + i) % 7_200) * 1000}000000`;
  const spans = Array.from({ length: BATCH }, (_, i) => {
    const [provider, model] = MODELS[i % MODELS.length]!;
    return {
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      name: `chat ${model}`,
      kind: 3,
      startTimeUnixNano: startNs(i),
      endTimeUnixNano: startNs(i),
      attributes: [
        attribute('gen_ai.operation.name', 'chat'),
        attribute('gen_ai.provider.name', provider),
        attribute('gen_ai.request.model', model),
        attribute('gen_ai.response.model', model),
        attribute('gen_ai.response.id', `resp-${batch}-${i}`),
        attribute('gen_ai.usage.input_tokens', 1200 + (i % 100)),
        attribute('gen_ai.usage.output_tokens', 300),
        attribute('gen_ai.usage.cache_read.input_tokens', 800),
        attribute('team.id', `team-${i % 10}`),
        attribute('server.address', 'api.example.com'),
      ],
      status: {},
    };
  });
  const resource = { attributes: [attribute('service.name', `service-${batch % 5}`), attribute('host.name', 'app-1')] };
  return gzipSync(JSON.stringify({ resourceSpans: [{ resource, scopeSpans: [{ spans }] }] }), { level: 1 });
}

async function send(url: string, key: string, bodies: readonly Buffer[]): Promise<void> {
  const left = [...bodies];
  const one = async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'x-api-key': key };
      const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(next) });
      const text = await answer.text();
      if (answer.status !== 200 || text !== '{}') throw new Error(`answered ${answer.status}: ${text.slice(0, 300)}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return (performance.now() - begun) / 1000;
}

function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const round = (value: number) => Math.round(value * 100) / 100;

beReplicaIfAsked();
