import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExecutorContract, startRunner } from '../../../../../test/support/executor-contract/index.js';
import type { ContractStage } from '../../../../../test/support/executor-contract/index.js';
import { FakeKubernetes } from '../../../../../test/support/fake-kubernetes/fake-kubernetes.js';

function controlFor(fake: FakeKubernetes, folder: string, more: object = {}) {
  mkdirSync(folder, { recursive: true });
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, fake.kubeconfig());
  return { kind: 'kubernetes', kubeconfig, ...more } as const;
}

const scaleStage = async (folder: string, verb: 'start' | 'stop'): Promise<ContractStage> => {
  const fake = await FakeKubernetes.start();
  const before = verb === 'stop' ? 3 : 0;
  fake.addWorkload('deployments', 'trainer', before);
  const now = () => fake.workloads.get('deployments/train/trainer')!;
  return {
    control: controlFor(fake, folder, { workloads: [{ kind: 'Deployment', name: 'trainer', replicas: 3 }] }),
    verb,
    state: async () => {
      const [wanted, there] = [now().spec['replicas'], now().status?.['replicas']];
      return wanted === 0 && there === 0 ? 'stopped' : wanted === 3 && there === 3 ? 'running' : 'between';
    },
    effects: () => fake.effects.length,
    set(state) {
      const replicas = state === 'running' ? 3 : 0;
      fake.workloads.set('deployments/train/trainer', {
        ...now(),
        spec: { replicas },
        status: { replicas, readyReplicas: replicas },
      });
    },
    misbehave(how) {
      if (how === 'refuses') fake.denied.add('patch deployments');
      if (how === 'does-nothing') fake.numb = true;
      if (how === 'hangs') fake.fail(/^PATCH/, { kind: 'silence' });
      if (how === 'mute') fake.denied.add('get deployments');
      return true;
    },
    mend: () => void fake.denied.clear(),
    close: () => fake.stop(),
  };
};

/** One pod on a node: an effect is that pod's end, or that pods come again. */
const nodeStage = async (folder: string, verb: 'start' | 'stop'): Promise<ContractStage> => {
  const fake = await FakeKubernetes.start();
  fake.addNode('gpu-1', verb === 'start' ? { unschedulable: true } : {});
  if (verb === 'stop') fake.addPod({ name: 'job', node: 'gpu-1' });
  const closed = () => fake.nodes.get('gpu-1')?.spec['unschedulable'] === true;
  return {
    control: controlFor(fake, folder, { node: 'gpu-1' }),
    verb,
    state: async () => {
      if (verb === 'start') return closed() ? 'stopped' : 'running';
      return fake.pods.size > 0 ? 'running' : closed() ? 'stopped' : 'between';
    },
    effects: () => fake.effects.filter((effect) => effect.startsWith(verb === 'stop' ? 'evict' : 'uncordon')).length,
    set(state) {
      fake.addNode('gpu-1', state === 'stopped' ? { unschedulable: true } : {});
      if (state === 'stopped') fake.pods.clear();
    },
    misbehave(how) {
      const change = verb === 'stop' ? 'create pods/eviction' : 'patch nodes';
      if (how === 'refuses') fake.denied.add(change);
      if (how === 'does-nothing') fake.numb = true;
      if (how === 'hangs') fake.fail(verb === 'stop' ? /^POST .*eviction$/ : /^PATCH/, { kind: 'silence' });
      if (how === 'mute') fake.denied.add('get nodes');
      return true;
    },
    mend: () => void fake.denied.clear(),
    close: () => fake.stop(),
  };
};
describeExecutorContract('kubernetes (scale to 0)', (folder) => scaleStage(folder, 'stop'));
describeExecutorContract('kubernetes (scale back)', (folder) => scaleStage(folder, 'start'));
describeExecutorContract('kubernetes (drain)', (folder) => nodeStage(folder, 'stop'));
describeExecutorContract('kubernetes (uncordon)', (folder) => nodeStage(folder, 'start'));

