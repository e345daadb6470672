import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionResult } from '@flotilla/contracts/agent';
import { AgentProcess, eventually, TestWorkload } from '../support/agent-process/agent-process.js';
import { FakeControlPlane } from '../support/fake-control-plane/fake-control-plane.js';

/** Once and only once: one Stop, and an agent that is killed at every place where it could matter. */
describe('an agent that is killed (kill -9) around a command', () => {
  let folder: string;
  let fake: FakeControlPlane;
  let agent: AgentProcess | null = null;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-agent-'));
    fake = await FakeControlPlane.start();
  });
  afterEach(async () => {
    await agent?.kill();
    fake.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (workload: TestWorkload, failpoint?: string) => {
    agent = await AgentProcess.start({
      stateDir: join(folder, 'state'),
      args: ['--server', fake.address, '--token', fake.token],
      config: { controls: [workload.control] },
      ...(failpoint ? { failpoint } : {}),
    });
    return agent;
  };
  const stop = {
    actionId: 'act_1',
    fence: 1,
    verb: 'stop',
    instanceId: '',
    controlKind: 'command',
    argumentsJson: '{}',
  };
  const results = (): ActionResult[] => fake.messages.flatMap((message) => message.actionResult ?? []);
  const connected = () =>
    eventually(
      'connected',
      () => fake.hellos.length > 0,
      15_000,
      () => agent?.log ?? '',
    );
  const settled = () =>
    eventually(
      'a result',
      () => results().length > 0,
      20_000,
      () => agent?.log ?? '',
    );

  it('carries out one stop, verifies it and tells how it went', async () => {
    const workload = new TestWorkload(join(folder, 'workload'));
    await start(workload);
    await connected();
    expect(fake.hellos[0]?.controls).toMatchObject([{ kind: 'command', verbs: ['start', 'stop'], level: 'workload' }]);
    fake.offer(stop);
    await settled();
    expect(results()[0]).toMatchObject({
      outcome: 'succeeded',
      exitCode: 0,
      output: 'said stop\n',
      observedState: 'stopped',
    });
    expect(fake.messages.some((message) => message.actionAccepted?.actionId === 'act_1')).toBe(true);
    // the same id again: the stored result, not another run
    fake.send({ offer: { ...stop, fence: 2 } });
    await eventually('the stored result', () => results().some((result) => result.fence === 2));
    expect(workload.begun).toBe(1);
  });

  it.each([
    ['after it accepted', 'after-journal-accepted', 1],
    ['before it started the command', 'after-journal-starting', 0],
    ['between starting the command and writing down which process it is', 'after-spawn', 1],
    ['while the command runs', 'during-command', 1],
    ['before it wrote down the outcome', 'before-result', 1],
    ['after it sent the outcome', 'after-result-sent', 1],
  ])('killed %s: at most one run, and the truth in the end', async (_, failpoint, runs) => {
    const workload = new TestWorkload(join(folder, 'workload'), { stopMs: 600 });
    await start(workload, failpoint);
    await connected();
    fake.acknowledgingResults = false;
    fake.offer(stop);
    expect((await agent?.ended())?.signal).toBe('SIGKILL');
    fake.acknowledgingResults = true;
    await start(workload);
    await eventually(
      'connected again',
      () => fake.hellos.length > 1,
      15_000,
      () => agent?.log ?? '',
    );
    await eventually(
      'a result after the restart',
      () => fake.offers.length === 0,
      20_000,
      () => agent?.log ?? '',
    );
    const last = results().at(-1);
    expect(workload.begun).toBe(runs);
    expect(workload.ended).toBe(runs);
    if (runs === 1) {
      expect(last).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
      expect(workload.isRunning).toBe(false);
    } else {
      // it wrote down that it would start, and died: it is not started again, and says that it did not happen
      expect(last).toMatchObject({ outcome: 'failed', observedState: 'running' });
      expect(workload.isRunning).toBe(true);
    }
  });

  it('says unknown where nothing can tell', async () => {
    const workload = new TestWorkload(join(folder, 'workload'), { stopMs: 300, check: false });
    await start(workload, 'during-command');
    await connected();
    fake.offer(stop);
    await agent?.ended();
    await start(workload);
    await eventually(
      'a result',
      () => fake.offers.length === 0,
      20_000,
      () => agent?.log ?? '',
    );
    expect(results().at(-1)).toMatchObject({ outcome: 'unknown', observedState: 'unverified' });
    expect(workload.begun).toBe(1);
  });

  it('refuses what is protected, what it has no command for, and what is not for this host', async () => {
    const workload = new TestWorkload(join(folder, 'workload'), { extra: { protected: true } });
    await start(workload);
    await connected();
    fake.offer(stop);
    fake.offer({ ...stop, actionId: 'act_2', verb: 'reboot' });
    fake.offer({ ...stop, actionId: 'act_3', instanceId: 'i-somebody-else' });
    await eventually(
      'three results',
      () => fake.offers.length === 0,
      15_000,
      () => agent?.log ?? '',
    );
    const said = Object.fromEntries(
      results().map(({ actionId, outcome, message }) => [actionId, `${outcome}: ${message}`]),
    );
    expect(said['act_1']).toMatch(/^refused: .*protects it/);
    expect(said['act_2']).toMatch(/^refused: reboot is not among the verbs/);
    expect(said['act_3']).toMatch(/^refused: this agent has no control/);
    expect(workload.begun).toBe(0);
  });

  it('refuses to stop what it did not see idle, unless forced', async () => {
    const workload = new TestWorkload(join(folder, 'workload'));
    await start(workload);
    await connected();
    const precondition = { force: false, idleSinceMs: Date.now() - 1_800_000, idleBelowPercent: 5 };
    fake.offer({ ...stop, precondition });
    await eventually(
      'a refusal',
      () => fake.offers.length === 0,
      15_000,
      () => agent?.log ?? '',
    );
    expect(results()[0]).toMatchObject({ outcome: 'refused', message: expect.stringContaining('not idle any more') });
    fake.offer({ ...stop, actionId: 'act_2', precondition: { ...precondition, force: true } });
    await eventually(
      'the forced one',
      () => fake.offers.length === 0,
      15_000,
      () => agent?.log ?? '',
    );
    expect(results().at(-1)).toMatchObject({ actionId: 'act_2', outcome: 'succeeded' });
  });

  it('ends a command that takes too long, with everything that it started', async () => {
    const workload = new TestWorkload(join(folder, 'workload'), {
      stopMs: 60_000,
      extra: { timeout_s: 1, grace_s: 1, verify_s: 1 },
    });
    await start(workload);
    await connected();
    fake.offer(stop);
    await settled();
    expect(results()[0]).toMatchObject({ outcome: 'failed', observedState: 'running' });
    expect(results()[0]?.message).toContain('did not end within 1 s');
  });
});
