import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

const STAMP = join(ROOT, 'node_modules', '.flotilla-built');
/** The agent as one file: it needs some 10 MB less memory than the hundred modules that the compiler leaves. */
export const AGENT_PROGRAM = 'apps/agent/dist/flotilla-agent.mjs';
const BUNDLER = 'apps/agent/build-bundle.mjs';
/** The web console as files for browsers, packed. */
export const CONSOLE_BUILDER = ['node_modules/vite/bin/vite.js', 'build', 'apps/console', '--logLevel', 'warn'];
const CONSOLE_FILES = ['index.html', 'vite.config.mjs', 'package.json', 'public/favicon.svg'];
const RESULTS = ['apps/control-plane/dist/main.js', AGENT_PROGRAM, 'apps/console/dist/www/index.html'];

/** Compiles when a source changed since the last time (tsc itself compiles only what changed), bundles agent and console. */
export function ensureBuilt(say = console.log, { always = false } = {}) {
  const wanted = fingerprint();
  const isBuilt = RESULTS.every((file) => existsSync(join(ROOT, file)));
  if (!always && isBuilt && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wanted) return;
  say('Building ...');
  const make = (args, stdout) =>
    spawnSync(process.execPath, args, { cwd: ROOT, stdio: ['ignore', stdout, 'inherit'] }).status === 0;
  if (!make([join('node_modules', 'typescript', 'bin', 'tsc'), '-b'], 'inherit'))
    throw new Error('the build failed (the compiler says above where)');
  if (!make([BUNDLER], 'ignore')) throw new Error('the agent cannot be made one file (esbuild says above why)');
  if (!make(CONSOLE_BUILDER, 'inherit')) throw new Error('the web console cannot be built (vite says above why)');
  writeFileSync(STAMP, wanted);
}

/** Path, size and time of every file that the build reads. */
function fingerprint() {
  const hash = createHash('sha256');
  const add = (file) => {
    const { size, mtimeMs } = statSync(join(ROOT, file));
    hash.update(`${file} ${size} ${mtimeMs}\n`);
  };
  for (const file of ['package-lock.json', 'tsconfig.json', 'tsconfig.base.json', BUNDLER]) add(file);
  for (const file of CONSOLE_FILES) add(join('apps/console', file));
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
    else if (!/\.spec\.tsx?$/.test(entry.name)) add(path);
  }
}
