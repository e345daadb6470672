import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { FakeSystemctl } from '../../../../test/support/fake-systemctl/fake-systemctl.js';
import { systemClock } from '../clock.js';
import { parseFile } from '../config/settings.js';
import { silentLog } from '../log.js';
import type { IdleAnswer } from '../minute/activity.js';
import { ActionJournal } from './action-journal.js';
import { ActionRunner } from './action-runner.js';
import type { Result } from './action-runner.js';
import type { ActionOffer } from './executor.js';
import { createExecutors } from './index.js';
import { toolsFor } from '../../../../test/support/executor-contract/tools.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-executors-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, HOME: '/', LANG: 'C.UTF-8' };
const journalPath = () => join(folder, 'actions', 'journal');

async function runnerFor(
  controls: object[],
  idle: IdleAnswer = { idle: true },
  journal: ActionJournal | null = new ActionJournal(journalPath(), Date.now()),
) {
  const settings = parseFile(JSON.stringify({ controls }), 'test');
  const runner = new ActionRunner({
    journal,
    folder: join(folder, 'actions'),
    executors: await createExecutors(settings.controls, toolsFor({ commandEnv: env })),
    ownInstanceId: 'host-1',
    formerInstanceId: 'host-0',
    clock: systemClock,
    nowMs: () => Date.now(),
    idleSince: () => idle,
    gpuProcesses: async () => [],
    log: silentLog,
  });
  const results: Result[] = [];
  const accepted: string[] = [];
  runner.onResult = (result) => void results.push(result);
  runner.onAccepted = (id, fence) => void accepted.push(`${id}/${fence}`);
  const carryOut = async (more: Partial<ActionOffer> = {}) => {
    runner.offer(offer(more));
    await runner.idle();
    return results.at(-1)?.outcome;
  };
  return { runner, results, accepted, carryOut, journal };
}

const offer = (more: Partial<ActionOffer> = {}): ActionOffer => ({
  actionId: 'act_1',
  fence: 1,
  verb: 'stop',
  instanceId: 'host-1',
  controlKind: '',
  argumentsJson: '{}',
  expiresAtMs: 0,
  force: false,
  idleSinceMs: 0,
  idleBelowPercent: 0,
  ...more,
});

describe('the systemd executor', () => {
  const control = (systemctl: FakeSystemctl, more: object = {}) => ({
    kind: 'systemd',
    units: ['train.service', 'train-log.service'],
    systemctl: systemctl.executable,
    verify_s: 1,
    ...more,
  });

  it('stops and starts its units by argument arrays, and reads the state back', async () => {
    const systemctl = new FakeSystemctl(join(folder, 's'), {
      'train.service': 'active',
      'train-log.service': 'active',
    });
    const { carryOut } = await runnerFor([control(systemctl)]);
    expect(await carryOut()).toMatchObject({ outcome: 'succeeded', exitCode: 0, observedState: 'stopped' });
    expect(systemctl.state('train.service')).toBe('inactive');
    expect(await carryOut({ actionId: 'act_2', verb: 'start' })).toMatchObject({
      outcome: 'succeeded',
      observedState: 'running',
    });
    expect(systemctl.acts()).toEqual([
      ['stop', '--', 'train.service', 'train-log.service'],
      ['start', '--', 'train.service', 'train-log.service'],
    ]);
  });

  it('obeys an order that still names the host as it was called before its cloud said its name, and no other', async () => {
    const systemctl = new FakeSystemctl(join(folder, 's'), {
      'train.service': 'active',
      'train-log.service': 'active',
    });
    const { carryOut } = await runnerFor([control(systemctl)]);
    expect(await carryOut({ instanceId: 'host-2' })).toMatchObject({ outcome: 'refused' });
    expect(systemctl.acts()).toEqual([]);
    const known = { instanceId: 'host-0', idleSinceMs: 1, idleBelowPercent: 5 };
    expect(await carryOut({ ...known, actionId: 'act_2' })).toMatchObject({ outcome: 'succeeded' });
  });

  it('does nothing when it is as wished already', async () => {
    const systemctl = new FakeSystemctl(join(folder, 's'), {
      'train.service': 'inactive',
      'train-log.service': 'failed',
    });
    const { carryOut } = await runnerFor([control(systemctl)]);
    expect(await carryOut()).toMatchObject({
      outcome: 'succeeded',
      message: expect.stringContaining('was stopped already'),
      exitCode: null,
    });
    expect(systemctl.acts()).toEqual([]);
  });

  it('says unknown when the units are neither up nor down, and failed when systemctl refuses', async () => {
    const stuck = new FakeSystemctl(join(folder, 's'), { 'train.service': 'failing', 'train-log.service': 'active' });
    const first = await (await runnerFor([control(stuck)])).carryOut();
    // one unit stopped, one is neither active nor inactive: nobody can say "stopped"
    expect(first).toMatchObject({
      outcome: 'unknown',
      exitCode: 0,
      observedState: 'unverified',
      message: expect.stringContaining('cannot be told'),
    });
    const unknown = new FakeSystemctl(join(folder, 'u'), { 'train-log.service': 'active' });
    expect(await (await runnerFor([control(unknown)])).carryOut({ actionId: 'act_2' })).toMatchObject({
      outcome: 'failed',
      exitCode: 5,
      output: expect.stringContaining('not loaded'),
    });
  });

  it('is asked only for the verbs that the configuration allows', async () => {
    const systemctl = new FakeSystemctl(join(folder, 's'), {
      'train.service': 'active',
      'train-log.service': 'active',
    });
    const { carryOut, runner } = await runnerFor([control(systemctl, { verbs: ['start'] })]);
    expect(runner.controls).toMatchObject([
      { kind: 'systemd', verbs: ['start'], level: 'workload', instanceIds: ['self'] },
    ]);
    expect(await carryOut()).toMatchObject({ outcome: 'refused' });
    expect(systemctl.acts()).toEqual([]);
  });
});

