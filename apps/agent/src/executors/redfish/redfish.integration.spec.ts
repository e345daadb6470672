import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExecutorContract, startRunner } from '../../../../../test/support/executor-contract/index.js';
import type { ContractStage } from '../../../../../test/support/executor-contract/index.js';
import { FakeRedfish } from '../../../../../test/support/fake-redfish/fake-redfish.js';
import type { FakeRedfishOptions } from '../../../../../test/support/fake-redfish/fake-redfish.js';

function bmcFor(fake: FakeRedfish, folder: string, more: object = {}) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'password');
  writeFileSync(file, `${fake.password}\n`);
  const trust = { fingerprint_sha256: fake.fingerprint };
  return { instance: 'node-7', url: fake.url, user: 'operator', password_file: file, ...trust, ...more };
}

const stageFor = async (folder: string, verb: 'start' | 'stop'): Promise<ContractStage> => {
  const fake = await FakeRedfish.start({ power: verb === 'stop' ? 'On' : 'Off' });
  return {
    control: { kind: 'redfish', bmcs: [bmcFor(fake, folder)] },
    instanceId: 'node-7',
    verb,
    state: async () => (fake.power === 'On' ? 'running' : 'stopped'),
    effects: () => fake.effects.length,
    set: (state) => void (fake.power = state === 'running' ? 'On' : 'Off'),
    misbehave(how) {
      if (how === 'refuses') fake.forbidden = true;
      if (how === 'does-nothing') fake.deaf = true;
      if (how === 'hangs') fake.fail(/^POST .*Reset$/, { kind: 'silence' });
      if (how === 'mute') fake.fail(/^GET .*Systems/, ...Array(4).fill({ kind: 'error', status: 404 }));
      return !(how === 'does-nothing' && verb === 'start');
    },
    mend: () => undefined,
    close: () => fake.stop(),
  };
};
describeExecutorContract('redfish (off)', (folder) => stageFor(folder, 'stop'));
describeExecutorContract('redfish (on)', (folder) => stageFor(folder, 'start'));

