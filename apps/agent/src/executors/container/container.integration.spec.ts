import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExecutorContract, startRunner } from '../../../../../test/support/executor-contract/index.js';
import { EngineFront, engineAt } from '../../../../../test/support/fake-engine/engine-front.js';
import { FakeEngine } from '../../../../../test/support/fake-engine/fake-engine.js';
import { RealPodman } from '../../../../../test/support/fake-engine/real-podman.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-container-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

for (const verb of ['stop', 'start'] as const) {
  describeExecutorContract(`docker (${verb}, a fake engine)`, async (place) => {
    const engine = new FakeEngine();
    engine.add('train');
    if (verb === 'start') engine.set('train', 'exited');
    const front = await EngineFront.start(join(place, 'docker.sock'), engine.backend);
    return {
      control: { kind: 'docker', socket: front.socket, containers: ['train'] },
      verb,
      state: async () => (engine.state('train') === 'running' ? 'running' : 'stopped'),
      effects: () => front.effects,
      set: (state) => engine.set('train', state === 'running' ? 'running' : 'exited'),
      misbehave: (how) => Boolean((front.fault = how)),
      mend: () => void (front.fault = null),
      close: () => front.close(),
    };
  });
}

const home = mkdtempSync(join(tmpdir(), 'flotilla-podman-'));
const podman = process.getuid?.() === 0 ? await RealPodman.start(home) : 'podman is tested as root only';
afterAll(async () => {
  if (typeof podman !== 'string') await podman.stop();
  // what podman leaves behind ends a moment later
  rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
}, 60_000);

if (typeof podman === 'string') it.skip(`the podman executor against a real podman: skipped, ${podman}`, () => {});
else {
  let count = 0;
  describeExecutorContract(
    'podman (a real one)',
    async (place) => {
      const name = `train-${(count += 1)}`;
      podman.create(name);
      const front = await EngineFront.start(join(place, 'podman.sock'), engineAt(podman.socket));
      return {
        control: { kind: 'podman', socket: front.socket, containers: [name] },
        state: async () => (podman.state(name) === 'running' ? 'running' : 'stopped'),
        effects: () => front.effects,
        set: (state) => void podman.run(...(state === 'running' ? ['start'] : ['stop', '-t', '5']), name),
        misbehave: (how) => Boolean((front.fault = how)),
        mend: () => void (front.fault = null),
        close: () => front.close(),
      };
    },
    { verifyS: 5, timeoutS: 10 },
  );

  it('a real podman: stops and starts all that carry a label, and nothing else', async () => {
    podman.create('a', ['team=vision']);
    podman.create('b', ['team=vision']);
    podman.create('c', ['team=audio']);
    const control = { kind: 'podman', socket: podman.socket, label: 'team=vision' };
    const { carryOut } = await startRunner({ folder, controls: [control] });
    const stopped = await carryOut();
    expect(stopped).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
    expect(['a', 'b', 'c'].map((name) => podman.state(name))).toEqual(['exited', 'exited', 'running']);
    expect(await carryOut({ actionId: 'act_2', verb: 'start' })).toMatchObject({ outcome: 'succeeded' });
    expect(['a', 'b'].map((name) => podman.state(name))).toEqual(['running', 'running']);
  });
}

describe('the docker executor', () => {
  let engine: FakeEngine;
  let front: EngineFront;
  beforeEach(async () => {
    engine = new FakeEngine();
    front = await EngineFront.start(join(folder, 'docker.sock'), engine.backend);
  });
  afterEach(() => front.close());
  const run = (more: object) => startRunner({ folder, controls: [{ kind: 'docker', socket: front.socket, ...more }] });

  it('says which container is missing, and does nothing to the others', async () => {
    engine.add('train');
    const { carryOut } = await run({ containers: ['train', 'eval'] });
    expect(await carryOut()).toMatchObject({ outcome: 'refused', message: 'there is no container named eval' });
    expect(front.effects).toBe(0);
  });

  it('leaves alone what protects itself by its label', async () => {
    engine.add('train', { team: 'vision' });
    engine.add('database', { team: 'vision', 'flotilla.protected': 'true' });
    const { carryOut } = await run({ label: 'team=vision' });
    expect(await carryOut({ force: true })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('container database protects itself'),
    });
    expect(front.effects).toBe(0);
  });

  it('says what to do when the socket cannot be used', async () => {
    const { carryOut } = await run({ socket: join(folder, 'nowhere.sock'), containers: ['train'] });
    expect(await carryOut()).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/nowhere\.sock cannot be reached \(ENOENT\): is the engine running/),
    });
  });

  it('does not stop again what somebody started after the crash', async () => {
    engine.add('train');
    const control = { kind: 'docker', socket: front.socket, containers: ['train'], verify_s: 1 };
    const dieAt = (record: { t: string; name?: string }) => record.t === 'answered' && record.name !== 'targets';
    const first = await startRunner({ folder, controls: [control], dieAt });
    await first.carryOut();
    expect(engine.state('train')).toBe('exited');
    engine.set('train', 'running');
    const second = await startRunner({ folder, controls: [control] });
    second.runner.recover();
    await second.runner.idle();
    expect(second.results[0]?.outcome).toMatchObject({
      outcome: 'failed',
      message: expect.stringContaining('started again or removed by somebody else'),
    });
    expect([engine.state('train'), front.effects]).toEqual(['running', 1]);
    second.journal.close();
  });

  it('finishes a stop of several that was cut off in the middle', async () => {
    for (const name of ['a', 'b', 'c']) engine.add(name, { team: 'vision' });
    const control = { kind: 'docker', socket: front.socket, label: 'team', verify_s: 1 };
    let answers = 0;
    const dieAt = (record: { t: string }) => record.t === 'answered' && (answers += 1) === 3;
    const first = await startRunner({ folder, controls: [control], dieAt });
    await first.carryOut();
    const second = await startRunner({ folder, controls: [control] });
    second.runner.recover();
    await second.runner.idle();
    expect(second.results[0]?.outcome).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
    expect(front.effects).toBe(3);
    second.journal.close();
  });

  it('a container that removes itself when it stops is stopped', async () => {
    engine.add('train');
    const backend = engine.backend;
    await front.close();
    front = await EngineFront.start(join(folder, 'docker.sock'), async (method, url) => {
      const answer = await backend(method, url);
      if (method === 'POST') engine.remove('train');
      return answer;
    });
    const { carryOut } = await run({ containers: ['train'] });
    expect(await carryOut()).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
  });

  it.each([
    ['neither names nor a label', {}],
    ['both', { containers: ['a'], label: 'b' }],
    ['a name that is a path', { containers: ['../a'] }],
  ])('is not configured with %s', async (_, more) => {
    await expect(run(more)).rejects.toThrow(/controls\[0\]/);
  });
});
