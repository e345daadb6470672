import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '../../clock.js';
import { HUNG, nameFailure, notExecutable, notInstalled, type Failure } from './failures.js';
import type { Leftover } from './leftover.js';

export interface ToolAnswer {
  readonly output: string;
  readonly code: number | null;
  /** Null for a good end, exit code 14 (infoROM warning) included. */
  readonly failure: Failure | null;
}

export interface LoopHandlers {
  data(chunk: string): void;
  /** The process is gone (or never started); called exactly once. */
  ended(ending: ToolAnswer): void;
}

/** What is kept of an output to name its failure by. */
const TAIL = 4096;

/**
 * Starts nvidia-smi: in a process group of its own, in the C locale, with a limit on time and output, and never while an
 * earlier process that was killed still lives. A process in uninterruptible sleep cannot be killed; one more each minute
 * would fill the process table of a host that already is in trouble.
 */
export class Tool {
  private readonly live = new Set<ChildProcess>();
  private readonly killed = new Set<ChildProcess>();
  private readonly onExit = () => this.killAll();

  constructor(
    readonly path: string,
    private readonly clock: Clock,
    private readonly leftover: Leftover | null = null,
  ) {
    process.on('exit', this.onExit);
  }

  /** A killed process has not gone yet, one of an earlier run included: nothing may be started. */
  get stuck(): boolean {
    return this.killed.size > 0 || this.leftover?.alive === true;
  }

  /** One call, waited for. Never rejects. */
  run(args: readonly string[], limits: { timeoutMs: number; maxBytes: number }): Promise<ToolAnswer> {
    if (this.stuck) return Promise.resolve({ output: '', code: null, failure: HUNG });
    return new Promise((resolve) => {
      const chunks: string[] = [];
      let size = 0;
      let trouble: Failure | null = null;
      const child = this.start(args);
      const settle = (answer: ToolAnswer) => {
        cancel();
        resolve(answer);
      };
      const give = (failure: Failure) => {
        trouble = failure;
        this.kill(child);
        // The answer does not wait for a process that cannot die.
        settle({ output: chunks.join('').slice(-TAIL), code: null, failure });
      };
      const cancel = this.clock.after(limits.timeoutMs, () =>
        give({
          ...HUNG,
          message: `nvidia-smi ${args[0] ?? ''} gave no answer in ${limits.timeoutMs / 1000} s and was killed.`,
        }),
      );
      const take = (chunk: string) => {
        size += chunk.length;
        if (size <= limits.maxBytes) chunks.push(chunk);
        else if (!trouble) give(tooMuch(limits.maxBytes));
      };
      child.stdout?.setEncoding('utf8').on('data', take);
      child.stderr?.setEncoding('utf8').on('data', take);
      this.whenGone(child, (code, signal, error) => {
        const output = chunks.join('');
        const failure = trouble ?? (error ? this.startFailure(error) : nameFailure({ code, signal, output }));
        settle({ output, code, failure });
      });
    });
  }

  /** A process that prints for ever. Returns how to kill it. Ask `stuck` before. */
  loop(args: readonly string[], handlers: LoopHandlers): { pid: number | undefined; kill: () => void } {
    const child = this.start(args);
    if (child.pid !== undefined) this.leftover?.remember(child.pid);
    let tail = '';
    const take = (chunk: string) => {
      tail = (tail + chunk).slice(-TAIL);
      handlers.data(chunk);
    };
    child.stdout?.setEncoding('utf8').on('data', take);
    child.stderr?.setEncoding('utf8').on('data', take);
    this.whenGone(child, (code, signal, error) =>
      handlers.ended({
        output: tail,
        code,
        failure: error ? this.startFailure(error) : nameFailure({ code, signal, output: tail }),
      }),
    );
    return { pid: child.pid, kill: () => this.kill(child) };
  }

  /** Kills what lives and waits until it is gone, at most `waitMs`. */
  async close(waitMs: number): Promise<void> {
    process.off('exit', this.onExit);
    const gone = [...this.live].map((child) => new Promise<void>((resolve) => child.once('close', () => resolve())));
    this.killAll();
    await Promise.race([Promise.all(gone), new Promise<void>((resolve) => this.clock.after(waitMs, resolve))]);
  }

  private start(args: readonly string[]): ChildProcess {
    const child = spawn(this.path, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own, so that a wrapper script's children die with it.
      detached: true,
      // eslint-disable-next-line no-restricted-syntax -- the child inherits the agent's environment (library paths in containers); nothing is read from it here
      env: { ...process.env, LC_ALL: 'C' },
      windowsHide: true,
    });
    this.live.add(child);
    return child;
  }

  /** `close` comes after the process has gone and its output was read; `error` alone when it never started. */
  private whenGone(
    child: ChildProcess,
    done: (code: number | null, signal: string | null, error: NodeJS.ErrnoException | null) => void,
  ): void {
    let over = false;
    const once = (code: number | null, signal: string | null, error: NodeJS.ErrnoException | null) => {
      this.live.delete(child);
      this.killed.delete(child);
      if (over) return;
      over = true;
      done(code, signal, error);
    };
    child.once('error', (error) => {
      if (child.pid === undefined) once(null, null, error);
    });
    // A grandchild that holds the pipe open must not hide that the tool itself has ended.
    child.once('exit', (code, signal) => this.clock.after(500, () => once(code, signal, null)));
    child.once('close', (code, signal) => once(code, signal, null));
  }

  private kill(child: ChildProcess): void {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.killed.add(child);
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  }

  private killAll(): void {
    for (const child of this.live) this.kill(child);
  }

  private startFailure(error: NodeJS.ErrnoException): Failure {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return notInstalled(this.path);
    if (error.code === 'EACCES') return notExecutable(this.path);
    return {
      name: 'ended',
      condition: 'failed',
      message: `${this.path} could not be started (${error.code ?? error.message}): the host is out of processes, memory or files.`,
    };
  }
}

const tooMuch = (maxBytes: number): Failure => ({
  name: 'unreadable',
  condition: 'failed',
  message: `nvidia-smi printed more than ${maxBytes >> 20} MiB in one answer and was killed: that is not its output.`,
});