describe('the redfish executor', () => {
  let folder: string;
  const fakes: FakeRedfish[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-redfish-'));
  });
  afterEach(async () => {
    for (const fake of fakes.splice(0)) await fake.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const bmc = async (options: FakeRedfishOptions = {}) => {
    const fake = await FakeRedfish.start(options);
    fakes.push(fake);
    return fake;
  };
  const start = (bmcs: readonly object[], more: object = {}) =>
    startRunner({
      folder: join(folder, 'agent'),
      controls: [{ kind: 'redfish', bmcs, verify_s: 3, timeout_s: 5, ...more }],
    });
  const asked = { instanceId: 'node-7' };

  it('shuts down in order and switches on, with one login, over a pinned certificate', async () => {
    const fake = await bmc();
    const { carryOut, executors } = await start([bmcFor(fake, folder)]);
    expect(executors[0]?.control).toMatchObject({ kind: 'redfish', instanceIds: ['node-7'], level: 'power' });
    expect(await carryOut(asked)).toMatchObject({ outcome: 'succeeded', observedState: 'stopped' });
    expect(await carryOut({ ...asked, actionId: 'act_2', verb: 'start' })).toMatchObject({ outcome: 'succeeded' });
    expect([fake.effects, fake.logins]).toEqual([['GracefulShutdown', 'On'], 1]);
  });

  it('reaches each of several BMCs, by the authority of its certificate and by the password too', async () => {
    const [one, two] = [await bmc(), await bmc({ systems: ['left', 'right'] })];
    const { carryOut } = await start([
      bmcFor(one, folder, { fingerprint_sha256: undefined, auth: 'basic', ca_file: write('ca', one.caPem) }),
      bmcFor(two, folder, { instance: 'node-8', system: '/redfish/v1/Systems/right' }),
    ]);
    expect(await carryOut(asked)).toMatchObject({ outcome: 'succeeded' });
    expect(await carryOut({ instanceId: 'node-8', actionId: 'act_2' })).toMatchObject({ outcome: 'succeeded' });
    expect([one.logins, one.effects, two.effects]).toEqual([0, ['GracefulShutdown'], ['GracefulShutdown']]);
    expect(two.calls).toContain('POST /redfish/v1/Systems/right/Actions/ComputerSystem.Reset');
  });

  it.each([
    ['a certificate that is not the pinned one', { fingerprint_sha256: 'AB'.repeat(32) }, /certificate is another one/],
    ['a certificate that nobody vouches for', { fingerprint_sha256: undefined }, /is not trusted/],
  ])('sends no password to %s', async (_, more, why) => {
    const fake = await bmc();
    const { carryOut } = await start([bmcFor(fake, folder, more)]);
    expect(await carryOut(asked)).toMatchObject({ outcome: 'refused', message: expect.stringMatching(why) });
    expect(fake.calls).toEqual([]);
  });

  it('takes the power away only where that is configured, and only after the time that was given', async () => {
    const fake = await bmc();
    fake.deaf = true;
    const kind = await start([bmcFor(fake, folder)], { verify_s: 1 });
    expect(await kind.carryOut(asked)).toMatchObject({ outcome: 'failed', observedState: 'running' });
    expect(fake.effects).toEqual([]);
    kind.journal.close();
    const firm = await start([bmcFor(fake, folder)], { force_off_after_s: 1 });
    expect(await firm.carryOut({ ...asked, actionId: 'act_2' })).toMatchObject({
      outcome: 'succeeded',
      observedState: 'stopped',
    });
    expect(fake.effects).toEqual(['ForceOff']);
  });

  it('says what the BMC cannot do', async () => {
    const fake = await bmc({ resetTypes: ['ForceOff', 'ForceRestart'], actionInfo: true });
    const { carryOut } = await start([bmcFor(fake, folder)]);
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(/it knows ForceOff, ForceRestart; .*force_off_after_s/),
    });
    expect(await carryOut({ ...asked, actionId: 'act_2', verb: 'start' })).toMatchObject({ outcome: 'refused' });
  });

  it('follows tasks, and gives the version where it is asked for', async () => {
    const [tasks, fails, tags] = [
      await bmc({ tasks: 'complete' }),
      await bmc({ tasks: 'fail' }),
      await bmc({ wantsTag: true }),
    ];
    const { carryOut } = await start(
      [tasks, fails, tags].map((fake, n) => bmcFor(fake, folder, { instance: `node-${n}` })),
      { verify_s: 1 },
    );
    const outcomes = [];
    for (const n of [0, 1, 2]) outcomes.push(await carryOut({ instanceId: `node-${n}`, actionId: `act_${n}` }));
    expect(outcomes).toMatchObject([
      { outcome: 'succeeded' },
      { outcome: 'failed', message: expect.stringContaining('Exception: The chassis is locked.') },
      { outcome: 'succeeded' },
    ]);
    expect(tags.effects).toEqual(['GracefulShutdown']);
  });

  it('outlives ended sessions, a busy BMC and lost answers with one effect', async () => {
    const fake = await bmc({ changeMs: 200 });
    const { carryOut } = await start([bmcFor(fake, folder)]);
    expect(await carryOut({ ...asked, actionId: 'act_0', dryRun: true })).toMatchObject({ outcome: 'succeeded' });
    fake.sessions.clear();
    fake.fail(/^POST .*Reset$/, { kind: 'error', status: 503 }, { kind: 'reset-after-effect' });
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'succeeded',
      message: expect.stringContaining('although whether the BMC took it is not known'),
    });
    expect([fake.effects, fake.logins]).toEqual([['GracefulShutdown'], 2]);
  });

  it('asks which system is meant where the BMC has several, and says so when it is not let in', async () => {
    const [two, locked] = [await bmc({ systems: ['left', 'right'] }), await bmc()];
    const entry = bmcFor(locked, folder, { instance: 'node-8' });
    locked.password = 'changed';
    const { carryOut } = await start([bmcFor(two, folder), { ...entry, password_file: write('old', 'correct horse') }]);
    expect(await carryOut(asked)).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('several systems'),
    });
    expect(await carryOut({ instanceId: 'node-8', actionId: 'act_2' })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('did not let operator in'),
    });
  });

  function write(name: string, text: string): string {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  }
});
