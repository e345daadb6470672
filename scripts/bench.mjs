#!/usr/bin/env node
/**
 * npm run bench -- <name> [--json] [more]: runs test/bench/<name>/index.ts on the built program.
 *
 * A bench exports `run({ say, args })` and resolves to its result, which is printed as JSON on the last line; what it
 * says meanwhile goes to the terminal, or to stderr with --json, so that stdout is JSON alone.
 */
import './lib/check-node.mjs';

const { existsSync, readdirSync } = await import('node:fs');
const { join } = await import('node:path');
const { pathToFileURL } = await import('node:url');
const { ROOT } = await import('./lib/root.mjs');

const { CONTROL_PLANE_FLAGS } = await import('./lib/node-flags.mjs');

// measured as it runs in production; the processes that a bench forks inherit the flags
if (!CONTROL_PLANE_FLAGS.every((flag) => process.execArgv.includes(flag))) {
  const { spawnSync } = await import('node:child_process');
  const again = [...CONTROL_PLANE_FLAGS, ...process.execArgv, ...process.argv.slice(1)];
  process.exit(spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 1);
}

const FOLDER = join(ROOT, 'test', 'bench');
const names = existsSync(FOLDER)
  ? readdirSync(FOLDER, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && sourceOf(entry.name))
      .map((entry) => entry.name)
  : [];
const [name, ...rest] = process.argv.slice(2);
if (!name || !names.includes(name)) {
  console.error(
    `npm run bench -- <name> [--json], where <name> is one of: ${names.join(', ') || '(there is none yet)'}`,
  );
  process.exit(2);
}
const isJson = rest.includes('--json');
const args = rest.filter((arg) => arg !== '--json');
const say = isJson ? console.error : console.log;

try {
  const { ensureInstalled } = await import('./lib/install.mjs');
  const { ensureBuilt } = await import('./lib/build.mjs');
  ensureInstalled(say);
  ensureBuilt(say);
  const source = sourceOf(name);
  const program = source.endsWith('.ts') ? await compile(source) : source;
  const { run } = await import(pathToFileURL(program).href);
  if (typeof run !== 'function') throw new Error(`test/bench/${name} exports no function run`);
  const result = await run({ say, args });
  console.log(JSON.stringify({ bench: name, at: new Date().toISOString(), node: process.version, ...result }));
  process.exit(0);
} catch (error) {
  console.error(error.stack ?? error.message);
  process.exit(1);
}

function sourceOf(bench) {
  return ['index.ts', 'index.mjs'].map((file) => join(FOLDER, bench, file)).find((file) => existsSync(file));
}

/** To one module that imports packages, and what lies in dist folders, from where they are. */
async function compile(source) {
  const { build } = await import('esbuild');
  const outfile = join(ROOT, 'node_modules', '.flotilla-bench', `${name}.mjs`);
  await build({
    entryPoints: [source],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'error',
    plugins: [builtCode(), plainJavaScript()],
  });
  return outfile;
}

function builtCode() {
  return {
    name: 'built-code',
    setup: (build) =>
      build.onResolve({ filter: /\/dist\/.*\.js$/ }, ({ path, resolveDir }) => ({
        path: pathToFileURL(join(resolveDir, path)).href,
        external: true,
      })),
  };
}

/** .mjs files know where they lie (import.meta.url), so they are imported and not taken in. */
function plainJavaScript() {
  return {
    name: 'plain-javascript',
    setup: (build) =>
      build.onResolve({ filter: /^\..*\.mjs$/ }, ({ path, resolveDir }) => ({
        path: pathToFileURL(join(resolveDir, path)).href,
        external: true,
      })),
  };
}
