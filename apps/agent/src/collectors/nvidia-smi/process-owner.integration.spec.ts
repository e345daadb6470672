import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { processOwner } from './process-owner.js';

describe('who a GPU process belongs to', () => {
  const me = userInfo().username;

  it('is told when the name agrees', async () => {
    expect(await processOwner(process.pid, process.execPath)).toBe(me);
    expect(await processOwner(process.pid, 'node --and arguments')).toBe(me);
  });

  it('is not guessed: the same number in another pid namespace is somebody else', async () => {
    expect(await processOwner(process.pid, '/opt/train.py')).toBeUndefined();
    expect(await processOwner(process.pid, '')).toBeUndefined();
    expect(await processOwner(2 ** 22 + 1, 'node')).toBeUndefined();
  });

  it('is known by the kernel word too, which is cut after 15 characters', async () => {
    const proc = mkdtempSync(join(tmpdir(), 'flotilla-proc-'));
    mkdirSync(join(proc, '7'));
    writeFileSync(join(proc, '7', 'cmdline'), '');
    writeFileSync(join(proc, '7', 'comm'), 'a-very-long-pro\n');
    expect(await processOwner(7, '/usr/bin/a-very-long-program', proc)).toBe(me);
    rmSync(proc, { recursive: true });
  });
});
