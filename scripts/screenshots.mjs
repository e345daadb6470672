#!/usr/bin/env node
/**
 * npm run screenshots: every screen of the console as a picture, in light and dark and as wide as a telephone, from a
 * demo fleet of its own. What the browser complains of, and what reaches out of the window, makes it fail.
 */
import './lib/check-node.mjs';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const HELP = `npm run screenshots -- [options]
  --out DIR        where the pictures go (.flotilla/screenshots)
  --only WORD      only screens whose address or picture's name holds this word; may be given several times
  --url URL        an installation that runs already, with --email and --password, instead of a demo of its own
  --wait SECONDS   how long a demo of its own lives before the pictures, so that rules and policies have said something (75)`;

const { values: wishes } = parseArgs({
  options: {
    out: { type: 'string', default: '.flotilla/screenshots' },
    only: { type: 'string', multiple: true },
    url: { type: 'string' },
    email: { type: 'string', default: 'ada@example.com' },
    password: { type: 'string', default: 'screenshots-only-1' },
    wait: { type: 'string', default: '75' },
    help: { type: 'boolean' },
  },
});
if (wishes.help) {
  console.log(HELP);
  process.exit(0);
}

/** name, width, height, colours */
const LOOKS = [
  ['light', 1440, 900, 'light'],
  ['dark', 1440, 900, 'dark'],
  ['narrow', 360, 780, 'light'],
];
/** A picture is no taller than this: what is below is more of the same. */
const TALLEST = 3_200;

const { ROOT } = await import('./lib/root.mjs');
const { ensureInstalled } = await import('./lib/install.mjs');
ensureInstalled();
const { ensureChromium } = await import('./lib/browser.mjs');
const { screensToShow } = await import('./lib/screenshot-screens.mjs');
const { path: executablePath, why } = ensureChromium();
if (!executablePath) {
  console.error(why);
  process.exit(1);
}
const stage = wishes.url ? { url: wishes.url, close: () => undefined } : await ownDemo();
let faults;
try {
  faults = await takeAll(stage.url);
} finally {
  await stage.close();
}
process.exit(faults > 0 ? 1 : 0);

async function ownDemo() {
  const { ensureBuilt } = await import('./lib/build.mjs');
  ensureBuilt();
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-screenshots-'));
  Object.assign(process.env, {
    FLOTILLA_DATA_DIR: folder,
    FLOTILLA_HTTP_PORT: '0',
    FLOTILLA_GRPC_PORT: '0',
    FLOTILLA_ADMIN_EMAIL: wishes.email,
    FLOTILLA_ADMIN_PASSWORD: wishes.password,
  });
  const { Launcher } = await import('./lib/launcher.mjs');
  const launcher = new Launcher({ demo: true, verbose: false, agent: false, say: console.log });
  const close = async () => {
    await launcher.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  console.log('Starting a demo fleet ...');
  const { ready } = await launcher.start().catch(async (error) => {
    await close();
    throw error;
  });
  await new Promise((resolve) => setTimeout(resolve, Number(wishes.wait) * 1000));
  return { url: ready.address, close };
}

/** @returns how many faults were found */
async function takeAll(url) {
  const { chromium } = await import('playwright-core');
  const out = resolve(ROOT, wishes.out);
  mkdirSync(out, { recursive: true });
  const shots = await screensToShow(await firstOf(url));
  const wanted = shots.filter(
    ({ path, name }) => !wishes.only || wishes.only.some((word) => path.includes(word) || name.includes(word)),
  );
  const browser = await chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  });
  let found = 0;
  const complain = (where, text) => {
    found += 1;
    console.log(`  ${where}: ${text}`);
  };
  try {
    for (const [look, width, height, colorScheme] of LOOKS) {
      const context = await browser.newContext({ viewport: { width, height }, colorScheme, reducedMotion: 'reduce' });
      const page = await context.newPage();
      let where = 'login';
      page.on('console', (message) => {
        // told of by itself, below
        if (message.type() === 'error' && !message.text().includes('429')) complain(`${look} ${where}`, message.text());
      });
      let refusedAt = 0;
      page.on('response', (response) => {
        if (response.status() === 429) refusedAt = Date.now();
      });
      page.on('pageerror', (error) => complain(`${look} ${where}`, error.message));
      await page.goto(url);
      await page.getByLabel('E-mail').waitFor();
      await page.screenshot({ path: join(out, `login.${look}.png`) });
      await page.getByLabel('E-mail').fill(wishes.email);
      await page.getByLabel('Password').fill(wishes.password);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.locator('#main').waitFor();
      for (const { path, name, act } of wanted) {
        where = path;
        // nobody else looks through all screens as quickly: where a limit is reached the picture is taken again a minute later
        for (const last of [false, true]) {
          const began = Date.now();
          await page.goto(url + path);
          await page.locator('#main').waitFor();
          await settled(page);
          if (refusedAt < began) break;
          if (last) complain(`${look} ${path}`, 'too many requests, also a minute later');
          else await page.waitForTimeout(60_000);
        }
        await act?.(page).catch((error) => complain(`${look} ${name}`, error.message.split('\n')[0]));
        if (act) await settled(page);
        if (await page.evaluate('document.documentElement.scrollWidth > innerWidth')) {
          complain(`${look} ${path}`, 'reaches out of the window');
        }
        // a picture of the whole, in a window as tall as it: what sticks to the window then stands where it belongs
        const tall = act ? 0 : await page.evaluate('document.documentElement.scrollHeight');
        if (tall > height) {
          await page.setViewportSize({ width, height: Math.min(TALLEST, tall) });
          await settled(page);
        }
        await page.screenshot({ path: join(out, `${name}.${look}.png`) });
        if (tall > height) await page.setViewportSize({ width, height });
      }
      await context.close();
    }
  } finally {
    await browser.close();
  }
  console.log(`${wanted.length} screens × ${LOOKS.length} in ${wishes.out}, ${found} faults`);
  return found;
}

/** Nothing in the window loads any more (what is below it may wait to be seen); a screen that never comes to rest is taken as it is. */
async function settled(page) {
  const isBusy = `[...document.querySelectorAll('main [aria-busy=true]')].some((one) => one.getBoundingClientRect().top < innerHeight)`;
  const end = Date.now() + 20_000;
  while ((await page.evaluate(isBusy)) && Date.now() < end) await page.waitForTimeout(100);
  if (Date.now() >= end) console.log(`  ${page.url()}: still loading after 20 s`);
  await page.waitForTimeout(500);
}

/** Asks the API for the first thing of a list. */
async function firstOf(url) {
  const login = await fetch(`${url}/api/auth/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email: wishes.email, password: wishes.password }),
  });
  if (!login.ok) throw new Error(`cannot log in: ${await login.text()}`);
  const headers = { Authorization: `Bearer ${(await login.json()).data.accessToken}` };
  return async (list) => {
    const answer = await fetch(`${url}/api${list}${list.includes('?') ? '&' : '?'}limit=1`, { headers });
    return answer.ok ? (await answer.json()).data[0] : undefined;
  };
}