describe('the action runner', () => {
  const touch = (name: string) => ['/usr/bin/touch', join(folder, name)];

  it('refuses before it acts: idle no more, too late, protected', async () => {
    const busy = await runnerFor([{ kind: 'command', stop: touch('ran') }], {
      idle: false,
      reason: 'GPU-1 was at 97 %',
    });
    expect(await busy.carryOut({ idleSinceMs: 1 })).toMatchObject({
      outcome: 'refused',
      message: 'it is not idle any more: GPU-1 was at 97 %',
    });
    expect(await busy.carryOut({ actionId: 'act_2', expiresAtMs: Date.now() - 1 })).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('deadline'),
    });
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    expect(await busy.carryOut({ actionId: 'act_3', idleSinceMs: 1, force: true })).toMatchObject({
      outcome: 'succeeded',
    });
    expect(existsSync(join(folder, 'ran'))).toBe(true);
  });

  it('never lets a word of the offer reach a command line', async () => {
    const { carryOut } = await runnerFor([{ kind: 'command', stop: ['/bin/echo', 'configured'] }]);
    const outcome = await carryOut({ argumentsJson: '{"argv": ["rm", "-rf", "/"], "units": "x"}' });
    expect(outcome).toMatchObject({ outcome: 'succeeded', output: 'configured\n' });
  });

  it('gives a command a small environment, no terminal and no input', async () => {
    const { carryOut } = await runnerFor([{ kind: 'command', stop: ['/usr/bin/env'], env: { JOB: 'a' } }]);
    const names = (await carryOut())?.output
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
      .sort();
    expect(names).toEqual(['FLOTILLA_ACTION_ID', 'HOME', 'JOB', 'LANG', 'PATH']);
  });

  it('reports at most 64 KiB of output, its beginning and its end', async () => {
    const { carryOut } = await runnerFor([
      { kind: 'command', stop: [process.execPath, '-e', "process.stdout.write('A' + 'x'.repeat(9e6) + '\\0Z')"] },
    ]);
    const outcome = await carryOut();
    expect(outcome?.outputTruncated).toBe(true);
    expect(Buffer.byteLength(outcome?.output ?? '')).toBeLessThanOrEqual(65_536);
    expect(outcome?.output).toMatch(/^Ax+\n\[… output left out …\]\nx+Z$/);
  });

  it('says failed when a command cannot be started', async () => {
    const { carryOut } = await runnerFor([{ kind: 'command', stop: [join(folder, 'no-such-program')] }]);
    expect(await carryOut()).toMatchObject({
      outcome: 'failed',
      exitCode: null,
      message: expect.stringContaining('could not be started'),
    });
  });

  it('does one thing at a time per instance, in the order of the offers', async () => {
    const script = (name: string) => [
      process.execPath,
      '-e',
      `const fs = require('fs'); fs.appendFileSync('${folder}/order', '<${name}'); setTimeout(() => fs.appendFileSync('${folder}/order', '${name}>'), 150)`,
    ];
    const { runner } = await runnerFor([{ kind: 'command', start: script('start'), stop: script('stop') }]);
    runner.offer(offer({ actionId: 'act_1', verb: 'stop' }));
    runner.offer(offer({ actionId: 'act_2', verb: 'start', instanceId: '' }));
    expect(runner.running).toEqual(['act_1', 'act_2']);
    await runner.idle();
    expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('<stopstop><startstart>');
  });

  it('runs an id once, however often it is offered, and answers with the newest fence', async () => {
    const count = [process.execPath, '-e', `require('fs').appendFileSync('${folder}/runs', 'x')`];
    const { runner, results, accepted } = await runnerFor([{ kind: 'command', stop: count }]);
    runner.offer(offer({ fence: 1 }));
    runner.offer(offer({ fence: 2 }));
    runner.offer(offer({ fence: 1 })); // an older one arrives late: it changes nothing
    await runner.idle();
    runner.offer(offer({ fence: 3 }));
    expect(readFileSync(join(folder, 'runs'), 'utf8')).toBe('x');
    expect(accepted).toEqual(['act_1/1', 'act_1/2']);
    expect(results.map(({ fence }) => fence)).toEqual([2, 3]);
    expect(runner.query('act_1')).toMatchObject({ state: 'done', result: { fence: 3 } });
    expect(runner.query('act_9')).toEqual({ state: 'never_accepted' });
  });

  it('remembers over a restart, also behind a half-written last line', async () => {
    const first = await runnerFor([{ kind: 'command', stop: ['/bin/true'] }]);
    await first.carryOut();
    await first.carryOut({ actionId: 'act_2' });
    first.runner.acknowledged('act_1');
    first.journal?.close();
    appendFileSync(journalPath(), Buffer.from([200, 0, 0, 0, 1, 2, 3]));
    const second = await runnerFor([{ kind: 'command', stop: touch('again') }]);
    expect(second.runner.unacknowledged.map(({ actionId }) => actionId)).toEqual(['act_2']);
    expect(await second.carryOut()).toMatchObject({ outcome: 'succeeded' });
    expect(existsSync(join(folder, 'again'))).toBe(false);
    second.journal?.close();
    // the line of the outcome itself was torn: the host is looked at again, and nothing runs again
    truncateSync(journalPath(), statSync(journalPath()).size - 1);
    const third = await runnerFor([{ kind: 'command', stop: touch('again') }]);
    third.runner.recover();
    await third.runner.idle();
    expect(existsSync(join(folder, 'again'))).toBe(false);
  });

  it('forgets after seven days', () => {
    const long = new ActionJournal(journalPath(), Date.now());
    long.write({ t: 'accepted', id: 'act_old', atMs: Date.now() - 8 * 86_400_000, bootId: '', offer: offer() });
    long.write({ t: 'accepted', id: 'act_new', atMs: Date.now() - 6 * 86_400_000, bootId: '', offer: offer() });
    long.close();
    const again = new ActionJournal(journalPath(), Date.now());
    expect([...again.all.keys()]).toEqual(['act_new']);
    again.close();
  });

  it('refuses everything while it cannot keep a journal, and forgets the refusal when it is acknowledged', async () => {
    const { runner, carryOut } = await runnerFor([{ kind: 'command', stop: touch('ran') }], { idle: true }, null);
    expect(await carryOut()).toMatchObject({ outcome: 'refused', message: expect.stringContaining('journal') });
    expect(existsSync(join(folder, 'ran'))).toBe(false);
    runner.acknowledged('act_1');
    expect(runner.unacknowledged).toEqual([]);
  });

  it('refuses an id that would leave its folder', async () => {
    const { carryOut } = await runnerFor([{ kind: 'command', stop: touch('ran') }]);
    expect(await carryOut({ actionId: '../../etc/x' })).toMatchObject({ outcome: 'refused' });
  });
});
