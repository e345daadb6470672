import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

const STAMP = join(ROOT, 'node_modules', '.flotilla-built');
const RESULTS = ['apps/control-plane/dist/main.js', 'apps/agent/dist/main.js'];

/** Compiles when a source changed since the last time (tsc itself compiles only what changed). */
export function ensureBuilt(say = console.log, { always = false } = {}) {
  const wanted = fingerprint();
  const isBuilt = RESULTS.every((file) => existsSync(join(ROOT, file)));
  if (!always && isBuilt && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('Building ...');
  const result = spawnSync(process.execPath, [join('node_modules', 'typescript', 'bin', 'tsc'), '-b'], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (result.status !== 0) throw new Error('the build failed (the compiler says above where)');
  writeFileSync(STAMP, wanted);
}

/** Path, size and time of every file that the build reads. */
function fingerprint() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  };
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json']) add(file);
  for (const group of ['libs', 'apps']) {
    for (const project of readdirSync(join(ROOT, group)).sort()) {
      for (const file of ['package.json', 'tsconfig.json']) {
        if (existsSync(join(ROOT, group, project, file))) add(join(group, project, file));
      }
      walk(join(group, project, 'src'), add);
    }
  }
  return hash.digest('hex');
}

function walk(folder, add) {
  if (!existsSync(join(ROOT, folder))) return;
  for (const entry of readdirSync(join(ROOT, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) walk(path, add);
    else if (!/\.spec\.ts$/.test(entry.name)) add(path);
  }
}
