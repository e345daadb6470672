import { randomUUID } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { ActionDispatch, AgentActors, Controllers } from '../../../apps/control-plane/dist/actions/index.js';
import { DEFAULT_OPTIONS, Gateway } from '../../../apps/control-plane/dist/agent-gateway/index.js';
import {
  DeviceRegistry,
  GpuHealthService,
  GpuProcesses,
  InstanceRegistry,
} from '../../../apps/control-plane/dist/instances/index.js';
import { LiveStore, MetricsIngest } from '../../../apps/control-plane/dist/metrics/index.js';
import { Db } from '@flotilla/persistence';
import { startTestServer } from '../../support/postgres-server.mjs';
import { parentOf, postgresCpuSeconds } from '../support/cpu.js';
import { createFleet } from '../support/fleet.js';
import type { BenchAgent } from './generator.js';

const MIB = 1024 * 1024;
const RESOLUTION_MS = 5;

/** A replica's gateway with the real rooms and PostgreSQL beneath, and instruments on it. */
export async function benchServer(agentCount: number, gpus: number) {
  const postgres = await startTestServer({ durable: true });
  const db = await Db.open({ connectionString: postgres.access.owner });
  const fleet = await createFleet(db, agentCount, gpus);
  const rows = await db.system((tx) =>
    tx.rows<{ agent_id: string; uuids: string[] }>(
      `SELECT i.agent_id, array_agg(d.uuid ORDER BY d.gpu_index) AS uuids
         FROM flotilla.instances i JOIN flotilla.devices d ON d.tenant_id = i.tenant_id AND d.instance_id = i.id
        WHERE i.tenant_id = $1 GROUP BY i.agent_id`,
      [fleet.tenantId],
    ),
  );
  const agents: BenchAgent[] = rows.map((row) => ({
    tenantId: fleet.tenantId,
    agentId: row.agent_id,
    gpus: row.uuids,
  }));

  const silent = { info: () => undefined, warn: console.error, error: console.error };
  const actors = new AgentActors(db);
  const controllers = new Controllers(db, actors);
  const instances = new InstanceRegistry(db, controllers);
  const live = new LiveStore(db);
  const gateway = new Gateway({
    db,
    log: silent,
    authority: undefined as never,
    identity: undefined as never,
    ingest: new MetricsIngest(db, live),
    instances,
    devices: new DeviceRegistry(db, actors, controllers, instances),
    sections: undefined as never,
    actions: new ActionDispatch(db, actors),
    controllers,
    processes: new GpuProcesses(db),
    health: new GpuHealthService(db),
    options: { ...DEFAULT_OPTIONS, replicaId: randomUUID(), plaintext: true, maxSessionsPerAddress: 100_000 },
  });
  await gateway.start('127.0.0.1', 0);

  const backend = await db.system((tx) => tx.row<{ pid: number }>('SELECT pg_backend_pid() AS pid'));
  const postmaster = parentOf(backend!.pid);
  const rssBefore = process.memoryUsage.rss();
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  let rss = 0;
  let began = { atMs: 0, cpu: process.cpuUsage(), postgres: 0 };
  const sampler = setInterval(() => (rss = Math.max(rss, process.memoryUsage.rss())), 500);
  const stalls = watchStalls();
  const ms = (nanoseconds: number) => Math.round(nanoseconds / 1e5) / 10;
  const delay = () => ({
    p50: ms(histogram.percentile(50)),
    p99: ms(histogram.percentile(99)),
    max: ms(histogram.max),
  });

  return {
    address: `127.0.0.1:${gateway.port}`,
    agents,
    delay,
    beginMeasuring() {
      histogram.reset();
      rss = 0;
      stalls.reset();
      began = { atMs: performance.now(), cpu: process.cpuUsage(), postgres: postgresCpuSeconds(postmaster) };
    },
    async endMeasuring() {
      const seconds = (performance.now() - began.atMs) / 1000;
      const cpu = process.cpuUsage(began.cpu);
      const percent = (used: number) => Math.round((used / seconds) * 1000) / 10;
      return {
        rssMb: Math.round(rss / MIB),
        rssBeforeMb: Math.round(rssBefore / MIB),
        kbPerStream: Math.round((rss - rssBefore) / 1024 / agentCount),
        heapUsedMb: Math.round(process.memoryUsage().heapUsed / MIB),
        // what is really held; only under node --expose-gc
        ...(globalThis.gc && { heapHeldMb: heldMb() }),
        eventLoopDelayMs: delay(),
        longestStall: stalls.longest(),
        cpuPercent: percent((cpu.user + cpu.system) / 1e6),
        postgresCpuPercent: percent(postgresCpuSeconds(postmaster) - began.postgres),
        sessions: gateway.hub.size,
      };
    },
    async stop() {
      clearInterval(sampler);
      stalls.stop();
      histogram.disable();
      await gateway.stop();
      await db.close();
      await postgres.stop();
    },
  };
}

/**
 * The longest time without a turn of the event loop, and the processor time used in it: about as much means that our own
 * code held the loop, much less that the machine gave the process no processor.
 */
function watchStalls() {
  let longest = { ms: 0, cpuMs: 0 };
  let at = performance.now();
  let cpu = process.cpuUsage();
  const timer = setInterval(() => {
    const ms = Math.round(performance.now() - at);
    const used = process.cpuUsage(cpu);
    if (ms > longest.ms) longest = { ms, cpuMs: Math.round((used.user + used.system) / 1000) };
    at = performance.now();
    cpu = process.cpuUsage();
  }, 20);
  return {
    reset: () => (longest = { ms: 0, cpuMs: 0 }),
    longest: () => longest,
    stop: () => clearInterval(timer),
  };
}

function heldMb(): number {
  globalThis.gc?.();
  return Math.round(process.memoryUsage().heapUsed / MIB);
}
