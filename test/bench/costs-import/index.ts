import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { Readable } from 'node:stream';
import { loadavg } from 'node:os';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { Db } from '@flotilla/persistence';
import { startTestServer } from '../../support/postgres-server.mjs';
import { beReplicaIfAsked, forkReplica } from '../support/child.js';
import { allThreadsCpuMs, parentOf, postgresCpuSeconds, residentMb } from '../support/cpu.js';
import { createFleet } from '../support/fleet.js';
import { makeKey } from '../support/key.js';
import { focusCsv } from './focus-csv.js';

const ROWS = 300_000;
const WARM_UP_ROWS = 20_000;
const INSTANCES = 1_000;
const TARGET = { rowsPerSecond: 20_000, extraMb: 100 };

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

interface Processes {
  readonly server: number;
  readonly postmaster: number;
}

/**
 * A bill of 300,000 rows into POST /api/costs/import, fsync on: first all new, then the same again, all duplicates, then
 * with mode=replace a bill that corrects a tenth of them and lacks those of the warm-up.
 * `--rows N` for another number.
 */
export async function run({ say, args }: Bench): Promise<object> {
  const rows = args.includes('--rows') ? Number(args[args.indexOf('--rows') + 1]) : ROWS;
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner });
  let child: ChildProcess | undefined;
  try {
    const fleet = await createFleet(db, INSTANCES, 1);
    const key = await makeKey(db, fleet.tenantId, 'admin');
    const instances = await db.system((tx) =>
      tx.rows<{ provider_id: string }>(
        'SELECT i.provider_id FROM flotilla.instances i WHERE i.tenant_id = $1 ORDER BY i.id',
        [fleet.tenantId],
      ),
    );
    const resources = instances.map((row) => row.provider_id);
    const started = await forkReplica(fileURLToPath(import.meta.url), {
      databaseUrl: postgres.access.owner,
      masterKey: randomBytes(32).toString('base64'),
    });
    child = started.child;
    const processes = { server: child.pid!, postmaster: await postmasterOf(db) };
    const bring = async (name: string, count: number, first: number, mode: 'merge' | 'replace' = 'merge') => {
      const result = await measure(`${started.place.http}/api/costs/import?mode=${mode}`, key, processes, () =>
        focusCsv(count, first, resources, mode === 'replace'),
      );
      say(`${name.padEnd(12)} ${JSON.stringify(result)}`);
      return result;
    };
    // code is compiled, and memory taken, before anything is counted
    await bring('warm-up', WARM_UP_ROWS, rows);
    const fresh = await bring('new', rows, 0);
    const again = await bring('duplicates', rows, 0);
    const replaced = await bring('replaced', rows, 0, 'replace');
    return {
      rows,
      fresh,
      again,
      replaced,
      target: TARGET,
      reached:
        fresh.accepted === rows &&
        again.duplicates === rows &&
        replaced.updated === rows / 10 &&
        replaced.removed === WARM_UP_ROWS &&
        fresh.rows_per_second >= TARGET.rowsPerSecond &&
        fresh.extra_mb <= TARGET.extraMb,
    };
  } finally {
    child?.kill('SIGKILL');
    await db.close();
    await postgres.stop();
  }
}

async function measure(url: string, key: string, { server, postmaster }: Processes, file: () => Iterable<string>) {
  const before = { mb: residentMb(server), cpuMs: allThreadsCpuMs(server), postgres: postgresCpuSeconds(postmaster) };
  let peakMb = before.mb;
  const watch = setInterval(() => (peakMb = Math.max(peakMb, residentMb(server))), 50);
  const waits = new Waits(new URL('/healthz', url).href);
  const begun = performance.now();
  const told = await send(url, key, file()).finally(() => clearInterval(watch));
  const seconds = (performance.now() - begun) / 1000;
  const { rows, accepted, updated, duplicates, rejected, removed } = told;
  return {
    rows,
    accepted,
    updated,
    duplicates,
    rejected,
    removed,
    seconds: round(seconds),
    rows_per_second: Math.round(rows / seconds),
    control_plane_cpu_us_per_row: round(((allThreadsCpuMs(server) - before.cpuMs) * 1000) / rows),
    postgres_cpu_us_per_row: round(((postgresCpuSeconds(postmaster) - before.postgres) * 1e6) / rows),
    extra_mb: round(peakMb - before.mb),
    others_wait_ms: await waits.end(),
    load: round(loadavg()[0]!),
  };
}

/** How long others wait for an answer that needs no work, meanwhile: what is in the way is the event loop. */
class Waits {
  private readonly waits: number[] = [];
  private isOver = false;
  private readonly asking: Promise<void>;

  constructor(url: string) {
    this.asking = this.ask(url);
  }

  async end(): Promise<{ p50: number; p99: number }> {
    this.isOver = true;
    await this.asking;
    const sorted = this.waits.sort((a, b) => a - b);
    const at = (share: number) => round(sorted[Math.floor(sorted.length * share)] ?? NaN);
    return { p50: at(0.5), p99: at(0.99) };
  }

  private async ask(url: string): Promise<void> {
    while (!this.isOver) {
      const begun = performance.now();
      await (await fetch(url)).text();
      this.waits.push(performance.now() - begun);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

interface Told {
  readonly rows: number;
  readonly accepted: number;
  readonly updated: number;
  readonly duplicates: number;
  readonly rejected: number;
  readonly removed: number;
}

/** @throws Error with what was answered, where it is not 200 */
async function send(url: string, key: string, file: Iterable<string>): Promise<Told> {
  const call = request(url, { method: 'POST', headers: { 'x-api-key': key, 'content-type': 'text/csv' } });
  const answered = new Promise<Told>((resolve, reject) => {
    call.on('error', reject);
    call.on('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve((JSON.parse(text) as { data: Told }).data);
        else reject(new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 1000)}`));
      });
    });
  });
  await Promise.all([pipeline(Readable.from(file, { objectMode: true }), call), answered]);
  return answered;
}

async function postmasterOf(db: Db): Promise<number> {
  const row = await db.system((tx) => tx.row<{ pid: number }>('SELECT pg_backend_pid() AS pid'));
  return parentOf(row!.pid);
}

const round = (value: number) => Math.round(value * 100) / 100;

beReplicaIfAsked();
