import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { limitLog, openLog, sentencesSince } from './log-file.mjs';
import { ROOT } from './root.mjs';

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** A part that ran this long was well: its next crash waits briefly again. */
const WELL_AFTER_MS = 60_000;
const STOP_WITHIN_MS = 12_000;

/**
 * A process that the launcher keeps alive: its output goes to a log file, a crash is followed by a new start with
 * growing waits, and its messages are handed on.
 */
export class Part {
  child = null;
  stopping = false;
  wait = FIRST_WAIT_MS;
  startedAt = 0;
  timer = undefined;

  /**
   * @param {{ name: string, entry: string, nodeFlags?: string[], prepare?: () => Promise<{ args?: string[], env?: Record<string, string> }>, env?: Record<string, string>, log: string,
   *   verbose?: boolean, onStart?: (pid: number) => void, onMessage?: (message: object, part: Part) => void,
   *   onEnd?: (how: { code: number | null, signal: string | null, said: string }) => 'restart' | 'leave' }} options
   */
  constructor(options) {
    this.options = options;
  }

  async start() {
    const { entry, nodeFlags = [], prepare, env = {}, log, verbose = false } = this.options;
    const given = (await prepare?.()) ?? {};
    if (this.stopping) return;
    const { handle, position } = openLog(log);
    const output = verbose ? 'inherit' : handle;
    // a session of its own: Ctrl-C in the terminal reaches the launcher, which stops its parts in order
    const child = spawn(
      process.execPath,
      [
        ...nodeFlags,
        '--import',
        pathToFileURL(join(ROOT, 'scripts/lib/exit-with-parent.mjs')).href,
        join(ROOT, entry),
        ...(given.args ?? []),
      ],
      {
        cwd: ROOT,
        detached: true,
        env: { ...process.env, ...env, ...given.env },
        stdio: ['ignore', output, output, 'ipc'],
      },
    );
    closeSync(handle);
    this.child = child;
    this.startedAt = performance.now();
    if (child.pid !== undefined) this.options.onStart?.(child.pid);
    child.on('message', (message) => this.options.onMessage?.(message, this));
    child.on('error', (error) => this.ended({ code: null, signal: null, said: error.message }));
    child.once('exit', (code, signal) =>
      this.ended({ code, signal, said: verbose ? '' : sentencesSince(log, position) }),
    );
    this.logTimer ??= setInterval(() => limitLog(log), 60_000).unref();
  }

  send(message) {
    if (this.child?.connected) this.child.send(message, () => undefined);
  }

  /** SIGTERM; by force when that does not help. */
  async stop() {
    this.stopping = true;
    clearTimeout(this.timer);
    clearInterval(this.logTimer);
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const force = setTimeout(() => child.kill('SIGKILL'), STOP_WITHIN_MS);
    child.kill('SIGTERM');
    await ended;
    clearTimeout(force);
  }

  /** At once and without asking. */
  kill() {
    this.stopping = true;
    this.child?.kill('SIGKILL');
  }

  ended(how) {
    if (this.child === null) return;
    this.child = null;
    if (this.stopping) return;
    if (this.options.onEnd?.(how) === 'leave') return;
    if (performance.now() - this.startedAt > WELL_AFTER_MS) this.wait = FIRST_WAIT_MS;
    this.timer = setTimeout(() => void this.start(), this.wait);
    this.wait = Math.min(LONGEST_WAIT_MS, this.wait * 2);
  }
}
