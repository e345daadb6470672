import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ActionResult } from '@flotilla/contracts/agent';
import { AgentProcess, eventually } from '../support/agent-process/agent-process.js';
import { FakeControlPlane } from '../support/fake-control-plane/fake-control-plane.js';
import { EngineFront } from '../support/fake-engine/engine-front.js';
import { FakeEngine } from '../support/fake-engine/fake-engine.js';
import { FakeSlurm } from '../support/fake-slurm/fake-slurm.js';

/** Requests instead of commands: one stop, and an agent that dies (kill -9) where it could matter. */
describe('an agent that is killed around a request', () => {
  let folder: string;
  let fake: FakeControlPlane;
  let agent: AgentProcess | null = null;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-requests-'));
    fake = await FakeControlPlane.start();
  });
  afterEach(async () => {
    await agent?.kill();
    fake.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const log = () => agent?.log ?? '';
  const start = async (control: object, failpoint?: string) => {
    const hellos = fake.hellos.length;
    agent = await AgentProcess.start({
      stateDir: join(folder, 'state'),
      args: ['--server', fake.address, '--token', fake.token],
      config: { controls: [{ verify_s: 2, ...control }] },
      ...(failpoint ? { failpoint } : {}),
    });
    await eventually('connected', () => fake.hellos.length > hellos, 15_000, log);
  };
  const offer = (kind: string, verb = 'stop') =>
    fake.offer({ actionId: 'act_1', fence: 1, verb, instanceId: '', controlKind: kind, argumentsJson: '{}' });
  const results = (): ActionResult[] => fake.messages.flatMap((message) => message.actionResult ?? []);
  const settled = async () => {
    await eventually('a result after the restart', () => fake.offers.length === 0, 20_000, log);
    return results().at(-1);
  };
  /** Offers a stop to an agent that dies of it, and starts it again. */
  const stopThroughDeath = async (control: { kind: string }, failpoint?: string) => {
    await start(control, failpoint);
    fake.acknowledgingResults = false;
    offer(control.kind);
    expect((await agent?.ended())?.signal).toBe('SIGKILL');
    fake.acknowledgingResults = true;
    await start(control);
    return settled();
  };

  describe('to a container engine', () => {
    let engine: FakeEngine;
    let front: EngineFront;
    let control: { kind: string };
    beforeEach(async () => {
      engine = new FakeEngine();
      engine.add('train');
      front = await EngineFront.start(join(folder, 'docker.sock'), engine.backend);
      control = { kind: 'docker', socket: front.socket, containers: ['train'] } as { kind: string };
    });
    afterEach(() => front.close());

    // the first request only writes down which containers are meant
    it.each([
      ['before it was sent', 'before-request:2'],
      ['after it was answered', 'after-request:2'],
      ['before the outcome was written down', 'before-result'],
    ])('%s: it is stopped once, and known to be', async (_, failpoint) => {
      const result = await stopThroughDeath(control, failpoint);
      expect(result).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
      expect([front.effects, engine.state('train')]).toEqual([1, 'exited']);
    });

    it('after it took effect and before its answer: it is not sent again', async () => {
      front.onEffect = () => void agent?.kill();
      expect(await stopThroughDeath(control)).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
      expect([front.effects, engine.state('train')]).toEqual([1, 'exited']);
    });

    it('before anything was sent: nothing is sent later', async () => {
      expect(await stopThroughDeath(control, 'after-journal-starting')).toMatchObject({
        outcome: 'failed',
        observedState: 'running',
      });
      expect([front.effects, engine.state('train')]).toEqual([0, 'running']);
    });

    it('a dry run says what would be done, and does nothing', async () => {
      await start(control);
      offer('docker', 'dry_run_stop');
      expect(await settled()).toMatchObject({
        outcome: 'succeeded',
        message: 'it would stop container train; it is running now (train is running). Nothing was done',
      });
      expect(front.effects).toBe(0);
    });
  });

  describe('to Slurm', () => {
    it.each([
      ['before it was sent', 'before-request'],
      ['while scontrol runs', 'during-request'],
      ['after it was answered', 'after-request'],
    ])('%s: the node is drained once, and known to be', async (_, failpoint) => {
      const slurm = new FakeSlurm(join(folder, 'slurm'));
      const result = await stopThroughDeath(slurm.control, failpoint);
      expect(result).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
      expect(slurm.node).toMatchObject({ effects: 1, flags: ['DRAIN'], reason: 'flotilla act_1' });
    });
  });
});
