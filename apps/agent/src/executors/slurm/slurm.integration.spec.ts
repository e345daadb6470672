import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExecutorContract, startRunner } from '../../../../../test/support/executor-contract/index.js';
import { FakeSlurm } from '../../../../../test/support/fake-slurm/fake-slurm.js';
import { RealSlurm } from '../../../../../test/support/fake-slurm/real-slurm.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-slurm-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describeExecutorContract('slurm (tools that only remember)', async (place) => {
  const slurm = new FakeSlurm(join(place, 'slurm'));
  return {
    control: slurm.control,
    state: async () => (slurm.node.flags.includes('DRAIN') ? 'stopped' : 'running'),
    effects: () => slurm.node.effects,
    set: (state) => slurm.change({ flags: state === 'stopped' ? ['DRAIN'] : [] }),
    misbehave(how) {
      slurm.change({ fault: how });
      return true;
    },
    mend: () => slurm.change({ fault: null }),
    close: () => {},
  };
});

describe('the slurm executor', () => {
  let slurm: FakeSlurm;
  beforeEach(() => {
    slurm = new FakeSlurm(join(folder, 'slurm'));
  });
  const run = (more: object = {}) =>
    startRunner({ folder, controls: [{ ...slurm.control, verify_s: 0.3, timeout_s: 5, ...more }] });

  it('waits for jobs and kills none: what still drains is unknown, not failed', async () => {
    slurm.change({ jobs: ['7', '8'] });
    const { carryOut } = await run();
    expect(await carryOut()).toMatchObject({
      outcome: 'unknown',
      observedState: 'running',
      message: expect.stringContaining('draining, jobs 7, 8 still on it'),
    });
    expect(slurm.node).toMatchObject({ jobs: ['7', '8'], flags: ['DRAIN'], reason: 'flotilla act_1' });
  });

  it.each([
    ['cancels them when it is forced', {}, [], 'succeeded'],
    ['waits even then where the host says so', { forced: 'wait' }, ['7'], 'unknown'],
  ])('%s', async (_, more, jobs, outcome) => {
    slurm.change({ jobs: ['7'] });
    const { carryOut } = await run(more);
    expect(await carryOut({ force: true })).toMatchObject({ outcome });
    expect(slurm.node.jobs).toEqual(jobs);
  });

  it('does not resume what somebody else drained, unless it is forced', async () => {
    slurm.change({ flags: ['DRAIN'], reason: 'GPU 3 fell off the bus' });
    const { carryOut } = await run();
    expect(await carryOut({ verb: 'start' })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('GPU 3 fell off the bus'),
    });
    expect(slurm.node.effects).toBe(0);
    expect(await carryOut({ actionId: 'act_2', verb: 'start', force: true })).toMatchObject({ outcome: 'succeeded' });
  });

  it('switches power by the power saving of Slurm, which waits for jobs unless it is forced', async () => {
    const { carryOut } = await run({ level: 'power' });
    expect(await carryOut()).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
    expect(await carryOut({ actionId: 'act_2', verb: 'start' })).toMatchObject({ observedState: 'running' });
    slurm.change({ jobs: ['7'] });
    expect(await carryOut({ actionId: 'act_3', force: true })).toMatchObject({ outcome: 'succeeded' });
    expect(slurm.node).toMatchObject({ jobs: [], flags: ['POWERED_DOWN'], effects: 3 });
  });

  it('says who has to be what when Slurm does not allow it', async () => {
    slurm.change({ fault: 'refuses' });
    const { carryOut } = await run();
    expect(await carryOut()).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/permission denied.*Slurm operator/s),
    });
  });

  it('acts on the node of another instance by the name that the configuration gives it', async () => {
    const { carryOut, runner } = await run({ instances: [], nodes: { 'i-7': 'gpu-1', 'i-8': 'gpu-9' } });
    expect(runner.controls[0]?.instanceIds).toEqual(['i-7', 'i-8']);
    expect(await carryOut({ instanceId: 'i-7' })).toMatchObject({ outcome: 'succeeded' });
    expect(await carryOut({ actionId: 'act_2', instanceId: 'i-8' })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('Node gpu-9 not found'),
    });
  });
});

const home = mkdtempSync(join(tmpdir(), 'flotilla-cluster-'));
const cluster = process.getuid?.() === 0 ? await RealSlurm.start(home) : 'slurmd is tested as root only';
afterAll(async () => {
  if (typeof cluster !== 'string') await cluster.stop();
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}, 60_000);

if (typeof cluster === 'string') it.skip(`the slurm executor against a real cluster: skipped, ${cluster}`, () => {});
else {
  describe('the slurm executor against a real cluster', () => {
    const real = () => ({ kind: 'slurm', node: 'gpu-1', slurm_conf: cluster.conf, timeout_s: 10, verify_s: 20 });

    it('drains a node behind its job, and resumes it', async () => {
      const job = await cluster.job(3);
      const { carryOut } = await startRunner({ folder, controls: [real()] });
      expect(await carryOut({ dryRun: true })).toMatchObject({
        outcome: 'succeeded',
        message: expect.stringMatching(
          /^it would drain node gpu-1 and wait for its jobs; it is running now \((MIXED|ALLOCATED)/,
        ),
      });
      const stopped = await carryOut({ actionId: 'act_2' });
      expect(stopped).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
      expect(cluster.state).toMatch(/^IDLE\+DRAIN/);
      // its job ended by itself
      expect(cluster.run('scontrol', '-o', 'show', 'job', job)).toContain('JobState=COMPLETED');
      expect(await carryOut({ actionId: 'act_3', verb: 'start' })).toMatchObject({ outcome: 'succeeded' });
      expect(cluster.state).not.toContain('DRAIN');
    });

    it('cancels the jobs of a forced stop', async () => {
      const job = await cluster.job(600);
      const { carryOut } = await startRunner({ folder, controls: [real()] });
      expect(await carryOut({ force: true })).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
      expect(cluster.run('scontrol', '-o', 'show', 'job', job)).toContain('JobState=CANCELLED');
      await carryOut({ actionId: 'act_2', verb: 'start' });
    });

    it('says what Slurm says of a node that it does not know', async () => {
      const { carryOut } = await startRunner({ folder, controls: [{ ...real(), node: 'gpu-9' }] });
      expect(await carryOut()).toMatchObject({ outcome: 'refused', message: expect.stringContaining('not found') });
    });

    it('powers a node down through the power saving of Slurm', async () => {
      const { carryOut } = await startRunner({ folder, controls: [{ ...real(), level: 'power' }] });
      expect(await carryOut()).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
      expect(cluster.state).toContain('POWERED_DOWN');
    });
  });
}
