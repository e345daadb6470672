import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Db } from '@flotilla/persistence';
import { newApiKey } from '../../../apps/control-plane/dist/platform/index.js';
import { AgentProcess } from '../../support/agent-process/agent-process.js';
import { fillSpool, untilDrained } from '../../support/backlog.js';
import { captureFolder, FIXTURE, writeScenario } from '../../support/nvidia-smi-replay/index.js';
import { startTestServer } from '../../support/postgres-server.mjs';
import type { ReplicaOrder, ReplicaPlace } from '../support/replica.js';

export interface DrainFigures {
  readonly hours: number;
  readonly gpus: number;
  readonly minutes_of_gpus: number;
  readonly samples: number;
  readonly spool_mb: number;
  /** From the start of the agent until the whole backlog was in the charts. */
  readonly seconds: number;
  readonly times_real_time: number;
  readonly samples_per_second: number;
  /** From the start of the agent until values of now were on screen. */
  readonly first_live_s: number;
  /** How old new values were when they showed, while the backlog drained. */
  readonly live_lag_p50_s: number;
  readonly live_lag_max_s: number;
}

const GPUS = Array.from({ length: 8 }, (_, at) => `GPU-0000000${at}`);

/** A host that was cut off for so many hours comes back to a real control plane, in processes of their own. */
export async function measureDrain(hours: number): Promise<DrainFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-bench-drain-'));
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner });
  const child = fork(fileURLToPath(import.meta.url), ['--control-plane'], { serialization: 'advanced' });
  let agent: AgentProcess | null = null;
  try {
    const place = await startControlPlane(child, {
      databaseUrl: postgres.access.owner,
      masterKey: randomBytes(32).toString('base64'),
      tls: true,
    });
    const api = await apiOf(db, place.http);
    const { token } = (await api('/agents/enrollment-tokens', { name: 'bench' })) as { token: string };
    const capture = captureFolder('nvidia-h100-80gb-hbm3-driver-590.48.01') ?? FIXTURE;
    const replay = writeScenario(join(folder, 'tool'), { gpus: GPUS.map((uuid) => ({ capture, row: 0, uuid })) });
    const stateDir = join(folder, 'state');
    const start = (more: string[] = []) =>
      AgentProcess.start({
        stateDir,
        args: ['--server', place.grpc, '--interval', '1', ...more],
        nvidiaSmi: replay.executable,
      });
    agent = await start(['--token', token]);
    const instanceId = await shown(api, agent);
    await agent.kill('SIGTERM');
    const backlog = await fillSpool({ stateDir, devices: GPUS, hours, intervalS: 5 });
    agent = await start();
    const drain = await untilDrained(api, instanceId, GPUS.length, backlog, 600);
    const lags = [...drain.lagsS].sort((a, b) => a - b);
    return {
      hours,
      gpus: GPUS.length,
      minutes_of_gpus: backlog.produced,
      samples: backlog.values,
      spool_mb: round(backlog.bytes / 1e6),
      seconds: round(drain.seconds),
      times_real_time: Math.round((hours * 3600) / drain.seconds),
      samples_per_second: Math.round(backlog.values / drain.seconds),
      first_live_s: round(drain.firstLiveS),
      live_lag_p50_s: round(lags[Math.floor(lags.length / 2)] ?? Number.NaN),
      live_lag_max_s: round(lags.at(-1) ?? Number.NaN),
    };
  } finally {
    await agent?.kill();
    child.kill('SIGKILL');
    await db.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

type Api = (path: string, body?: object) => Promise<unknown>;

/** Its instance, once all its GPUs are there. */
async function shown(api: Api, agent: AgentProcess): Promise<number> {
  for (let tries = 0; tries < 120; tries++) {
    const [instance] = (await api('/instances')) as { id: number; gpus: unknown[] }[];
    if (instance?.gpus.length === GPUS.length) return instance.id;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  throw new Error(`the host never showed its GPUs\n${agent.log}`);
}

async function apiOf(db: Db, address: string): Promise<Api> {
  const key = newApiKey();
  await db.system(async (tx) => {
    const tenant = await tx.row<{ tenant_id: string }>(
      `INSERT INTO flotilla.tenants (name, rate_limit_per_minute) VALUES ('bench', 1000000) RETURNING tenant_id`,
    );
    await tx.rows(
      `INSERT INTO flotilla.api_keys (tenant_id, id, name, role, scopes, secret_hash, last4) VALUES ($1, $2, 'bench', 'admin', '{}', $3, $4)`,
      [tenant?.tenant_id, key.id, key.hash, key.last4],
    );
  });
  return async (path, body) => {
    const answer = await fetch(`${address}/api${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'x-api-key': key.text, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const { data, error } = (await answer.json()) as { data?: unknown; error?: string };
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${error}`);
    return data;
  };
}

function startControlPlane(child: ReturnType<typeof fork>, order: ReplicaOrder): Promise<ReplicaPlace> {
  return new Promise((resolve, reject) => {
    child.on('message', ({ place, error }: { place?: ReplicaPlace; error?: string }) =>
      place ? resolve(place) : reject(new Error(error)),
    );
    child.on('exit', (code) => reject(new Error(`the control plane ended with ${code}`)));
    child.send(order);
  });
}

const round = (value: number) => Math.round(value * 100) / 100;
