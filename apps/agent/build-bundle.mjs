#!/usr/bin/env node
/**
 * Makes the agent one file (dist/flotilla-agent.mjs): it starts faster and takes less memory than some hundred modules,
 * and is what the packages ship. `node apps/agent/build-bundle.mjs [outfile]`; prints the path and size.
 */
import { renameSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { packRare } from './pack-rare.mjs';

export const BUNDLE = fileURLToPath(new URL('dist/flotilla-agent.mjs', import.meta.url));

/**
 * Short names, because the engine keeps the text for as long as it runs; with `keepNames` a stack still says which
 * function it was.
 */
const TEXT = {
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  legalComments: 'none',
};

/** Packages of the old kind call require; a module has none by itself. */
const MODULE = {
  format: 'esm',
  banner: {
    js: "import { createRequire as flotillaRequire } from 'node:module'; const require = flotillaRequire(import.meta.url);",
  },
};

const SCRIPT = {
  format: 'cjs',
  define: { 'import.meta.url': 'flotillaUrl' },
  banner: { js: "const flotillaUrl = require('node:url').pathToFileURL(process.execPath).href;" },
};

/**
 * @param singleExecutable for Node's single executables, whose program is one script of the old kind without a file of
 *   its own
 */
export async function buildAgentBundle(outfile = BUNDLE, { singleExecutable = false } = {}) {
  // in one step: who starts an agent meanwhile gets the old one or the new one
  const fresh = `${outfile}.${process.pid}.new`;
  await build({
    entryPoints: [fileURLToPath(new URL('src/main.ts', import.meta.url))],
    outfile: fresh,
    bundle: true,
    conditions: ['@flotilla/source'],
    plugins: [packRare({ ...TEXT, resolveDir: fileURLToPath(new URL('../../libs/providers', import.meta.url)) })],
    ...TEXT,
    ...(singleExecutable ? SCRIPT : MODULE),
  });
  renameSync(fresh, outfile);
  return outfile;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const outfile = await buildAgentBundle(process.argv[2]);
  console.log(`${outfile} ${(statSync(outfile).size / 1e6).toFixed(2)} MB`);
}
