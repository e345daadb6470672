import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describeExecutorContract } from '../../../../test/support/executor-contract/index.js';
import { FakeSystemctl } from '../../../../test/support/fake-systemctl/fake-systemctl.js';

describeExecutorContract('command', async (folder) => {
  const path = (name: string) => join(folder, name);
  const up = path('up');
  writeFileSync(up, '');
  const stop = (text: string) => {
    writeFileSync(path('stop'), `#!/bin/sh\n${text}\n`);
    chmodSync(path('stop'), 0o755);
  };
  const works = `rm ${up} && echo x >> ${path('effects')}`;
  stop(works);
  return {
    control: {
      kind: 'command',
      stop: [path('stop')],
      check: ['/bin/sh', '-c', `test -e ${path('mute')} && exit 9; test -e ${up}`],
    },
    state: async () => (existsSync(up) ? 'running' : 'stopped'),
    effects: () => (existsSync(path('effects')) ? readFileSync(path('effects'), 'utf8').trim().split('\n').length : 0),
    set: (state) => (state === 'running' ? writeFileSync(up, '') : rmSync(up)),
    misbehave(how) {
      if (how === 'mute') writeFileSync(path('mute'), '');
      else stop({ refuses: 'echo no >&2; exit 4', 'does-nothing': 'exit 0', hangs: 'sleep 60' }[how]);
      return true;
    },
    mend: () => rmSync(path('mute'), { force: true }),
    close: () => {},
  };
});

describeExecutorContract('systemd', async (folder) => {
  const systemctl = new FakeSystemctl(join(folder, 'systemd'), { 'train.service': 'active' });
  return {
    control: { kind: 'systemd', units: ['train.service'], systemctl: systemctl.executable },
    state: async () => (systemctl.state('train.service') === 'active' ? 'running' : 'stopped'),
    effects: () => systemctl.acts().length,
    set: (state) => systemctl.set('train.service', state === 'running' ? 'active' : 'inactive'),
    // systemctl itself is the far end, and the fake has one misbehaviour: a unit that is neither up nor down
    misbehave(how) {
      if (how !== 'mute') return false;
      systemctl.set('train.service', 'failing');
      return true;
    },
    mend: () => {},
    close: () => {},
  };
});