describe('the kubernetes executor', () => {
  let folder: string;
  let fake: FakeKubernetes;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-kubernetes-'));
    fake = await FakeKubernetes.start();
    fake.addNode('gpu-1', { providerID: 'aws:///eu-central-1a/i-0abc1234def567890' });
    fake.addNode('gpu-2');
    fake.addNode('gpu-3');
  });
  afterEach(async () => {
    await fake.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const start = (more: object = {}) =>
    startRunner({
      folder: join(folder, 'agent'),
      controls: [{ ...controlFor(fake, folder), verify_s: 3, timeout_s: 8, ...more }],
    });
  const drainOf = (more: object = {}) => start({ node: 'gpu-1', ...more });

  it('ends what would not be started again on the node, and leaves daemons, mirrors and what has ended', async () => {
    for (const n of [1, 2, 3]) fake.addPod({ name: `job-${n}`, node: 'gpu-1' });
    fake.addPod({ name: 'dcgm', node: 'gpu-1', owner: 'DaemonSet' });
    fake.addPod({ name: 'kube-proxy', node: 'gpu-1', owner: 'Node', mirror: true });
    fake.addPod({ name: 'done', node: 'gpu-1', owner: 'Job', phase: 'Succeeded' });
    fake.addPod({ name: 'elsewhere', node: 'gpu-2' });
    const { carryOut } = await drainOf();
    expect(await carryOut()).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
    expect(fake.effects).toEqual(['cordon gpu-1', 'evict train/job-1', 'evict train/job-2', 'evict train/job-3']);
    expect([...fake.pods.keys()]).toEqual(['train/dcgm', 'train/kube-proxy', 'train/done', 'train/elsewhere']);
    expect(await carryOut({ actionId: 'act_2', verb: 'start' })).toMatchObject({ outcome: 'succeeded' });
    expect(fake.effects.at(-1)).toBe('uncordon gpu-1');
  });

  it('waits for a disruption budget, and says who holds what when its time is over', async () => {
    fake.addPod({ name: 'server-0', node: 'gpu-1', labels: { app: 'server' } });
    const budget = { labels: { app: 'server' }, allowed: 0 };
    fake.budgets.push(budget);
    const first = await drainOf({ timeout_s: 1 });
    expect(await first.carryOut()).toMatchObject({
      outcome: 'failed',
      observedState: 'running',
      message: expect.stringMatching(
        /train\/server-0 is held by a disruption budget \(The disruption budget train needs 2 healthy pods.*takes no new pods/,
      ),
    });
    expect(fake.effects).toEqual(['cordon gpu-1']);
    first.journal.close();
    setTimeout(() => (budget.allowed = 1), 500);
    const second = await drainOf();
    expect(await second.carryOut({ actionId: 'act_2' })).toMatchObject({ outcome: 'succeeded' });
    expect(fake.effects).toEqual(['cordon gpu-1', 'evict train/server-0']);
  });

  it('says unknown while pods take long to end, and finds out later', async () => {
    fake.addPod({ name: 'saver', node: 'gpu-1', graceMs: 60_000 });
    const { carryOut } = await drainOf({ verify_s: 1 });
    expect(await carryOut()).toMatchObject({
      outcome: 'unknown',
      message: expect.stringContaining('1 pods are ending'),
    });
  });

  it.each([
    ['pods that nobody would start again', { owner: null }, 'unmanaged-pods', /belong to no controller/],
    ['data in an emptyDir', { volumes: [{ name: 'scratch', emptyDir: {} }] }, 'empty-dirs', /deleted with the pod/],
  ])('does not end %s unless that was accepted', async (_, pod, accept, why) => {
    fake.addPod({ name: 'notebook', node: 'gpu-1', ...pod });
    const strict = await drainOf();
    expect(await strict.carryOut({ force: true })).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(why),
    });
    expect(fake.effects).toEqual([]);
    strict.journal.close();
    const { carryOut } = await drainOf({ accept: [accept] });
    expect(await carryOut({ actionId: 'act_2' })).toMatchObject({ outcome: 'succeeded' });
  });

  it('takes shared memory for what it is', async () => {
    fake.addPod({ name: 'trainer', node: 'gpu-1', volumes: [{ name: 'shm', emptyDir: { medium: 'Memory' } }] });
    expect(await (await drainOf()).carryOut()).toMatchObject({ outcome: 'succeeded' });
  });

  it('takes pods again where nothing could be evicted', async () => {
    fake.addPod({ name: 'job', node: 'gpu-1' });
    fake.denied.add('create pods/eviction');
    const { carryOut } = await drainOf();
    expect(await carryOut({ actionId: 'act_0', dryRun: true })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('would not let this account create pods/eviction'),
    });
    expect(await carryOut()).toMatchObject({ outcome: 'refused', message: expect.stringContaining('forbidden') });
    expect(fake.effects).toEqual(['cordon gpu-1', 'uncordon gpu-1']);
  });

  it('finds the node of an instance by its provider id', async () => {
    const instanceId = 'i-0abc1234def567890';
    const { carryOut } = await start({ instances: [instanceId, 'gpu-3', 'i-none'] });
    expect(await carryOut({ instanceId })).toMatchObject({ outcome: 'succeeded' });
    expect(await carryOut({ instanceId: 'gpu-3', actionId: 'act_2' })).toMatchObject({ outcome: 'succeeded' });
    expect(fake.effects).toEqual(['cordon gpu-1', 'cordon gpu-3']);
    expect(await carryOut({ instanceId: 'i-none', actionId: 'act_3' })).toMatchObject({ outcome: 'refused' });
  });

  it('scales to nothing and back to the number that was there, through conflicts and lost answers', async () => {
    fake.addWorkload('deployments', 'trainer', 4);
    fake.addWorkload('statefulsets', 'shards', 2, 'data');
    const workloads = [
      { kind: 'Deployment', name: 'trainer' },
      { kind: 'StatefulSet', namespace: 'data', name: 'shards' },
    ];
    const { carryOut } = await start({ workloads });
    fake.fail(/^PATCH .*trainer/, { kind: 'error', status: 409, reason: 'Conflict' }, { kind: 'reset-after-effect' });
    fake.fail(/^PATCH .*shards/, { kind: 'error', status: 429, reason: 'TooManyRequests', retryAfterS: 1 });
    expect(await carryOut()).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
    expect(fake.workloads.get('deployments/train/trainer')?.metadata.annotations).toEqual({
      'flotilla/replicas-before-stop': '4',
    });
    expect(await carryOut({ actionId: 'act_2', verb: 'start' })).toMatchObject({
      outcome: 'succeeded',
      observedState: 'running',
    });
    expect(fake.effects).toEqual([
      'scale deployments/train/trainer 4→0',
      'scale statefulsets/data/shards 2→0',
      'scale deployments/train/trainer 0→4',
      'scale statefulsets/data/shards 0→2',
    ]);
    expect(fake.workloads.get('deployments/train/trainer')?.metadata.annotations).toEqual({});
  });

  it('starts nothing whose number nobody remembers', async () => {
    fake.addWorkload('deployments', 'trainer', 0);
    const { carryOut } = await start({ workloads: [{ kind: 'Deployment', name: 'trainer' }] });
    expect(await carryOut({ verb: 'start' })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('nobody remembers how many'),
    });
  });

  it('shows its token only to the cluster that its authority signed', async () => {
    const stranger = await FakeKubernetes.start();
    try {
      const control = controlFor(fake, folder, { node: 'gpu-1', verify_s: 1, timeout_s: 1 });
      const text = fake.kubeconfig().replace(`:${fake.port}`, `:${stranger.port}`);
      writeFileSync(control.kubeconfig, text);
      const { carryOut } = await startRunner({ folder: join(folder, 'agent'), controls: [control] });
      expect(await carryOut()).toMatchObject({
        outcome: 'refused',
        message: expect.stringContaining('is not trusted'),
      });
      expect(stranger.calls).toEqual([]);
    } finally {
      await stranger.stop();
    }
  });
});
