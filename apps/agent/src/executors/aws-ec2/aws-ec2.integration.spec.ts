import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExecutorContract, startRunner } from '../../../../../test/support/executor-contract/index.js';
import type { ContractStage } from '../../../../../test/support/executor-contract/index.js';
import { FakeEc2 } from '../../../../../test/support/fake-ec2/fake-ec2.js';
import type { MachineOptions } from '../../../../../test/support/fake-ec2/machine.js';

const ID = 'i-0abc1234def567890';

/** A control as somebody would write it, with keys of a profile in a file. */
function controlFor(fake: FakeEc2, folder: string, more: object = {}) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'credentials');
  writeFileSync(file, '[fleet]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-the-example\n');
  return {
    kind: 'aws-ec2',
    region: fake.region,
    endpoint: fake.url.origin,
    profile: 'fleet',
    credentials_file: file,
    ...more,
  } as const;
}

const stageFor = async (folder: string, verb: 'start' | 'stop'): Promise<ContractStage> => {
  const fake = await FakeEc2.start();
  const machine = fake.add({ id: ID, state: verb === 'stop' ? 'running' : 'stopped', changeMs: 50 });
  return {
    control: controlFor(fake, folder, { account: fake.account }),
    instanceId: ID,
    verb,
    state: async () => {
      const state = machine.settle();
      return state === 'running' || state === 'stopped' ? state : 'between';
    },
    effects: () => fake.effects.filter(({ changed }) => changed).length,
    set: (state) => machine.put(state),
    misbehave(how) {
      const action = verb === 'stop' ? 'StopInstances' : 'StartInstances';
      if (how === 'refuses') fake.denied.add(action);
      if (how === 'does-nothing') fake.numb = true;
      if (how === 'hangs') fake.fail(action, { kind: 'silence' });
      if (how === 'mute') fake.denied.add('DescribeInstances');
      // a start that was taken is watched for longer than the contract waits
      return !(how === 'does-nothing' && verb === 'start');
    },
    mend: () => void fake.denied.clear(),
    close: () => fake.stop(),
  };
};
describeExecutorContract('aws-ec2 (stop)', (folder) => stageFor(folder, 'stop'));
describeExecutorContract('aws-ec2 (start)', (folder) => stageFor(folder, 'start'));

