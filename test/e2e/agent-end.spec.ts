import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentProcess, eventually } from '../support/agent-process/agent-process.js';
import { FakeControlPlane } from '../support/fake-control-plane/fake-control-plane.js';
import { FIXTURE, writeScenario } from '../support/nvidia-smi-replay/index.js';

let folder: string;
let fake: FakeControlPlane;
let agent: AgentProcess | null;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-agent-end-'));
  fake = await FakeControlPlane.start();
  agent = null;
});
afterEach(async () => {
  await agent?.kill();
  fake.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<AgentProcess> {
  const replay = writeScenario(join(folder, 'tool'), { gpus: [{ capture: FIXTURE, uuid: 'GPU-aaaa' }] });
  const args = ['--server', fake.address, '--token', fake.token, '--interval', '1'];
  const started = await AgentProcess.start({ stateDir: join(folder, 'state'), args, nvidiaSmi: replay.executable });
  agent = started;
  const log = () => started.log;
  await eventually('live values', () => live() >= 3, 20_000, log);
  return started;
}
const live = () => fake.messages.filter((message) => message.live?.devices.some((d) => d.device === 'GPU-aaaa')).length;

/** Processes that read for this test's agent. */
const loops = () =>
  readdirSync('/proc').filter((pid) => {
    return /^\d+$/.test(pid) && cmdline(pid).includes(join(folder, 'tool'));
  });

function cmdline(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // gone meanwhile
  }
}

it('an agent that is asked to end sends the minute that is open, and ends soon', async () => {
  const asked = await start();
  expect(fake.samples().get('GPU-aaaa')?.size ?? 0).toBeLessThan(60);
  const before = fake.samples().get('GPU-aaaa')?.size ?? 0;
  const began = performance.now();
  await asked.kill('SIGTERM');
  expect(performance.now() - began).toBeLessThan(15_000);
  expect(asked.child.exitCode).toBe(0);
  // the 15 s of reading and more are acknowledged: nothing waits for the next start
  expect(fake.samples().get('GPU-aaaa')?.size ?? 0).toBeGreaterThan(Math.max(before, 5));
  const { spool } = JSON.parse(readFileSync(join(folder, 'state', 'status.json'), 'utf8')) as {
    spool: { oldestSeq: number; bytes: number };
  };
  expect(spool.oldestSeq).toBe(0);
}, 60_000);

it('an agent that is asked to end while nobody acknowledges keeps its minute and ends within the two seconds', async () => {
  const asked = await start();
  fake.acknowledging = false;
  const began = performance.now();
  await asked.kill('SIGTERM');
  expect(performance.now() - began).toBeLessThan(15_000);
  const { spool } = JSON.parse(readFileSync(join(folder, 'state', 'status.json'), 'utf8')) as {
    spool: { oldestSeq: number };
  };
  expect(spool.oldestSeq).toBeGreaterThan(0);
}, 60_000);

it('an agent that is asked to read more rarely does so until it is told otherwise', async () => {
  await start();
  const reads = (every: string) => loops().some((pid) => cmdline(pid).includes(`\0${every}\0`));
  const say = (message: object) => void fake.streams.at(-1)?.write(message);
  expect(reads('1000')).toBe(true);
  say({ slow: { intervalS: 3 } });
  await eventually('every 3 s', () => reads('3000') && !reads('1000'), 10_000);
  say({ config: { hash: 'default', intervalS: 0, liveIntervalS: 0 } });
  await eventually('every second again', () => reads('1000') && !reads('3000'), 10_000);
}, 60_000);

it('the loop of an agent that was killed ends by itself with its next row', async () => {
  const killed = await start();
  expect(loops().length).toBeGreaterThan(0);
  await killed.kill('SIGKILL');
  await eventually(
    'no loop is left',
    () => loops().length === 0,
    5_000,
    () => loops().join(' '),
  );
}, 60_000);
