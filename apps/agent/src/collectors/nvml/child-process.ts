import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Leftover } from '../nvidia-smi/leftover.js';
import { NVML_COMMAND, type Program } from './program.js';
import { FrameReader, type FromChild } from './protocol.js';

export interface ChildEvents {
  message(message: FromChild): void;
  /** What it says is no message; it has been killed. */
  unreadable(why: string): void;
  /** It is gone, or never started; called exactly once. `said`: the end of what it printed. */
  gone(code: number | null, signal: string | null, said: string, error: NodeJS.ErrnoException | null): void;
}

/** What is kept of its output, to name an unforeseen end by. */
const TAIL = 2_048;

/** One process that calls NVML: started, spoken to, killed. */
export class NvmlChildProcess {
  private readonly child: ChildProcess;
  private over = false;

  constructor(
    program: Program,
    library: string,
    intervalMs: number,
    private readonly events: ChildEvents,
    leftover: Leftover,
  ) {
    const [file, ...before] = program.command;
    const args = [...before, NVML_COMMAND, library, String(Math.round(intervalMs)), String(process.pid)];
    this.child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
      // A group of its own: a signal that the terminal sends to the agent must not end it before the agent wants.
      detached: true,
      // eslint-disable-next-line no-restricted-syntax -- the child inherits the agent's environment (library paths in containers); nothing is read from it here
      env: { ...process.env, LC_ALL: 'C' },
      windowsHide: true,
    });
    if (this.child.pid !== undefined) leftover.remember(this.child.pid);
    this.listen();
  }

  /** False once it is gone; a killed one lives until the kernel lets it go. */
  get alive(): boolean {
    return !this.over;
  }

  /** A word to it, if it still listens. */
  say(line: string): void {
    if (this.child.stdin?.writable) this.child.stdin.write(`${line}\n`);
  }

  kill(): void {
    const { child } = this;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
  }

  private listen(): void {
    const { child, events } = this;
    const frames = new FrameReader();
    let said = '';
    const tail = (chunk: string) => (said = (said + chunk).slice(-TAIL));
    child.stdout?.setEncoding('utf8').on('data', tail);
    child.stderr?.setEncoding('utf8').on('data', tail);
    // It may be gone between a look and a word.
    child.stdin?.on('error', () => {});
    (child.stdio[3] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      try {
        for (const message of frames.push(chunk)) events.message(message);
      } catch (error) {
        this.kill();
        events.unreadable((error as Error).message);
      }
    });
    const gone = (code: number | null, signal: string | null, error: NodeJS.ErrnoException | null) => {
      if (this.over) return;
      this.over = true;
      events.gone(code, signal, said, error);
    };
    child.once('error', (error) => {
      if (child.pid === undefined) gone(null, null, error);
    });
    // After `close` everything that it wrote has been read.
    child.once('close', (code, signal) => gone(code, signal, null));
  }
}
