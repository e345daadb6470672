import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { get } from 'node:http';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Db } from '@flotilla/persistence';
import { startTestServer } from '../../support/postgres-server.mjs';
import { beReplicaIfAsked, forkReplica } from '../support/child.js';
import { allThreadsCpuMs, parentOf, postgresCpuSeconds, residentMb } from '../support/cpu.js';
import { createFleet } from '../support/fleet.js';
import { makeKey } from '../support/key.js';
import { psqlCopies } from './psql.js';

const MOST_ROWS = 1_000_000;
const PDF_ROWS = 10_000;
const TARGET = { rowsPerSecond: 300_000, extraMb: 80, pdfSeconds: 10, abortSeconds: 1 };

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

/**
 * Exports of a million charges: how fast beside psql's `\copy`, with how much memory, and what an aborted one leaves behind.
 * `--rows N` for another number.
 */
export async function run({ say, args }: Bench): Promise<object> {
  const rows = args.includes('--rows') ? Number(args[args.indexOf('--rows') + 1]) : MOST_ROWS;
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner, statementTimeoutMs: 600_000 });
  let child: ChildProcess | undefined;
  try {
    const fleet = await createFleet(db, 1, 1);
    const key = await makeKey(db, fleet.tenantId);
    say(`writing ${rows} charges`);
    await db.system((tx) => tx.rows(FILL, [fleet.tenantId, rows]));
    await db.system((tx) => tx.rows('ANALYZE flotilla.costs'));
    const started = await forkReplica(fileURLToPath(import.meta.url), {
      databaseUrl: postgres.access.owner,
      masterKey: randomBytes(32).toString('base64'),
    });
    child = started.child;
    const { http } = started.place;
    const backend = await db.system((tx) => tx.row<{ pid: number }>('SELECT pg_backend_pid() AS pid'));
    const processes = { server: child.pid!, postmaster: parentOf(backend!.pid) };
    const from = (query: string) => measure(processes, `${http}/api/exports/costs?days=400&${query}`, key);
    await from('format=csv&service=warm-up');
    const psql = await psqlCopies(db, postgres.access.owner, fleet.tenantId, { days: 400 }, rows);
    const csv = await from('format=csv');
    const json = await from('format=json');
    const abort = await abortAfter(db, `${http}/api/exports/costs?days=400&format=csv`, key);
    const pdf = await from(`format=pdf&service=service-1`);
    const result = {
      rows,
      load: round(loadavg()[0]!),
      psql,
      csv,
      json,
      pdf: { ...pdf, rows: Math.min(rows / 100, PDF_ROWS) },
      abort_seconds: abort,
      target: TARGET,
      reached:
        csv.rows === rows + 1 &&
        csv.rows_per_second >= TARGET.rowsPerSecond &&
        csv.extra_mb <= TARGET.extraMb &&
        pdf.seconds <= TARGET.pdfSeconds &&
        abort <= TARGET.abortSeconds,
    };
    for (const [name, value] of Object.entries(result)) say(`${name.padEnd(14)} ${JSON.stringify(value)}`);
    return result;
  } finally {
    child?.kill('SIGKILL');
    await db.close();
    await postgres.stop();
  }
}

/** Charges of a year as a bill has them: tags, a resource each, 100 services. */
const FILL = `
  INSERT INTO flotilla.costs (tenant_id, origin, source, record_key, content_digest, charge_start, charge_end, charge_day,
    provider, service, region, resource_id, instance_type, consumed_quantity, consumed_unit, billed_cost, effective_cost,
    list_cost, currency, tags)
  SELECT $1, 'bill', 'focus', sha256(n::text::bytea), sha256(n::text::bytea), d.at, d.at + interval '1 hour', d.at::date,
    'aws', 'service-' || n % 100, 'us-east-1', 'arn:aws:ec2:us-east-1:123456789012:instance/i-' || to_hex(n), 'p5.48xlarge',
    n % 24, 'Hrs', round(n % 1000 / 7.0, 11), round(n % 1000 / 7.0, 11), round(n % 1000 / 6.0, 11), 'USD', jsonb_build_object('team', 'team-' || n % 20)
    FROM generate_series(1, $2::integer) AS n
    CROSS JOIN LATERAL (SELECT date_trunc('day', now()) - n % 300 * interval '1 day' + n % 24 * interval '1 hour' AS at) d`;

async function measure({ server, postmaster }: { server: number; postmaster: number }, url: string, key: string) {
  const before = { mb: residentMb(server), cpuMs: allThreadsCpuMs(server), postgres: postgresCpuSeconds(postmaster) };
  let peak = before.mb;
  const watch = setInterval(() => (peak = Math.max(peak, residentMb(server))), 20);
  const begun = performance.now();
  const { bytes, rows } = await download(url, key).finally(() => clearInterval(watch));
  const seconds = (performance.now() - begun) / 1000;
  return {
    rows,
    mb: round(bytes / 1e6),
    seconds: round(seconds),
    rows_per_second: Math.round(rows / seconds),
    extra_mb: round(peak - before.mb),
    control_plane_cpu_us_per_row: round(((allThreadsCpuMs(server) - before.cpuMs) * 1000) / rows),
    postgres_cpu_us_per_row: round(((postgresCpuSeconds(postmaster) - before.postgres) * 1e6) / rows),
  };
}

/** A connection of its own: one that was kept may just be closed by the server, as psql takes its time in between. */
function download(url: string, key: string): Promise<{ bytes: number; rows: number }> {
  return new Promise((resolve, reject) => {
    get(url, { agent: false, headers: { 'x-api-key': key } }, (answer) => {
      if (answer.statusCode !== 200) return reject(new Error(`${url} answered ${answer.statusCode}`));
      let bytes = 0;
      let rows = 0;
      answer.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) rows++;
      });
      answer.on('end', () => resolve({ bytes, rows }));
      answer.on('error', reject);
    }).on('error', reject);
  });
}

/** Seconds from a reader's hanging up to the end of the statement in the database. */
async function abortAfter(db: Db, url: string, key: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    const request = get(url, { agent: false, headers: { 'x-api-key': key } }, (answer) => {
      answer.once('data', () => {
        request.destroy();
        resolve();
      });
    });
    request.on('error', reject);
  });
  const begun = performance.now();
  for (;;) {
    const row = await db.system((tx) =>
      tx.row<{ n: number }>(
        `SELECT count(*)::integer AS n FROM pg_stat_activity a WHERE a.state = 'active' AND a.query LIKE 'COPY (SELECT%'`,
      ),
    );
    if (row!.n === 0) return round((performance.now() - begun) / 1000);
    if (performance.now() - begun > 30_000) return NaN;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const round = (value: number) => Math.round(value * 100) / 100;

beReplicaIfAsked();
