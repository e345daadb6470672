#!/usr/bin/env node
/** npm run build: installs what is missing, then compiles everything. */
import './lib/check-node.mjs';

try {
  const { ensureInstalled } = await import('./lib/install.mjs');
  const { ensureBuilt } = await import('./lib/build.mjs');
  ensureInstalled();
  ensureBuilt(console.log, { always: true });
  console.log('Built.');
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
