import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, explainIo } from './error.js';
import { canReach, chooseServerUser } from './server-user.js';
import type { ServerUser } from './server-user.js';

/** Where everything of one embedded PostgreSQL lies. */
export interface Places {
  /** `<dataDir>/postgres`, or what it links to. */
  readonly home: string;
  /** PostgreSQL's own folder (PGDATA); exists from initdb on. */
  readonly data: string;
  /** The folder of the unix socket, open to the server's user and to root only. */
  readonly socket: string;
  readonly log: string;
  /** Where copies of the programs go when they must lie elsewhere. */
  readonly programs: string;
  readonly user: ServerUser;
  /** The major version that wrote the data; null before initdb. */
  readonly major: number | null;
}

/** Data of a clone that lies where the server's user cannot get to (below /root) go here. */
const SYSTEM_HOME = '/var/lib/flotilla';

/** A unix socket's path holds 107 bytes (103 on macOS), and PostgreSQL appends `/.s.PGSQL.5432`. */
const SOCKET_FOLDER_BYTES = 103 - '/.s.PGSQL.5432.lock'.length;

/** Makes the folders. Safe to call again. */
export function preparePlaces(dataDir: string): Places {
  const wished = join(dataDir, 'postgres');
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o755 });
    const home = prepareHome(wished, dataDir);
    const data = join(home, 'data');
    const user = chooseServerUser(existsSync(data) ? data : null);
    return {
      home,
      data,
      socket: prepareSocketFolder(home, user),
      log: join(home, 'server.log'),
      programs: user.dropped ? SYSTEM_HOME : home,
      user,
      major: existsSync(join(data, 'PG_VERSION')) ? readMajor(data) : null,
    };
  } catch (error) {
    throw explainIo(error, 'prepare the data folder', wished) ?? error;
  }
}

/**
 * @returns the real folder. As root it must be open to the server's unprivileged user; where the data folder is not,
 *   `<dataDir>/postgres` becomes a link to a folder under /var/lib/flotilla.
 */
function prepareHome(wished: string, dataDir: string): string {
  if (existsSync(wished)) return realpathSync(wished);
  if (lstatSync(wished, { throwIfNoEntry: false })) {
    throw new EmbeddedPostgresError(
      `${wished} is a link to a folder that is gone: restore it, or remove the link to begin anew`,
    );
  }
  const user = chooseServerUser(null);
  if (!user.dropped || canReach(user, dataDir)) {
    mkdirSync(wished, { mode: 0o755, recursive: true });
    return realpathSync(wished);
  }
  const place = join(SYSTEM_HOME, `${basename(dirname(dataDir))}-${fingerprint(wished)}`);
  mkdirSync(place, { recursive: true, mode: 0o755 });
  if (!canReach(user, place)) {
    throw new EmbeddedPostgresError(
      `PostgreSQL runs as ${user.name} here, who can get neither into ${dataDir} nor into ${place}: ` +
        'name a folder that is open to everyone with FLOTILLA_DATA_DIR (for example /srv/flotilla)',
    );
  }
  symlinkSync(place, wished);
  return place;
}

function prepareSocketFolder(home: string, user: ServerUser): string {
  const beside = join(home, 'socket');
  const folder =
    Buffer.byteLength(beside) <= SOCKET_FOLDER_BYTES ? beside : `/tmp/flotilla-${user.uid}-${fingerprint(home)}`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(folder);
  // in /tmp anybody could have made it first
  if (!found.isDirectory() || (found.uid !== user.uid && found.uid !== process.getuid?.())) {
    throw new EmbeddedPostgresError(
      `${folder} must be a folder of ${user.name ?? user.uid}, but somebody else made it: remove it`,
    );
  }
  if (user.dropped) chownSync(folder, user.uid, user.gid);
  chmodSync(folder, 0o700);
  return folder;
}

function readMajor(data: string): number {
  const text = readFileSync(join(data, 'PG_VERSION'), 'utf8').trim();
  const major = Number.parseInt(text, 10);
  if (!Number.isInteger(major))
    throw new EmbeddedPostgresError(`${join(data, 'PG_VERSION')} does not hold a version: ${text}`);
  return major;
}

function fingerprint(path: string): string {
  return createHash('sha256').update(path).digest('hex').slice(0, 12);
}
