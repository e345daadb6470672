import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManualClock, settle } from '../../../../test/support/manual-clock.js';
import { cudaProcesses, GpuProcesses } from './gpu-processes.js';

let proc: string;
let child: ChildProcess;
beforeEach(() => {
  proc = mkdtempSync(join(tmpdir(), 'flotilla-proc-'));
  writeFileSync(join(proc, 'stat'), 'cpu 1\nbtime 1700000000\n');
  child = spawn('/bin/sleep', ['30'], { stdio: 'ignore' });
});
afterEach(() => {
  child.kill();
  rmSync(proc, { recursive: true, force: true });
});

/** A process as /proc shows it: 1,000 ticks after boot, holding these files. */
function appears(pid: number, files: string[]): void {
  mkdirSync(join(proc, String(pid), 'fd'), { recursive: true });
  writeFileSync(join(proc, String(pid), 'stat'), `${pid} (my (odd) name) S ${Array(18).fill('1').join(' ')} 1000 0`);
  files.forEach((file, fd) => symlinkSync(file, join(proc, String(pid), 'fd', String(fd))));
  symlinkSync('/usr/bin/python3', join(proc, String(pid), 'exe'));
}
const listed = (pid: number, type: 'C' | 'G' = 'C') => ({ device: 'GPU-1', pid, name: 'train', type });

describe('the processes that compute on a GPU now', () => {
  it('are those that hold the CUDA device, not those that only watch or draw', () => {
    appears(41, ['/dev/null', '/dev/nvidia0', '/dev/nvidia-uvm']);
    appears(42, ['/dev/nvidia0', '/dev/nvidiactl']);
    expect(cudaProcesses(proc)).toEqual([
      { device: '', pid: 41, name: '/usr/bin/python3', startedAtMs: 1_700_000_010_000 },
    ]);
  });

  it('are the listed ones that still live, and what began since', async () => {
    const clock = new ManualClock();
    const processes = new GpuProcesses({ clock, proc, isRoot: false });
    const gone = 2 ** 22 - 1; // above every pid of this kernel, or at least in nobody's use
    processes.note([listed(child.pid!), listed(gone), listed(process.pid, 'G')]);
    appears(41, ['/dev/nvidia-uvm']);
    expect((await processes.now())?.map(({ pid }) => pid)).toEqual([child.pid, 41]);
  });

  it('cannot be told by an unprivileged agent without a fresh list', async () => {
    const clock = new ManualClock();
    const processes = new GpuProcesses({ clock, proc, isRoot: false });
    const early = processes.now();
    await clock.advance(15_000);
    expect(await early).toBeNull();
    processes.note([]);
    expect(await processes.now()).toEqual([]);
    await clock.advance(181_000);
    expect(await processes.now()).toBeNull();
  });

  it('waits for the first reading, and root sees for itself', async () => {
    const clock = new ManualClock();
    const waiting = new GpuProcesses({ clock, proc, isRoot: false });
    const first = waiting.now();
    await settle();
    waiting.note([listed(child.pid!)]);
    expect(await first).toHaveLength(1);
    const root = new GpuProcesses({ clock, proc, isRoot: true });
    appears(41, ['/dev/nvidia-uvm']);
    const seen = root.now();
    await clock.advance(15_000);
    expect((await seen)?.map(({ pid }) => pid)).toEqual([41]);
  });
});
