import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { identify, isAlive } from './process-identity.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * Who launched what in this data folder. A second launcher is refused; what a killed launcher left behind is stopped
 * before anything new begins.
 */
export class LauncherLock {
  parts = new Map();

  constructor(dataDir) {
    this.dataDir = dataDir;
    this.file = join(dataDir, 'launcher.json');
  }

  async take(say) {
    try {
      mkdirSync(this.dataDir, { recursive: true });
    } catch (error) {
      throw new Error(
        `cannot make the data folder ${this.dataDir}: ${error.message}. Name another one with FLOTILLA_DATA_DIR`,
        { cause: error },
      );
    }
    const before = this.read();
    if (isAlive(before?.launcher) && before.launcher.pid !== process.pid) {
      throw new Error(
        `Flotilla already runs on ${this.dataDir} (process ${before.launcher.pid}): stop it there with Ctrl-C, or name another folder with FLOTILLA_DATA_DIR`,
      );
    }
    const left = (before?.parts ?? []).filter(isAlive);
    if (left.length > 0) {
      say('Stopping what an earlier start left running ...');
      await end(left, 'SIGTERM', 12_000);
      await end(left, 'SIGKILL', 3_000);
    }
    this.write();
  }

  /** Remembers a part's process, so that the next start finds it. */
  remember(name, pid) {
    this.parts.set(name, identify(pid));
    this.write();
  }

  give() {
    if (this.read()?.launcher?.pid === process.pid) rmSync(this.file, { force: true });
  }

  read() {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8'));
    } catch {
      return null;
    }
  }

  write() {
    const text = JSON.stringify({ launcher: identify(process.pid), parts: [...this.parts.values()].filter(Boolean) });
    try {
      writeFileSync(`${this.file}.new`, text);
      renameSync(`${this.file}.new`, this.file);
    } catch (error) {
      throw new Error(`cannot write ${this.file}: ${error.message}`, { cause: error });
    }
  }
}

async function end(processes, signal, withinMs) {
  for (const one of processes.filter(isAlive)) {
    try {
      process.kill(one.pid, signal);
    } catch (error) {
      if (error.code === 'EPERM')
        throw new Error(`process ${one.pid} of an earlier start belongs to another user: stop it, then start again`, {
          cause: error,
        });
    }
  }
  for (const until = performance.now() + withinMs; performance.now() < until && processes.some(isAlive);)
    await pause(50);
}
