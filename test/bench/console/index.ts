import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { BrowserContext, CDPSession, Page } from 'playwright-core';
import { Db } from '@flotilla/persistence';
import { Passwords } from '../../../apps/control-plane/dist/auth/index.js';
import { openBrowser } from '../../support/browser.js';
import { startTestServer } from '../../support/postgres-server.mjs';
import { generate } from '../agents/generator.js';
import type { BenchAgent, Load } from '../agents/generator.js';
import { fill, GPUS, INSTANCES } from '../query/fill.js';
import { beReplicaIfAsked, forkReplica } from '../support/child.js';
import { firstPaint, growthPerHour, instanceCharts, KEEP_ENTRIES, mapRedraw, memoryOf } from './browsing.js';
import type { MemoryAt } from './browsing.js';

const TARGET = {
  usefulMs: 1_500,
  packedKb: 250,
  mapRedrawMs: 100,
  chartsMs: 200,
  /** More is growth, and less is the noise of a heap after its collection. */
  growthMbPerHour: 3,
};
const PERSON = { email: 'bench@example.com', password: `bench-${randomBytes(9).toString('hex')}` };

interface Bench {
  readonly say: (line: string) => void;
  readonly args: readonly string[];
}

/**
 * The console in a headless Chromium (no graphics card) before a control plane with 1,000 hosts of 8 GPUs: how soon it is
 * there, how quickly it draws, and whether two open pages grow while live values come.
 *
 * --live-minutes N (5; an hour is 60), --live-agents N (125, of 8 GPUs each, live values every 5 s).
 */
export async function run({ say, args }: Bench): Promise<object> {
  const number = (name: string, otherwise: number) =>
    args.includes(`--${name}`) ? Number(args[args.indexOf(`--${name}`) + 1]) : otherwise;
  const liveMinutes = number('live-minutes', 5);
  const liveAgents = number('live-agents', 125);
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner, statementTimeoutMs: 600_000 });
  const children: ChildProcess[] = [];
  const browser = await openBrowser();
  try {
    const { fleet, report } = await fill(db, postgres.access.owner, say);
    await makePerson(db, fleet.tenantId);
    const started = await forkReplica(fileURLToPath(import.meta.url), {
      databaseUrl: postgres.access.owner,
      masterKey: randomBytes(32).toString('base64'),
    });
    children.push(started.child);
    const { http, grpc } = started.place;
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
    await context.addInitScript(KEEP_ENTRIES);
    const { page, cdp } = await open(context);
    await logIn(page, http);

    await report();
    const paint = await firstPaint(page, cdp, http, INSTANCES * GPUS, 7);
    say(`first paint    ${JSON.stringify(paint)}`);
    const map = await mapRedraw(page, 3);
    say(`map            ${JSON.stringify(map)}`);
    // the first ones have a whole day of samples
    const charted = await instanceOf(db, fleet.agentIds[1]!);
    const day = `${http}/instances/${charted}?last=24h`;
    const charts = await instanceCharts(page, day, 7);
    say(`charts         ${JSON.stringify(charts)}`);

    const live: { fleet: MemoryAt[]; instance: MemoryAt[] } = { fleet: [], instance: [] };
    if (liveMinutes > 0) {
      const agents = await agentsOf(db, fleet.tenantId, fleet.agentIds.slice(0, liveAgents));
      const load: Load = { address: grpc, agents, seconds: (liveMinutes + 1) * 60 };
      children.push(await generateApart(load));
      say(`${liveAgents} agents × ${GPUS} GPUs send live values; memory after a full collection, each minute`);
      // of their own, because what is kept of each drawing would itself grow
      const lasting = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
      await page.close();
      const first = await open(lasting);
      await logIn(first.page, http);
      const beside = await open(lasting);
      await beside.page.goto(`${http}/instances/${charted}?last=1h`);
      const began = performance.now();
      for (let minute = 0; minute <= liveMinutes; minute += 1) {
        await new Promise((resolve) => setTimeout(resolve, began + minute * 60_000 - performance.now()));
        live.fleet.push(await memoryOf(first.cdp, minute));
        live.instance.push(await memoryOf(beside.cdp, minute));
        say(`minute ${String(minute).padStart(3)}     ${JSON.stringify([live.fleet.at(-1), live.instance.at(-1)])}`);
      }
    }
    const isLong = liveMinutes >= 20;
    const growth = isLong
      ? { fleet_mb_per_hour: growthPerHour(live.fleet), instance_mb_per_hour: growthPerHour(live.instance) }
      : 'needs --live-minutes 20 or more';
    return {
      instances: INSTANCES,
      gpus: INSTANCES * GPUS,
      paint,
      map,
      charts,
      memory: { minutes: liveMinutes, agents: liveAgents, growth, ...live },
      target: TARGET,
      reached:
        paint.useful_ms.p50 <= TARGET.usefulMs &&
        paint.packed_kb.scripts + paint.packed_kb.styles <= TARGET.packedKb &&
        map.click_to_second_frame_ms.p50 <= TARGET.mapRedrawMs &&
        charts.all_charts_ms.p50 <= TARGET.chartsMs &&
        (typeof growth === 'string' ||
          Math.max(growth.fleet_mb_per_hour, growth.instance_mb_per_hour) <= TARGET.growthMbPerHour),
    };
  } finally {
    await browser.close();
    for (const child of children) child.kill('SIGKILL');
    await db.close();
    await postgres.stop();
  }
}

