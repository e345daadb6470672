import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { EmbeddedPostgresError } from './error.js';

/** The user that PostgreSQL runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
  /** Null for a number without a passwd entry. */
  readonly name: string | null;
  /** Whether the supervisor is root and drops to this user. */
  readonly dropped: boolean;
}

/** Whom root becomes for the server, first match. `postgres` is what distributions make for just this. */
const UNPRIVILEGED = ['flotilla', 'postgres', 'nobody'];

/**
 * Decides who runs the server: PostgreSQL refuses to run as root.
 *
 * @param existingData the data folder, when there is one: its owner goes on owning it
 */
export function chooseServerUser(existingData: string | null): ServerUser {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new EmbeddedPostgresError(
      'the embedded PostgreSQL needs Linux or macOS: on this system give an outside one with FLOTILLA_DATABASE_URL',
    );
  }
  const entries = passwd();
  const owner = existingData === null ? null : statSync(existingData);
  if (uid !== 0) {
    if (owner && owner.uid !== uid) {
      const name = entries.find((entry) => entry.uid === owner.uid)?.name ?? `uid ${owner.uid}`;
      throw new EmbeddedPostgresError(
        `the data in ${existingData} belong to ${name}${owner.uid === 0 ? '' : ', probably because Flotilla was started as root before'}: ` +
          'start as that user (or as root) again, or name another folder with FLOTILLA_DATA_DIR',
      );
    }
    return { uid, gid, name: entries.find((entry) => entry.uid === uid)?.name ?? null, dropped: false };
  }
  if (owner && owner.uid !== 0) {
    const entry = entries.find((candidate) => candidate.uid === owner.uid);
    return { uid: owner.uid, gid: owner.gid, name: entry?.name ?? null, dropped: true };
  }
  for (const name of UNPRIVILEGED) {
    const entry = entries.find((candidate) => candidate.name === name && candidate.uid !== 0);
    if (entry) return { ...entry, dropped: true };
  }
  throw new EmbeddedPostgresError(
    'PostgreSQL does not run as root, and none of the users flotilla, postgres and nobody exists here: ' +
      'make one (useradd --system flotilla), or start Flotilla as an ordinary user',
  );
}

/** Whether that user can get into the folder: every folder on the way must be open to it. */
export function canReach(user: ServerUser, folder: string): boolean {
  for (let path = resolve(folder); ; path = dirname(path)) {
    const { mode, uid, gid } = statSync(path);
    const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

function passwd(): { name: string; uid: number; gid: number }[] {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .map((line) => line.split(':'))
      .filter((fields) => fields.length >= 7)
      .map(([name, , uid, gid]) => ({ name: name ?? '', uid: Number(uid), gid: Number(gid) }));
  } catch {
    return [];
  }
}
