import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolsFor } from '../../../../test/support/executor-contract/index.js';
import { FakeSystemctl } from '../../../../test/support/fake-systemctl/fake-systemctl.js';
import { parseFile } from '../config/settings.js';
import { dryRun, lookAtControls } from './host-view.js';

describe('the controls of a host, as a person there asks about them', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'flotilla-view-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const controlsOf = (controls: object[]) => parseFile(JSON.stringify({ controls }), 'test').controls;

  it('say what each verb would do now, and do nothing', async () => {
    const systemctl = new FakeSystemctl(join(folder, 's'), { 'train.service': 'active' });
    const controls = controlsOf([
      { kind: 'systemd', units: ['train.service'], systemctl: systemctl.executable },
      { kind: 'docker', socket: join(folder, 'nowhere.sock'), containers: ['train'], verbs: ['stop'] },
      { kind: 'command', stop: ['/bin/false'], protected: true },
    ]);
    const [units, containers, commands] = await lookAtControls(controls, toolsFor());
    expect(units).toMatchObject({ kind: 'systemd', level: 'workload', instances: ['self'], trouble: null });
    expect(units?.dryRuns.map(({ verb, outcome }) => [verb, outcome.outcome, outcome.message])).toEqual([
      ['start', 'succeeded', 'it would do nothing: it is running now (is-active said active)'],
      [
        'stop',
        'succeeded',
        'it would systemctl stop train.service; it is running now (is-active said active). Nothing was done',
      ],
    ]);
    expect(containers?.dryRuns).toMatchObject([
      { verb: 'stop', outcome: { outcome: 'refused', message: expect.stringContaining('is the engine running') } },
    ]);
    expect(commands?.dryRuns).toMatchObject([{ outcome: { message: expect.stringContaining('protects it') } }]);
    expect(systemctl.acts()).toEqual([]);
  });

  it('refuse a verb or an instance that the control does not have', async () => {
    const [control] = controlsOf([{ kind: 'command', stop: ['/bin/false'] }]);
    expect((await dryRun(control!, toolsFor(), 'start')).message).toContain('not among the verbs');
    expect((await dryRun(control!, toolsFor(), 'stop', 'i-7')).message).toContain('no control');
  });
});
