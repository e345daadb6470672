import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { CHILD_ENVIRONMENT, explain } from './cluster.js';
import { EmbeddedPostgresError } from './error.js';
import type { Places } from './places.js';
import { identify, pause, processesIn, signal, until } from './processes.js';

const LOG_BYTES = 8 * 1024 * 1024;
/** As long as a server is alive it may be replaying its log; then somebody has to look. */
const READY_WITHIN_MS = 10 * 60_000;
const STALE_WITHIN_MS = 30_000;
const ENDING_WITHIN_MS = 1_000;
const SOCKET_LOCK = '.s.PGSQL.5432.lock';

/**
 * Starts the server and waits until it takes connections.
 *
 * After a kill -9 the dead server's backends may hold its shared memory for a moment ("pre-existing shared memory
 * block"), and its number may still be taken ("lock file"); this is tried again until they are gone.
 *
 * @throws EmbeddedPostgresError with what the server said
 */
export async function launch(
  places: Places,
  binaries: Binaries,
  note: (line: string) => void,
  cancelled: () => boolean,
): Promise<ChildProcess> {
  for (const end = performance.now() + STALE_WITHIN_MS; ; await pause(250)) {
    const outcome = await attempt(places, binaries, note, cancelled);
    if (!('said' in outcome)) return outcome;
    const again = /pre-existing shared memory block|lock file ".+" already exists/.test(outcome.said);
    if (again && performance.now() < end && !cancelled()) continue;
    throw new EmbeddedPostgresError(`PostgreSQL did not start: ${explain(outcome.said)} (its log: ${places.log})`);
  }
}

async function attempt(
  places: Places,
  binaries: Binaries,
  note: (line: string) => void,
  cancelled: () => boolean,
): Promise<ChildProcess | { said: string }> {
  limitLog(places.log);
  const log = openSync(places.log, 'a', 0o640);
  const before = fstatSync(log).size;
  const { uid, gid, dropped } = places.user;
  // a session of its own: Ctrl-C in the terminal reaches the supervisor only, which stops the server when it is time
  const child = spawn(join(binaries.folder, 'postgres'), ['-D', places.data, '-c', 'listen_addresses='], {
    cwd: places.data,
    detached: true,
    env: CHILD_ENVIRONMENT,
    stdio: ['ignore', log, log],
    ...(dropped && { uid, gid }),
  });
  closeSync(log);
  child.unref();
  let failure: Error | undefined;
  child.on('error', (error) => (failure = error));
  const started = performance.now();
  let told = started;
  for (;;) {
    if (failure) return { said: `cannot run ${binaries.folder}/postgres: ${failure.message}` };
    if (child.exitCode !== null || child.signalCode !== null) return { said: readFrom(places.log, before) };
    if (isReady(places.data, child.pid)) return child;
    const now = performance.now();
    if (now - started > READY_WITHIN_MS || cancelled()) {
      await halt(child, places);
      return { said: `not ready after ${Math.round((now - started) / 1000)} s` };
    }
    if (now - told > 5000) {
      told = now;
      note(`PostgreSQL is recovering from a crash, ${Math.round((now - started) / 1000)} s so far`);
    }
    await pause(15);
  }
}

/** Stops the server: fast first, then without a checkpoint, then by force. At most about 9 s. */
export async function halt(child: ChildProcess, places: Places): Promise<void> {
  const isGone = () => child.exitCode !== null || child.signalCode !== null;
  for (const [name, patience] of [
    ['SIGINT', 6000],
    ['SIGQUIT', 2000],
    ['SIGKILL', 1000],
  ] as const) {
    if (isGone()) return;
    child.kill(name);
    if (await until(isGone, patience)) return;
  }
  for (const pid of processesIn(places.data) ?? []) signal(pid, 'SIGKILL');
}

/**
 * Stops what an earlier, killed supervisor left behind: its server, or backends without one. Nobody else may be
 * working in that folder, since this process holds the supervisor's lock.
 */
export async function stopOrphans(places: Places, note: (line: string) => void): Promise<void> {
  if (!existsSync(places.data)) return;
  const recorded = recordedIn(join(places.data, 'postmaster.pid'));
  const orphans = () => processesIn(places.data) ?? (recorded !== null && identify(recorded) ? [recorded] : []);
  const found = orphans();
  if (found.length > 0) await endAll(found, orphans, recorded, places.data, note);
  await forgetTaken(places, note);
}

/** First asks, then insists. */
async function endAll(
  found: readonly number[],
  orphans: () => number[],
  recorded: number | null,
  data: string,
  note: (line: string) => void,
): Promise<void> {
  const isPostmaster = recorded !== null && found.includes(recorded);
  note(
    isPostmaster
      ? `stopping the PostgreSQL server ${recorded} that an earlier crash left running`
      : `waiting for ${found.length} processes of a killed PostgreSQL server to end`,
  );
  if (isPostmaster) signal(recorded, 'SIGINT');
  // backends without a server have nothing left to finish: what was committed is in the log
  if (await until(() => orphans().length === 0, isPostmaster ? 10_000 : 1_000)) return;
  for (const pid of orphans()) signal(pid, 'SIGQUIT');
  if (await until(() => orphans().length === 0, 2_000)) return;
  for (const pid of orphans()) signal(pid, 'SIGKILL');
  if (await until(() => orphans().length === 0, 5000)) return;
  throw new EmbeddedPostgresError(
    `process ${orphans().join(', ')} still works in ${data} and does not end: stop it, then start again`,
  );
}

/**
 * After a reboot, or in a container that begins counting anew, the dead server's number may be somebody else's; or the
 * server is dead and nobody has taken it away. PostgreSQL would refuse to start beside either, by its folder's lock and by
 * its socket's. Nothing works in the folder, so both may go.
 */
async function forgetTaken(places: Places, note: (line: string) => void): Promise<void> {
  if (process.platform !== 'linux') return;
  for (const file of [join(places.data, 'postmaster.pid'), join(places.socket, SOCKET_LOCK)]) {
    const recorded = recordedIn(file);
    // what is just ending has left the folder already, and its number is free in a moment
    if (recorded === null || (await until(() => !existsSync(`/proc/${recorded}`), ENDING_WITHIN_MS))) continue;
    note(
      `the number ${recorded} of a killed PostgreSQL server is taken, though nothing works in its folder: ${file} goes`,
    );
    rmSync(file, { force: true });
  }
}

/** Keeps one old log. The server appends, so that cutting the file under it is safe. */
export function limitLog(file: string): void {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) < LOG_BYTES) return;
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
}

/** Line 1 of postmaster.pid is the server's number, line 8 says `ready` once it takes connections. */
function isReady(data: string, pid: number | undefined): boolean {
  const lines = linesOf(join(data, 'postmaster.pid'));
  return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
}

/** The number on the first line of a lock file; null where there is none. */
function recordedIn(file: string): number | null {
  const pid = Number(linesOf(file)[0]);
  return Number.isInteger(pid) && pid > 0 ? pid : null;
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

function readFrom(file: string, position: number): string {
  const handle = openSync(file, 'r');
  try {
    const buffer = Buffer.alloc(Math.min(65_536, Math.max(0, fstatSync(handle).size - position)));
    readSync(handle, buffer, 0, buffer.length, position);
    return buffer.toString('utf8');
  } finally {
    closeSync(handle);
  }
}
