import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import type { Clock } from '../clock.js';
import type { CommandEnd, CommandSpec } from './executor.js';
import type { OutputFile } from './output.js';
import { ACTION_VARIABLE, isAlive, processAt } from './process-table.js';
import type { ProcessRef } from './process-table.js';

/**
 * Runs a command in a process group of its own, without a shell: SIGTERM to the group when its time is over, SIGKILL
 * after the grace. The end of the command itself counts, not that of what it left in the background.
 *
 * @param onStarted is told which process it became, before anything else happens
 */
export function runCommand(
  spec: CommandSpec,
  actionId: string,
  output: OutputFile,
  clock: Clock,
  onStarted: (ref: ProcessRef) => void,
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const [file, ...args] = spec.argv;
    const fd = output.openForChild();
    const child = spawn(file, args, {
      cwd: spec.cwd,
      env: { ...spec.env, [ACTION_VARIABLE]: actionId },
      detached: true,
      stdio: ['ignore', fd, fd],
    });
    closeSync(fd);
    const timers: (() => void)[] = [clock.every(1000, () => output.bound())];
    let trouble: string | null = null;
    const end = (exitCode: number | null) => {
      for (const cancel of timers) cancel();
      resolve({ exitCode, ...output.read(), trouble });
    };
    child.on('error', (error) => {
      if (child.pid !== undefined) return;
      trouble = `could not be started: ${error.message}`;
      end(null);
    });
    if (child.pid === undefined) return;
    const { pid } = child;
    onStarted({ pid, startTicks: processAt(pid)?.startTicks ?? 0 });
    timers.push(
      clock.after(spec.timeoutMs, () => {
        trouble = `did not end within ${spec.timeoutMs / 1000} s and was stopped`;
        signalGroup(pid, 'SIGTERM');
        timers.push(clock.after(spec.graceMs, () => signalGroup(pid, 'SIGKILL')));
      }),
    );
    child.on('exit', (code, signal) => {
      if (signal && !trouble) trouble = `was ended by ${signal}`;
      end(code);
    });
  });
}

/**
 * Waits for a command that an earlier run of the agent started. Its exit code is lost: only its parent could see it.
 *
 * @param deadlineMs on the monotonic clock
 */
export function awaitAdopted(
  ref: ProcessRef,
  deadlineMs: number,
  graceMs: number,
  output: OutputFile,
  clock: Clock,
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    let stopping: number | null = null;
    const cancel = clock.every(250, () => {
      output.bound();
      if (!isAlive(ref)) {
        cancel();
        const trouble =
          stopping === null
            ? 'ended after the agent had been restarted, so its exit code is not known'
            : 'did not end in time and was stopped';
        resolve({ exitCode: null, ...output.read(), trouble });
      } else if (stopping === null && clock.monotonicMs() >= deadlineMs) {
        stopping = clock.monotonicMs();
        signalGroup(ref.pid, 'SIGTERM');
      } else if (stopping !== null && clock.monotonicMs() >= stopping + graceMs) {
        signalGroup(ref.pid, 'SIGKILL');
      }
    });
  });
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // ended meanwhile
  }
}
