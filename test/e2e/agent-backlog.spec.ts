/** A host comes back after a day without the control plane. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentGateway } from '../../apps/control-plane/src/agent-gateway/index.js';
import { AgentProcess } from '../support/agent-process/agent-process.js';
import { startTestApp } from '../support/app.js';
import type { TestApp } from '../support/app.js';
import { fillSpool, untilDrained } from '../support/backlog.js';
import type { Backlog, Drain } from '../support/backlog.js';
import { FIXTURE, writeScenario } from '../support/nvidia-smi-replay/index.js';
import { until } from './support/until.js';

const GPUS = ['GPU-aaaaaaaa-0000-0000-0000-000000000001', 'GPU-aaaaaaaa-0000-0000-0000-000000000002'];

let app: TestApp;
let viewer: string;
let folder: string;
beforeAll(async () => {
  app = await startTestApp();
  viewer = await app.login('viewer');
}, 60_000);
afterAll(() => app.close());
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'flotilla-backlog-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Starts the host's agent; the first time it enrols. */
async function startHost(name: string, token?: string): Promise<AgentProcess> {
  const replay = writeScenario(join(folder, 'tool'), { gpus: GPUS.map((uuid) => ({ capture: FIXTURE, uuid })) });
  const config = { instance: { instance_id: name } };
  const { port } = app.app.get(AgentGateway, { strict: false });
  const args = ['--server', `127.0.0.1:${port}`, '--interval', '1', ...(token ? ['--token', token] : [])];
  return AgentProcess.start({ stateDir: join(folder, 'state'), args, nvidiaSmi: replay.executable, config });
}

const get = async (path: string) => {
  const { status, body } = await app.call('GET', `/api${path}`, { as: viewer });
  if (status !== 200) throw new Error(`${path}: ${status} ${JSON.stringify(body)}`);
  return body.data;
};

/** A host that showed its GPUs once, and was then cut off for so many hours. */
async function hostWithBacklog(name: string, hours: number, maxBytes?: number) {
  const admin = await app.login('admin');
  const made = await app.call('POST', '/api/agents/enrollment-tokens', { as: admin, body: { name: 'host' } });
  const first = await startHost(name, made.body.data.token);
  let instance: { id: number; gpus: unknown[] } | undefined;
  await until(
    `${name} is shown with its GPUs`,
    async () => {
      [instance] = await get(`/instances?search=${name}`);
      return instance?.gpus.length === GPUS.length;
    },
    { withinMs: 30_000, because: () => first.log },
  );
  await first.kill('SIGTERM');
  const backlog = await fillSpool({
    stateDir: join(folder, 'state'),
    devices: GPUS,
    hours,
    intervalS: 5,
    ...(maxBytes === undefined ? {} : { maxBytes }),
  });
  return { instanceId: instance!.id, backlog };
}

const chartOf = (instanceId: number, { fromS, toS }: Backlog) =>
  get(`/instances/${instanceId}/metrics?metric=temperature&resolution=1m&limit=2000&from=${fromS}&to=${toS + 60}`);

const watch = (instanceId: number, backlog: Backlog, log: () => string): Promise<Drain> =>
  untilDrained(get, instanceId, GPUS.length, backlog, 60).catch((error: Error) => {
    throw new Error(`${error.message}\n${log()}`);
  });

it('shows the newest values at once, and the day before follows at fifty times its own speed and more', async () => {
  const { instanceId, backlog } = await hostWithBacklog('away-for-a-day', 24);
  expect(backlog).toMatchObject({ produced: 24 * 60 * GPUS.length, dropped: 0 });
  const agent = await startHost('away-for-a-day');
  const { seconds, firstLiveS, lagsS } = await watch(instanceId, backlog, () => agent.log);
  await agent.kill();
  expect(firstLiveS).toBeLessThan(10);
  expect(Math.max(...lagsS)).toBeLessThan(5);
  expect((24 * 3600) / seconds).toBeGreaterThan(50);
  const chart = await chartOf(instanceId, backlog);
  const points = chart.series.map((one: { gpu_uuid: string; points: { count: number }[] }) => [
    one.gpu_uuid,
    one.points.length,
    one.points.every(({ count }) => count === 12),
  ]);
  expect(points.sort()).toEqual(GPUS.map((uuid) => [uuid, 1440, true]));
  expect(chart.gaps).toEqual([]);
}, 120_000);

it('drops its oldest hours where the disk was too small, counts them, and the chart shows the gap', async () => {
  const { instanceId, backlog } = await hostWithBacklog('small-disk', 12, 1 << 20);
  expect(backlog.dropped).toBeGreaterThan(100);
  const agent = await startHost('small-disk');
  await watch(instanceId, backlog, () => agent.log);
  await agent.kill();
  const chart = await chartOf(instanceId, backlog);
  const stored = chart.series.reduce((sum: number, one: { points: unknown[] }) => sum + one.points.length, 0);
  const gaps = chart.gaps as { from: string; to: string; reason: string; entries: number }[];
  const declared = gaps.reduce((sum, gap) => sum + gap.entries, 0);
  expect(stored + declared).toBe(backlog.produced);
  // what the spool had dropped includes the host's first seconds, which were stored before
  expect(declared).toBe(backlog.dropped - backlog.before);
  expect(gaps.every((gap) => gap.reason === 'full')).toBe(true);
  // the gap begins where the outage began, and the first point stands at its end
  const begin = Math.min(...gaps.map((gap) => Date.parse(gap.from)));
  // the oldest file held the host's first seconds too, which are newer than the outage of this test
  const ends = gaps.map((gap) => Date.parse(gap.to)).filter((to) => to <= backlog.toS * 1000);
  const end = Math.max(...ends);
  expect(begin).toBe(backlog.fromS * 1000);
  const firstPoint = Math.min(
    ...chart.series.map((one: { points: { timestamp: string }[] }) => Date.parse(one.points[0]!.timestamp)),
  );
  expect(Math.abs(firstPoint - end)).toBeLessThanOrEqual(60_000);
}, 120_000);
