/** A real agent whose disk fills up, and one whose disk cannot be written at all. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AgentProcess, eventually } from '../support/agent-process/agent-process.js';
import { FakeControlPlane } from '../support/fake-control-plane/fake-control-plane.js';
import { FIXTURE, writeScenario } from '../support/nvidia-smi-replay/index.js';

const folder = mkdtempSync(join(tmpdir(), 'flotilla-agent-disk-'));
const mount = (...args: string[]) => spawnSync('mount', args).status === 0;
const mountable = mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder);
if (mountable) spawnSync('umount', [folder]);
else process.stderr.write('skipped: an agent on full and read-only disks (this user may not mount a tmpfs)\n');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

(mountable ? describe : describe.skip)('an agent whose disk of 4 MB fails', () => {
  let fake: FakeControlPlane;
  let tool: string;
  let agents: AgentProcess[] = [];
  const stateDir = join(folder, 'state');
  beforeEach(async () => {
    expect(mount('-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder)).toBe(true);
    tool = mkdtempSync(join(tmpdir(), 'flotilla-agent-disk-tool-'));
    fake = await FakeControlPlane.start();
  });
  afterEach(async () => {
    for (const agent of agents) await agent.kill();
    agents = [];
    fake.stop();
    spawnSync('umount', ['-l', folder]);
    rmSync(tool, { recursive: true, force: true });
  });

  async function start(): Promise<AgentProcess> {
    const replay = writeScenario(join(tool, 'driver'), { gpus: [{ capture: FIXTURE, uuid: 'GPU-aaaa' }] });
    const args = ['--server', fake.address, '--token', fake.token, '--interval', '1'];
    const agent = await AgentProcess.start({ stateDir, args, nvidiaSmi: replay.executable });
    agents.push(agent);
    const hellos = fake.hellos.length;
    await eventually(
      'connected',
      () => fake.hellos.length > hellos,
      20_000,
      () => agent.log,
    );
    fake.send({ config: { hash: 'every second', liveIntervalS: 1 } });
    return agent;
  }
  const live = () => fake.messages.filter((m) => m.live?.devices.some(({ device }) => device === 'GPU-aaaa')).length;
  const more = async (agent: AgentProcess, count: number) => {
    const before = live();
    await eventually(
      `${count} more values on screen`,
      () => live() >= before + count,
      30_000,
      () => agent.log,
    );
    expect(agent.child.exitCode).toBeNull();
  };
  const stored = () => fake.samples().get('GPU-aaaa')?.size ?? 0;

  it('goes on when others fill it in mid run, keeps its minute, and is well again when there is room', async () => {
    const agent = await start();
    await more(agent, 2);
    spawnSync('sh', ['-c', `cat /dev/zero > ${folder}/other 2>/dev/null`]);
    // its last page has room for some more samples
    await eventually(
      'a sample that found no room',
      () => agent.log.includes('cannot be journalled'),
      30_000,
      () => agent.log,
    );
    await more(agent, 2);
    rmSync(join(folder, 'other'));
    await more(agent, 2);
    agent.child.kill('SIGTERM');
    const { code } = await agent.ended();
    expect(code).toBe(0);
    // the open minute went out with its last words, what was read while the disk was full included
    expect(stored()).toBeGreaterThanOrEqual(6);
  }, 60_000);

  it('goes on when it cannot be written at all: from memory, says so, and sends what it reads', async () => {
    const first = await start();
    await more(first, 2);
    await first.kill('SIGTERM');
    const before = stored();
    expect(mount('-o', 'remount,ro', folder)).toBe(true);
    const agent = await start();
    await more(agent, 3);
    const degraded = () => fake.hellos.at(-1)?.spool?.degraded;
    expect(degraded()).toBe(true);
    expect(agent.log).toContain('kept in memory only');
    agent.child.kill('SIGTERM');
    const { code } = await agent.ended();
    expect(code).toBe(0);
    expect(stored()).toBeGreaterThan(before);
    expect(fake.conflicts).toEqual([]);
  }, 60_000);
});
