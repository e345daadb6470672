import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ConfigError } from './settings.js';

const KEY_BYTES = 32;

export interface MasterKeySource {
  readonly dataDir: string;
  /** As set; null: `master.key` in the data folder. */
  readonly file: string | null;
  /** Whether an outside database is used, whose secrets this machine's loss must not lose. */
  readonly outsideDatabase: boolean;
}

/**
 * The key that encrypts what the database keeps secret. With the embedded database it is made at the first start,
 * before there is anything to encrypt.
 *
 * @throws ConfigError when it is missing where it must exist, or is no key
 */
export function readMasterKey({ dataDir, file, outsideDatabase }: MasterKeySource): Buffer {
  const path = file ?? join(dataDir, 'master.key');
  if (outsideDatabase && file === null) {
    throw new ConfigError(
      'FLOTILLA_MASTER_KEY_FILE must be set together with FLOTILLA_DATABASE_URL: an outside database outlives this machine, ' +
        'and its secrets are lost with a key that only lies here. Make one with: openssl rand -base64 32 > flotilla.key; chmod 600 flotilla.key',
    );
  }
  if (!existsSync(path)) {
    if (outsideDatabase) throw new ConfigError(`FLOTILLA_MASTER_KEY_FILE names ${path}, which does not exist`);
    if (existsSync(join(dataDir, 'postgres', 'data', 'PG_VERSION'))) {
      throw new ConfigError(
        `${path} is gone, but the database in ${dataDir} was encrypted with it: restore the file from the backup (a new key cannot read the old secrets)`,
      );
    }
    make(path);
  }
  return read(path);
}

/** Whole or not at all, and never over another start's key. */
function make(path: string): void {
  const making = `${path}.${process.pid}.new`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    writeFileSync(making, `${randomBytes(KEY_BYTES).toString('base64')}\n`, { mode: 0o600, flush: true });
    linkSync(making, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw new ConfigError(`cannot write the master key ${path}: ${(error as Error).message}`);
  } finally {
    rmSync(making, { force: true });
  }
}

function read(path: string): Buffer {
  let text: string;
  try {
    if ((statSync(path).mode & 0o022) !== 0) {
      throw new ConfigError(`the master key ${path} can be changed by others: chmod 600 ${path}`);
    }
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError(`cannot read the master key ${path}: ${(error as Error).message}`);
  }
  const key = Buffer.from(text, /^[0-9a-fA-F]{64}$/.test(text) ? 'hex' : 'base64');
  if (key.length !== KEY_BYTES) {
    throw new ConfigError(
      `the master key ${path} must hold ${KEY_BYTES} bytes as base64 or hex; it holds ${key.length}`,
    );
  }
  return key;
}
