import type { Koffi } from './koffi.js';

/** linux/prctl.h */
const PR_SET_PDEATHSIG = 1;
const SIGKILL = 9;

/**
 * Asks the kernel to kill this process with its parent: a process that hangs inside the driver never sees that its standard
 * input ended. Linux alone has it; elsewhere the end of the input is what there is.
 *
 * @returns false when the parent is gone already
 */
export function dieWithParent(koffi: Koffi, parentPid: number): boolean {
  if (process.platform === 'linux') {
    try {
      const prctl = koffi
        .load('libc.so.6')
        .func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)');
      prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    } catch {
      // musl keeps it elsewhere; the end of the input still tells.
    }
  }
  // It may have died between the start of this process and the line above.
  return process.ppid === parentPid;
}
