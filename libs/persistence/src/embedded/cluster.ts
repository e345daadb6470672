import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Binaries } from './binaries.js';
import { EmbeddedPostgresError } from './error.js';
import type { Places } from './places.js';
import { serverSettings, settingsFile } from './settings.js';

/** What a child of ours sees of the environment: nothing of the caller's. */
export const CHILD_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C', TZ: 'UTC' };

/** The server's own superuser; the supervisor alone uses it. */
export const SUPERUSER = 'postgres';

export interface Secrets {
  readonly superuser: string;
  readonly owner: string;
}

/** The passwords of the two roles that log in; made once. Only this process's user (and root) can read them. */
export function readSecrets(places: Places): Secrets {
  const file = join(places.home, 'passwords.json');
  if (!existsSync(file)) {
    const made: Secrets = {
      superuser: randomBytes(24).toString('base64url'),
      owner: randomBytes(24).toString('base64url'),
    };
    writeFileSync(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
  return JSON.parse(readFileSync(file, 'utf8')) as Secrets;
}

/** Makes the data folder, whole or not at all: what an interrupted first start left behind is begun anew. */
export async function initialise(places: Places, binaries: Binaries, secrets: Secrets): Promise<void> {
  if (places.user.name === null) {
    throw new EmbeddedPostgresError(
      `user ${places.user.uid} has no entry in /etc/passwd, and PostgreSQL cannot make a new database without one: ` +
        'start once as a user that has an entry, or give an outside PostgreSQL with FLOTILLA_DATABASE_URL',
    );
  }
  const making = join(places.home, 'data.new');
  const passwordFile = join(places.socket, 'password');
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making, { mode: 0o700 });
  writeFileSync(passwordFile, secrets.superuser, { mode: 0o600 });
  if (places.user.dropped) {
    chownSync(making, places.user.uid, places.user.gid);
    chownSync(passwordFile, places.user.uid, places.user.gid);
  }
  // the builtin locale sorts the same on every machine and after every upgrade of the system's libraries
  const locale = binaries.major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  try {
    await run(join(binaries.folder, 'initdb'), places, [
      ...['-D', making, '-U', SUPERUSER, `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
      ...['--encoding=UTF8', '--locale=C', '--data-checksums', '--no-instructions', ...locale],
    ]);
    const includes = `include = '../flotilla.conf'\ninclude_if_exists = '../local.conf'\n`;
    appendFileSync(join(making, 'postgresql.conf'), includes);
    renameSync(making, places.data);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Writes what every start writes anew: the settings, and who may log in (with a password, over the socket only). */
export function writeConfiguration(places: Places, overrides: Readonly<Record<string, string>>): void {
  const settings = { ...serverSettings(places.socket), ...overrides };
  writeFileSync(join(places.home, 'flotilla.conf'), settingsFile(settings), { mode: 0o644 });
  chmodSync(join(places.home, 'flotilla.conf'), 0o644);
  writeFileSync(
    join(places.data, 'pg_hba.conf'),
    '# Written at every start.\nlocal all all scram-sha-256\nlocal replication all scram-sha-256\n',
  );
}

function run(program: string, places: Places, args: readonly string[]): Promise<void> {
  const { uid, gid, dropped } = places.user;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: places.socket,
      env: CHILD_ENVIRONMENT,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(dropped && { uid, gid }),
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', (error) =>
      reject(
        new EmbeddedPostgresError(
          `cannot run ${program}: ${error.message}. Is it built for this system (glibc, ${process.arch})?`,
        ),
      ),
    );
    child.on('close', (code, signalName) => {
      if (code === 0) return resolve();
      reject(
        new EmbeddedPostgresError(
          `making the database failed (${signalName ?? `exit code ${code}`}): ${explain(said)}`,
        ),
      );
    });
  });
}

/** The lines of a server's or initdb's output that say what is wrong, with the mend where we know it. */
export function explain(output: string): string {
  const lines = output
    .split('\n')
    .filter((line) => /FATAL|PANIC|ERROR|error:|could not|cannot|invalid|unrecognized|DETAIL/.test(line));
  const said = [
    ...new Set(
      lines.map((line) =>
        line.replace(/^.*?(?=FATAL|PANIC|ERROR|error:|could not|invalid|unrecognized|DETAIL)/, '').trim(),
      ),
    ),
  ];
  const text = said.slice(-4).join(' | ') || output.trim().split('\n').slice(-3).join(' | ') || 'it said nothing';
  if (/No space left on device|ENOSPC|Disk quota exceeded/.test(output))
    return `the disk is full: free some space. (${text})`;
  if (/Permission denied/.test(output)) return `permission is missing. (${text})`;
  if (/could not (create|resize) shared memory/.test(output)) {
    return `shared memory is short: give the container a larger /dev/shm or more memory. (${text})`;
  }
  return text;
}
