import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { awsMetadata, FakeMetadata } from '../support/fake-cloud-metadata/index.js';
import { FakeEc2 } from '../support/fake-ec2/fake-ec2.js';
import type { Api, Json } from './support/api.js';
import { Host } from './support/host.js';
import { gpuCapture } from './support/real-data.js';
import { System } from './support/system.js';
import { until } from './support/until.js';

const ID = 'i-0fedcba9876543210';
const BUSY = / was at 80 % /;
const TERMINAL = ['succeeded', 'failed', 'refused', 'expired', 'cancelled', 'rejected'];

/** A machine on EC2 with an agent of its own, and another agent that holds the keys to EC2. */
describe('an EC2 instance, switched by an agent elsewhere', () => {
  const capture = gpuCapture();
  const hosts: Host[] = [];
  let system: System;
  let api: Api;
  let ec2: FakeEc2;
  let metadata: FakeMetadata;
  let machine: Host;
  let controller: Host;
  let id: number;

  const hostOf = (name: string, n: number, controls?: readonly { kind: string }[]) => {
    const uuid = `GPU-00000000-0000-0000-0000-00000000000${n}`;
    const scenario = { gpus: [{ capture: capture.folder, state: 'idle' as const, uuid }] };
    const host = new Host(system, name, { scenario, ...(controls ? { controls } : {}) });
    hosts.push(host);
    return host;
  };
  const work = (percent: number) =>
    machine.replay.update((scenario) => {
      scenario.gpus[0]!.values = { 'utilization.gpu': percent };
    });
  const startMachine = async () => {
    machine.kill();
    await until('the agent of the machine is gone', () => machine.isDead);
    await machine.start(api, { FLOTILLA_METADATA_ADDRESS: metadata.address, FLOTILLA_METADATA_CLOUD: 'aws' });
  };
  /** Its type has local disks: whoever stops it says that they know. */
  const ask = async (verb: 'start' | 'stop', more: object = {}): Promise<string> => {
    const accept = verb === 'stop' ? { accept: ['local_disks'] } : {};
    return (await api.post(`/instances/${id}/${verb}`, { reason: 'a test', ...accept, ...more })).data
      .action_id as string;
  };
  const ended = (actionId: string): Promise<Json> =>
    until(
      'the action has ended',
      async () => {
        const { data } = await api.get(`/actions/${actionId}`);
        return TERMINAL.includes(data.status) ? data : null;
      },
      { withinMs: 60_000, because: () => controller.output.slice(-3000) },
    );
  const stateIs = (state: string) =>
    until(`the instance is ${state}`, async () => (await api.get(`/instances/${id}`)).data.state === state);

  beforeAll(async () => {
    ec2 = await FakeEc2.start({ region: 'us-east-1' });
    ec2.add({ id: ID, type: 'p5.48xlarge', changeMs: 700 });
    metadata = await FakeMetadata.start(awsMetadata({ instanceId: ID }));
    system = await System.start({}, ['--no-agent']);
    api = await system.login();
    machine = hostOf(ID, 1);
    await startMachine();
    id = (await machine.instance(api)).id as number;
    const keys = join(system.folder, 'aws-credentials');
    writeFileSync(keys, '[fleet]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret-of-the-example\n');
    controller = hostOf('ec2-controller', 2, [
      {
        kind: 'aws-ec2',
        region: 'us-east-1',
        account: ec2.account,
        endpoint: ec2.url.origin,
        profile: 'fleet',
        credentials_file: keys,
        accept: ['local-disks'],
        verify_s: 30,
      } as { kind: string },
    ]);
    await controller.start(api);
    await controller.instance(api);
  }, 240_000);

  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await system?.stop();
    await ec2?.stop();
    metadata?.stop();
  }, 60_000);

  it('is stopped by one StopInstances when it is idle, which is verified, and not by its own agent', async () => {
    const action = await until(
      'it has been idle for long enough',
      async () => {
        await pause(5_000);
        const done = await ended(await ask('stop'));
        return done.status === 'refused' ? null : done;
      },
      { withinMs: 150_000 },
    );
    expect(JSON.stringify(action.timeline)).toContain('judged by the control plane: idle since');
    expect(action).toMatchObject({
      status: 'succeeded',
      controller: { kind: 'aws-ec2', level: 'power' },
      result: { observed_state: 'stopped' },
    });
    machine.kill();
    expect(ec2.calls.filter((call) => call === 'StopInstances')).toHaveLength(1);
    expect([ec2.transitions(ID, 'stop'), machine.commandsRun()]).toEqual([1, []]);
    await stateIs('stopped');
  }, 180_000);

  it('is started again, which nobody on the machine itself could do', async () => {
    expect(await ended(await ask('start'))).toMatchObject({
      status: 'succeeded',
      controller: { kind: 'aws-ec2' },
      result: { observed_state: 'running' },
    });
    expect(ec2.transitions(ID, 'start')).toBe(1);
    await startMachine();
    await machine.instance(api);
    await stateIs('running');
  }, 90_000);

  it('is not stopped while it is busy, and the controller does not hear of it', async () => {
    work(80);
    await until(
      'its readings have arrived: a stop would be refused',
      async () => {
        await pause(1_000);
        return BUSY.test((await ended(await ask('stop', { dry_run: true }))).message);
      },
      { withinMs: 60_000 },
    );
    const action = await ended(await ask('stop'));
    expect(action).toMatchObject({ status: 'refused', message: expect.stringMatching(BUSY) });
    expect(action).toMatchObject({ attempts: 0, result: null });
    expect(action.timeline.at(-1)).toMatchObject({ to: 'refused', by: { label: 'control plane' } });
    expect(ec2.transitions(ID, 'stop')).toBe(1);
    work(0);
  }, 90_000);

  it('is stopped once although the controller is killed between the effect and the answer', async () => {
    controller.kill();
    await until('the controller is gone', () => controller.isDead);
    await controller.start(api, { FLOTILLA_TEST: '1', FLOTILLA_FAILPOINT: 'after-request' });
    await controller.instance(api);
    const actionId = await ask('stop', { force: true });
    await until('the controller has killed itself', () => controller.isDead, {
      withinMs: 40_000,
      because: () => controller.output.slice(-3000),
    });
    expect(ec2.transitions(ID, 'stop')).toBe(2);
    await controller.start(api);
    expect(await ended(actionId)).toMatchObject({ status: 'succeeded', result: { observed_state: 'stopped' } });
    expect(ec2.calls.filter((call) => call === 'StopInstances')).toHaveLength(2);
    expect(ec2.transitions(ID, 'stop')).toBe(2);
  }, 120_000);
});
