#!/usr/bin/env node
/**
 * npm run agent -- --server host:50051 --token …: runs the agent of this host in the foreground.
 * The arguments are the agent's own (see --help); it remembers its enrolment, so the token is needed once.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import './lib/check-node.mjs';

try {
  const { ensureInstalled } = await import('./lib/install.mjs');
  const { AGENT_PROGRAM, ensureBuilt } = await import('./lib/build.mjs');
  const { ROOT } = await import('./lib/root.mjs');
  ensureInstalled();
  ensureBuilt();
  const guard = pathToFileURL(join(ROOT, 'scripts/lib/exit-with-parent.mjs')).href;
  const program = join(ROOT, AGENT_PROGRAM);
  const child = spawn(process.execPath, ['--import', guard, program, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  // Ctrl-C reaches the agent by itself; what is sent to this process only is passed on
  process.on('SIGINT', () => undefined);
  for (const name of ['SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('error', (error) => {
    console.error(`the agent cannot be run: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
