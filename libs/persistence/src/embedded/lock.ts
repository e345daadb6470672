import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { EmbeddedPostgresError } from './error.js';
import { identify, isAlive } from './processes.js';
import type { ProcessIdentity } from './processes.js';

/** A process that was just killed stays in the process table until it has given its memory back. */
const DIES_WITHIN_MS = 3_000;
const LOOK_AGAIN_MS = 50;

/**
 * Says that this process supervises the server, so that a second start refuses instead of taking the first one's
 * server for an orphan. (What keeps the data safe is PostgreSQL's own lock; this one keeps the peace.)
 *
 * @returns a function that gives the lock back
 */
export async function lockSupervisor(file: string, dataDir: string): Promise<() => void> {
  const self = identify(process.pid);
  const text = JSON.stringify(self);
  const giveUpAt = performance.now() + DIES_WITHIN_MS;
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(file, text, { flag: 'wx', mode: 0o644 });
      return () => {
        if (read(file) === text) rmSync(file, { force: true });
      };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || attempt >= 5) throw error;
    }
    const found = read(file);
    const holder = parse(found);
    if (holder && isAlive(holder)) {
      if (performance.now() < giveUpAt) {
        attempt -= 1;
        await setTimeout(LOOK_AGAIN_MS);
        continue;
      }
      throw new EmbeddedPostgresError(
        `process ${holder.pid} already runs Flotilla on ${dataDir}: stop it, or name another folder with FLOTILLA_DATA_DIR ` +
          '(a second replica joins the first with FLOTILLA_DATABASE_URL)',
      );
    }
    // the holder died: whoever manages to move its lock away goes on
    const aside = `${file}.${process.pid}`;
    try {
      renameSync(file, aside);
    } catch {
      continue;
    }
    if (read(aside) !== found) renameSync(aside, file);
    else rmSync(aside, { force: true });
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function parse(text: string | null): ProcessIdentity | null {
  try {
    const value = JSON.parse(text ?? '') as Partial<ProcessIdentity> | null;
    return typeof value?.pid === 'number' && typeof value.startedAt === 'string' ? (value as ProcessIdentity) : null;
  } catch {
    return null;
  }
}