describe('the aws-ec2 executor', () => {
  let folder: string;
  let fake: FakeEc2;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-ec2-'));
    fake = await FakeEc2.start();
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
  const asked = { instanceId: ID, controlKind: 'aws-ec2' };

  it('announces its account and region, or the instances that it names', async () => {
    const scoped = await start({ account: '123456789012' });
    expect(scoped.executors[0]?.control).toMatchObject({
      instanceIds: [],
      scope: { account: '123456789012', region: 'eu-central-1' },
      level: 'power',
    });
    scoped.journal.close();
    const named = await start({ instances: [ID] });
    expect(named.executors[0]?.control).toMatchObject({ instanceIds: [ID], scope: {} });
  });

  it.each<[string, Partial<MachineOptions>, string | null, RegExp]>([
    [
      'a p5 with 30 TB of local disks',
      { type: 'p5.48xlarge' },
      'local-disks',
      /30400 GB of local disks, .* gone for good/,
    ],
    [
      'a member of an Auto Scaling group',
      { tags: { 'aws:autoscaling:groupName': 'train-asg' } },
      'auto-scaling',
      /Auto Scaling group train-asg.*starts another/,
    ],
    [
      'a persistent Spot instance',
      { lifecycle: 'spot', spotRequest: { id: 'sir-1', type: 'persistent' } },
      'spot',
      /may be no capacity/,
    ],
    [
      'a one-time Spot instance',
      { lifecycle: 'spot', spotRequest: { id: 'sir-1', type: 'one-time' } },
      null,
      /only terminate/,
    ],
    ['a Capacity Block', { lifecycle: 'capacity-block' }, 'reserved-capacity', /saves nothing/],
    ['a root volume in the instance store', { rootDevice: 'instance-store' }, null, /only terminate/],
  ])('does not stop %s unless that was accepted, force or not', async (_, machine, accept, why) => {
    fake.add({ id: ID, changeMs: 50, ...machine });
    const strict = await start();
    for (const [at, more] of [{}, { force: true }, { dryRun: true }].entries()) {
      const outcome = await strict.carryOut({ ...asked, ...more, actionId: `act_${at}` });
      expect(outcome).toMatchObject({ outcome: 'refused', message: expect.stringMatching(why) });
    }
    expect(fake.effects).toEqual([]);
    strict.journal.close();
    if (accept === null) return;
    const { carryOut } = await start({ accept: [accept] });
    expect(await carryOut({ ...asked, actionId: 'act_9' })).toMatchObject({
      outcome: 'succeeded',
      observedState: 'stopped',
    });
  });

  it('knows the families with local disks where it may not ask for the type', async () => {
    fake.add({ id: ID, type: 'g6e.12xlarge' });
    fake.denied.add('DescribeInstanceTypes');
    const { carryOut } = await start();
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('with local disks'),
    });
  });

  it('says that reserved capacity is paid while it is stopped', async () => {
    fake.add({ id: ID, reservationId: 'cr-0123456789abcdef0', changeMs: 50 });
    const { carryOut } = await start();
    const dry = await carryOut({ ...asked, actionId: 'act_0', dryRun: true });
    expect(dry).toMatchObject({ outcome: 'succeeded', message: expect.stringContaining('cr-0123456789abcdef0') });
    expect(fake.calls).toContain('StopInstances(dry)');
    expect(await carryOut(asked)).toMatchObject({ outcome: 'succeeded' });
  });

  it.each([
    ['there is no machine at once', {}, { kind: 'error', code: 'InsufficientInstanceCapacity', status: 500 }],
    ['there is no machine a moment later', { capacityEndsLate: true }, null],
  ] as const)('says so when %s, and that it stays stopped', async (_, machine, fault) => {
    fake.add({ id: ID, state: 'stopped', changeMs: 100, ...machine });
    if (fault) fake.fail('StartInstances', fault);
    const { carryOut } = await start();
    expect(await carryOut({ ...asked, verb: 'start' })).toMatchObject({
      outcome: 'failed',
      observedState: 'stopped',
      message: expect.stringMatching(/InsufficientInstanceCapacity.*again later/s),
    });
    expect(fake.transitions(ID, 'start')).toBeLessThanOrEqual(1);
  });

  it('waits while the instance is between two states, and asks again when it rests', async () => {
    const machine = fake.add({ id: ID, state: 'running', changeMs: 1_000 });
    machine.ask('stop');
    const { carryOut } = await start();
    const outcome = await carryOut({ ...asked, verb: 'start' });
    expect(outcome).toMatchObject({ outcome: 'succeeded', observedState: 'running' });
    expect(fake.transitions(ID, 'start')).toBe(1);
  });

  it.each([
    ['the answer never comes', { kind: 'silence-after-effect' }],
    ['the connection breaks', { kind: 'reset-after-effect' }],
  ] as const)('sends one Stop although %s, and believes what it reads', async (_, fault) => {
    fake.add({ id: ID, changeMs: 200 });
    fake.fail('StopInstances', fault);
    fake.lag(2);
    const { carryOut } = await start({ timeout_s: 1 });
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'succeeded',
      observedState: 'stopped',
      message: expect.stringContaining('although'),
    });
    expect(fake.calls.filter((call) => call === 'StopInstances')).toHaveLength(1);
    expect(fake.transitions(ID, 'stop')).toBe(1);
  });

  it('outlives old answers, throttling and keys that end meanwhile with one effect', async () => {
    fake.add({ id: ID, changeMs: 100 });
    const busy = { kind: 'error', code: 'RequestLimitExceeded', status: 503 } as const;
    fake.fail('StopInstances', busy, { kind: 'error', code: 'ExpiredToken', status: 400 });
    fake.fail('DescribeInstances', { kind: 'page', status: 502 });
    fake.lag(5);
    const { carryOut } = await start();
    expect(await carryOut(asked)).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
    expect(fake.transitions(ID, 'stop')).toBe(1);
  });

  it('does not take its own idle GPUs for those of the instance', async () => {
    fake.add({ id: ID, changeMs: 50 });
    const { carryOut } = await start();
    const idle = { idleSinceMs: Date.now() - 600_000, idleBelowPercent: 5 };
    expect(await carryOut({ ...asked, ...idle })).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/cannot see the GPUs of i-0abc.*with force/),
    });
    expect(fake.effects).toEqual([]);
    expect(await carryOut({ ...asked, ...idle, actionId: 'act_2', force: true })).toMatchObject({
      outcome: 'succeeded',
    });
  });

  it("tells EC2's own word when the instance is protected there", async () => {
    fake.add({ id: ID, stopProtected: true });
    const { carryOut } = await start();
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('disableApiStop'),
    });
  });

  it('refuses an instance of another account, and one that is not there', async () => {
    fake.add({ id: ID });
    const { carryOut } = await start({ account: '999999999999' });
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('999999999999'),
    });
    expect(await carryOut({ ...asked, actionId: 'act_2', instanceId: 'i-0ffffffffffffffff' })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('see no instance'),
    });
  });

  it('finds the region that has it among several controls', async () => {
    const there = await FakeEc2.start({ region: 'us-east-1' });
    try {
      there.add({ id: ID, changeMs: 50 });
      const limits = { verify_s: 3, timeout_s: 8 };
      const { carryOut } = await startRunner({
        folder: join(folder, 'agent'),
        controls: [
          { ...controlFor(fake, folder), ...limits },
          { ...controlFor(there, folder), ...limits },
        ],
      });
      expect(await carryOut(asked)).toMatchObject({ outcome: 'succeeded' });
      expect([fake.effects.length, there.transitions(ID, 'stop')]).toEqual([0, 1]);
    } finally {
      await there.stop();
    }
  });

  it('says where credentials were looked for when there are none', async () => {
    fake.add({ id: ID });
    const { carryOut } = await start({ profile: 'nobody' });
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/no AWS credentials: looked at the profile nobody/),
    });
  });
});