async function open(context: BrowserContext): Promise<{ page: Page; cdp: CDPSession }> {
  const page = await context.newPage();
  const cdp = await context.newCDPSession(page);
  await cdp.send('HeapProfiler.enable');
  return { page, cdp };
}

async function logIn(page: Page, http: string): Promise<void> {
  await page.goto(http);
  await page.getByLabel('E-mail').fill(PERSON.email);
  await page.getByLabel('Password').fill(PERSON.password);
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('#main').waitFor();
}

async function makePerson(db: Db, tenantId: string): Promise<void> {
  const hash = await new Passwords().hash(PERSON.password);
  await db.system((tx) =>
    tx.rows(
      `INSERT INTO flotilla.users (tenant_id, email, name, role, status, password_hash) VALUES ($1, $2, 'Bench', 'admin', 'active', $3)`,
      [tenantId, PERSON.email, hash],
    ),
  );
}

async function instanceOf(db: Db, agentId: string): Promise<number> {
  const row = await db.system((tx) =>
    tx.row<{ id: number }>('SELECT i.id FROM flotilla.instances i WHERE i.agent_id = $1', [agentId]),
  );
  return row!.id;
}

function agentsOf(db: Db, tenantId: string, agentIds: readonly string[]): Promise<BenchAgent[]> {
  return db.system(async (tx) => {
    const rows = await tx.rows<{ agent_id: string; uuids: string[] }>(
      `SELECT i.agent_id, array_agg(d.uuid ORDER BY d.gpu_index) AS uuids
         FROM flotilla.instances i JOIN flotilla.devices d ON d.tenant_id = i.tenant_id AND d.instance_id = i.id
        WHERE i.tenant_id = $1 AND i.agent_id = ANY ($2::uuid[]) GROUP BY i.agent_id`,
      [tenantId, agentIds],
    );
    return rows.map((row) => ({ tenantId, agentId: row.agent_id, gpus: row.uuids }));
  });
}

/** @returns when all streams are open */
function generateApart(load: Load): Promise<ChildProcess> {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), ['--generator'], { serialization: 'advanced' });
    child.on('message', (message: { connected?: true; error?: string }) => {
      if (message.connected) resolve(child);
      if (message.error) reject(new Error(message.error));
    });
    child.on('exit', (code) => code && reject(new Error(`the generator ended with ${code}`)));
    child.send(load);
  });
}

beReplicaIfAsked();
if (process.argv[2] === '--generator' && process.send) {
  const tell = process.send.bind(process);
  process.once('message', (load: Load) => {
    generate(load, () => tell({ connected: true })).then(
      () => process.exit(0),
      (error: Error) => tell({ error: error.stack ?? error.message }, () => process.exit(1)),
    );
  });
}
