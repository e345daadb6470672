import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Leftover } from './leftover.js';

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'flotilla-pid-')), 'nvidia-smi.pid');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true }));

describe('the loop of an earlier run', () => {
  it('is not the process that got its number since', () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startTicks: '1' }));
    expect(new Leftover(path).alive).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['garbage', '{"pid":'],
    ['every process', '{"pid":1,"startTicks":"1"}'],
    ['our own group', '{"pid":0,"startTicks":"1"}'],
  ])('is none where the file holds %s', (_, content) => {
    writeFileSync(path, content);
    expect(new Leftover(path).alive).toBe(false);
  });
});
