#!/usr/bin/env node
/** npm start: installs and builds what is missing, then runs Flotilla on this machine until Ctrl-C. */
import './lib/check-node.mjs';

const HELP = `npm start -- [options]
  --demo       a simulated fleet in its own data folder (the same as npm run demo)
  --no-agent   do not run an agent for this host
  --verbose    write the parts' logs to the terminal
Settings are environment variables; the README lists them.`;

const KNOWN = ['--demo', '--no-agent', '--verbose', '--help'];
const wishes = process.argv.slice(2);
const stranger = wishes.find((wish) => !KNOWN.includes(wish));
if (stranger !== undefined || wishes.includes('--help')) {
  console.log(stranger === undefined ? HELP : `${stranger} is not an option.\n\n${HELP}`);
  process.exit(stranger === undefined ? 0 : 2);
}

const began = performance.now();
const demo = wishes.includes('--demo');
let launcher;
let stopping = false;

async function stop(signal) {
  if (stopping) {
    console.log('Stopping at once.');
    launcher?.kill();
    process.exit(1);
  }
  stopping = true;
  if (!launcher) process.exit(0);
  console.log(signal === 'SIGINT' ? '\nStopping ... (Ctrl-C again: at once)' : 'Stopping ...');
  await launcher.stop();
  console.log('Stopped.');
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop(signal));

try {
  const { ensureInstalled } = await import('./lib/install.mjs');
  const { ensureBuilt } = await import('./lib/build.mjs');
  ensureInstalled();
  ensureBuilt();
  const { Launcher } = await import('./lib/launcher.mjs');
  const { banner } = await import('./lib/banner.mjs');
  const made = new Launcher({
    demo,
    verbose: wishes.includes('--verbose'),
    agent: !demo && !wishes.includes('--no-agent'),
    say: (line) => console.log(line),
  });
  launcher = made;
  const started = await made.start();
  if (!stopping)
    console.log(banner({ ...started, demo, dataDir: made.dataDir, seconds: (performance.now() - began) / 1000 }));
} catch (error) {
  if (!stopping) {
    console.error(error.message);
    await launcher?.stop().catch(() => undefined);
    process.exit(error.exitCode ?? 1);
  }
}
