import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = [
  '/opt/google/chrome/chrome',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];
const MINUTES = 8;

/** The Chromium of this machine, or undefined. FLOTILLA_TEST_CHROMIUM names another one. */
export function chromiumPath() {
  const folders = (process.env.PATH ?? '').split(':').filter(Boolean);
  const found = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [process.env.FLOTILLA_TEST_CHROMIUM, ...found, ...PLACES].find((path) => path && isProgram(path));
}

/**
 * The browser that the tests of the console need, from the machine's own packages where it is missing and can be had.
 *
 * @returns its path, or why there is none, in one line for a person
 */
export function ensureChromium(say = console.log) {
  const path = chromiumPath();
  if (path) return { path };
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    return { why: 'no Chromium is installed here, and only root can install one (Debian: apt-get install chromium)' };
  }
  say('Installing Chromium for the tests of the console (apt-get install chromium) ...');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args) =>
    spawnSync('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=120', ...args], {
      env,
      timeout: MINUTES * 60_000,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const install = () => apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-dejavu-core');
  // the lists of packages may be there, and old ones are good enough as long as they name it
  let result = install();
  if (result.status !== 0) {
    apt('update');
    result = install();
  }
  const installed = chromiumPath();
  if (installed) return { path: installed };
  const said = `${result.error?.message ?? result.stderr}`.trim().split('\n').at(-1);
  return { why: `Chromium cannot be installed here: ${said}` };
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
