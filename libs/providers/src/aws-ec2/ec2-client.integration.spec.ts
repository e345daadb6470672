import { FakeEc2 } from '../../../../test/support/fake-ec2/fake-ec2.js';
import type { FakeEc2Options } from '../../../../test/support/fake-ec2/fake-ec2.js';
import { fixedAwsCredentials } from '../aws/index.js';
import type { AwsCredentialSource } from '../aws/index.js';
import { HttpFailure } from '../http/index.js';
import { Ec2Client } from './ec2-client.js';
import { isUncertain } from './ec2-error.js';
import type { Ec2Error } from './ec2-error.js';

const ID = 'i-0abc1234def567890';
const KEYS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret-of-the-example' };

describe('Ec2Client', () => {
  let fake: FakeEc2;
  const paused: number[] = [];
  afterEach(() => fake.stop());

  const clientOf = async (
    options: FakeEc2Options = {},
    credentials: AwsCredentialSource = fixedAwsCredentials(KEYS),
    more: { timeoutMs?: number; region?: string } = {},
  ) => {
    paused.length = 0;
    fake = await FakeEc2.start(options);
    fake.add({ id: ID, type: 'p5.48xlarge', tags: { Name: 'train & eval <1>', team: 'ml' }, changeMs: 60 });
    return new Ec2Client({
      region: 'eu-central-1',
      credentials,
      endpoint: fake.url,
      nowMs: Date.now,
      patience: { pause: (ms) => (paused.push(ms), Promise.resolve()), random: () => 1 },
      ...more,
    });
  };
  const errorOf = (promise: Promise<unknown>) =>
    promise.then(
      () => null,
      (error: unknown) => error as Ec2Error | HttpFailure,
    );

  it('reads what an instance is, and null for one that is not there', async () => {
    const client = await clientOf();
    expect(await client.instance(ID)).toMatchObject({
      id: ID,
      name: 'train & eval <1>',
      state: 'running',
      account: '123456789012',
      instanceType: 'p5.48xlarge',
      zone: 'eu-central-1a',
      lifecycle: null,
      rootDevice: 'ebs',
      stateReason: null,
      tags: { team: 'ml' },
    });
    expect(await client.instance('i-0000000000000000f')).toBeNull();
    expect(await client.localStorageGb('p5.48xlarge')).toBe(30_400);
    expect(await client.localStorageGb('m5.large')).toBe(0);
  });

  it('stops and starts, and says from what to what', async () => {
    const client = await clientOf();
    expect(await client.stop(ID)).toEqual({ before: 'running', now: 'stopping' });
    expect((await client.instance(ID))?.stateReason).toBe('Client.UserInitiatedShutdown: User initiated shutdown');
    await new Promise((resolve) => setTimeout(resolve, 80));
    expect(await client.stop(ID)).toEqual({ before: 'stopped', now: 'stopped' });
    expect(await client.start(ID)).toEqual({ before: 'stopped', now: 'pending' });
    expect(fake.transitions(ID, 'stop')).toBe(1);
  });

  it('asks for permission without doing it', async () => {
    const client = await clientOf();
    expect(await client.mayChange('stop', ID)).toMatchObject({ allowed: true });
    fake.denied.add('StopInstances');
    expect(await client.mayChange('stop', ID)).toMatchObject({
      allowed: false,
      said: expect.stringContaining('not authorized to perform: ec2:StopInstances'),
    });
    expect(fake.effects).toEqual([]);
    expect(await errorOf(client.stop(ID))).toMatchObject({ code: 'UnauthorizedOperation', status: 403 });
  });

  it('waits longer and longer while EC2 says that it is asked too often, for changes too', async () => {
    const client = await clientOf();
    const busy = { kind: 'error', code: 'RequestLimitExceeded', status: 503 } as const;
    fake.fail('StopInstances', busy, busy, busy);
    expect(await client.stop(ID)).toMatchObject({ now: 'stopping' });
    // 500 ms × 2^(n-1), with the jitter at its most
    expect(paused).toEqual([500, 1000, 2000]);
    fake.fail('DescribeInstances', ...Array(6).fill(busy));
    expect(await errorOf(client.instance(ID))).toMatchObject({ code: 'RequestLimitExceeded' });
  });

  it.each([
    ['an internal error', { kind: 'error', code: 'InternalError', status: 500 }, 0],
    ["a proxy's page", { kind: 'page', status: 502 }, 0],
    ['a connection that breaks', { kind: 'reset' }, 0],
    ['a connection that breaks after the effect', { kind: 'reset-after-effect' }, 1],
    ['silence after the effect', { kind: 'silence-after-effect' }, 1],
  ] as const)('repeats a look after %s, and never a change', async (_, fault, effects) => {
    const client = await clientOf({}, undefined, { timeoutMs: 250 });
    fake.fail('DescribeInstances', fault);
    expect(await client.instance(ID)).toMatchObject({ state: 'running' });
    fake.fail('StopInstances', fault);
    const error = await errorOf(client.stop(ID));
    expect(error instanceof HttpFailure ? error.mayHaveArrived : isUncertain(error as Ec2Error)).toBe(true);
    expect(fake.calls.filter((call) => call === 'StopInstances')).toHaveLength(1);
    expect(fake.transitions(ID, 'stop')).toBe(effects);
  });

  it('says that a request never left where nobody listens', async () => {
    const client = await clientOf();
    await fake.stop();
    expect(await errorOf(client.stop(ID))).toMatchObject({ mayHaveArrived: false });
    // it did nothing, so it was tried again before it was given up
    expect(paused).toHaveLength(5);
    fake = await FakeEc2.start();
  });

  it('asks for new keys when the old ones ended', async () => {
    let renewed = 0;
    const ended = { ...KEYS, sessionToken: 'old' };
    const client = await clientOf(
      { keys: { AKIDEXAMPLE: { secretAccessKey: KEYS.secretAccessKey, sessionToken: 'new' } } },
      {
        get: () => Promise.resolve(renewed > 0 ? { ...KEYS, sessionToken: 'new' } : ended),
        renew: () => (renewed++, Promise.resolve({ ...KEYS, sessionToken: 'new' })),
      },
    );
    fake.keys['AKIDEXAMPLE'] = { secretAccessKey: KEYS.secretAccessKey };
    fake.fail('StopInstances', { kind: 'error', code: 'ExpiredToken', status: 400 });
    expect(await client.stop(ID)).toMatchObject({ now: 'stopping' });
    expect(renewed).toBe(1);
    fake.fail('StartInstances', ...Array(2).fill({ kind: 'error', code: 'ExpiredToken', status: 400 }));
    expect(await errorOf(client.start(ID))).toMatchObject({ code: 'ExpiredToken' });
  });

  it("follows EC2's clock when its own is wrong", async () => {
    const client = await clientOf({ clockOffsetMs: 3_600_000 });
    expect(await client.instance(ID)).toMatchObject({ state: 'running' });
    expect(await client.stop(ID)).toMatchObject({ now: 'stopping' });
  });

  it('is let in by nobody with other keys', async () => {
    const client = await clientOf({}, fixedAwsCredentials({ ...KEYS, secretAccessKey: 'wrong' }));
    expect(await errorOf(client.instance(ID))).toMatchObject({ code: 'SignatureDoesNotMatch' });
  });
});
