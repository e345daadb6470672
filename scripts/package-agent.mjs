#!/usr/bin/env node
/**
 * npm run package:agent [-- <folder>]: what a GPU host installs, for the architecture of this machine: the one file
 * for a host that has Node, a single executable, a Debian package, install.sh and SHA256SUMS. Default: dist/agent.
 */
import './lib/check-node.mjs';

const { copyFileSync, mkdirSync, rmSync, statSync } = await import('node:fs');
const { spawnSync } = await import('node:child_process');
const { join, resolve } = await import('node:path');
const { buildAgentBundle } = await import('../apps/agent/build-bundle.mjs');
const { architecture, koffiFile, makeDeb, makeExecutable, makeIndex } = await import('./lib/agent-package.mjs');
const { ROOT } = await import('./lib/root.mjs');

try {
  const folder = resolve(process.argv[2] ?? join(ROOT, 'dist/agent'));
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const tell = (path) => console.log(`${path} ${(statSync(path).size / 1e6).toFixed(1)} MB`);
  tell(await buildAgentBundle(join(folder, 'flotilla-agent.mjs')));
  const executable = await makeExecutable(folder);
  tell(executable);
  const koffi = koffiFile();
  if (koffi) copyFileSync(koffi, join(folder, `koffi-linux-${architecture()}.node`));
  if (spawnSync('dpkg-deb', ['--version']).status === 0) tell(makeDeb(folder, executable));
  else console.log('no Debian package: there is no dpkg-deb on this machine');
  makeIndex(folder);
  tell(join(folder, 'SHA256SUMS'));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
