import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

const STAMP = join(ROOT, 'node_modules', '.flotilla-installed');

/** Runs `npm ci` when node_modules is missing or belongs to another lock file. */
export function ensureInstalled(say = console.log) {
  const wanted = fingerprint();
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  if (!isComplete()) {
    say('Installing packages (npm ci) ...');
    const npm = process.env.npm_execpath;
    const [command, args] = npm && /\.[cm]?js$/.test(npm) ? [process.execPath, [npm]] : ['npm', []];
    const result = spawnSync(command, [...args, 'ci', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: ROOT,
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    if (result.error) throw new Error(`npm cannot be run: ${result.error.message}. Install npm beside Node`);
    if (result.status !== 0) {
      throw new Error('npm ci failed (its reason stands above): mend that, then run the same command again');
    }
  }
  writeFileSync(STAMP, wanted);
}

function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['package-lock.json', 'package.json']) hash.update(readFileSync(join(ROOT, file)));
  return `${hash.digest('hex')} ${process.platform}-${process.arch} node${process.versions.modules}`;
}

/** Whether somebody's own `npm ci` or `npm install` left just what the lock file asks for. */
function isComplete() {
  const hidden = join(ROOT, 'node_modules', '.package-lock.json');
  if (!existsSync(hidden)) return false;
  try {
    const wanted = packagesOf(join(ROOT, 'package-lock.json'));
    const found = packagesOf(hidden);
    const differs = ([path, entry]) => wanted[path]?.version !== entry.version;
    const lacks = ([path, entry]) => path.startsWith('node_modules/') && !entry.optional && !found[path];
    return !Object.entries(found).some(differs) && !Object.entries(wanted).some(lacks);
  } catch {
    return false;
  }
}

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
