import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.mjs';

/** Where the API lists what a screen's parameter names, if not under the screen's own address. */
const COLLECTIONS = { '/policies': '/enforcement-policies' };
/** Parameters that no list has. */
const GIVEN = {
  '/policies/new/:template': ['/policies/new/idle-stop'],
  '/settings/:tab': ['me', 'users', 'api-keys', 'agents', 'tenant', 'stop-gate'].map((tab) => `/settings/${tab}`),
};
/** Screens that show something else by what stands behind the question mark. */
const VIEWS = [
  '/?colour=idle',
  ...['map', 'bars'].map((view) => `/costs?view=${view}`),
  ...['charges', 'showback', 'gpu-hours', 'bills', 'rules'].map((tab) => `/costs?tab=${tab}`),
  ...['usage', 'unit-economics', 'drift', 'prices'].map((tab) => `/ai-spend?tab=${tab}`),
  '/alert-rules?tab=built-in',
  '/notification-channels?tab=policy',
  ...['week', 'list'].map((view) => `/maintenance-windows?view=${view}`),
  '/there-is-no-such-screen',
];
/** Of the first one of these. */
const VIEWS_OF_ONE = {
  '/instances': ['?last=24h', '?tab=health', '?tab=processes', '?tab=cost', '?tab=actions', '?tab=facts'],
  '/policies': ['?tab=simulate', '?tab=history', '?tab=versions'],
};
/** What only a hand opens, and nothing that it changes: [name, address, what the hand does, of which list the first one is meant]. */
const BY_HAND = [
  ['palette', '/', (page) => page.keyboard.press('Control+K')],
  ['keys', '/', (page) => page.keyboard.press('?')],
  [
    'stop-dialog',
    '/',
    async (page) => {
      const box = page.locator('tbody input[type=checkbox]').first();
      await box.check();
      await page.getByRole('button', { name: /^Stop/ }).first().click();
    },
  ],
  [
    'arm-dialog',
    '/policies/:id',
    (page) => page.getByRole('button', { name: /^Arm/ }).click(),
    '/enforcement-policies?enabled=false',
  ],
];

/** @typedef {{ path: string, name: string, act?: (page: import('playwright-core').Page) => Promise<void> }} Shot */

const wordsOf = (path) => {
  const words = path.slice(1).replaceAll(/[^A-Za-z0-9]+/g, '-');
  return words === '' || words.startsWith('-') ? `fleet${words}` : words;
};

/**
 * Every screen of the console, its views, and what only a hand opens; those with a parameter at the first thing that the API
 * lists.
 *
 * @param {(path: string) => Promise<{ id: number } | undefined>} first the first thing of a list of the API
 * @returns {Promise<Shot[]>}
 */
export async function screensToShow(first) {
  const source = readFileSync(join(ROOT, 'apps/console/src/app/screens.ts'), 'utf8');
  const addresses = [...source.matchAll(/^\s*path: '([^']+)'/gm)].map(([, path]) => path);
  const shots = [];
  const add = (path, name = wordsOf(path), act = undefined) => shots.push({ path, name, act });
  for (const address of addresses) {
    const [, collection, rest] = /^(.*?)\/:\w+(.*)$/.exec(address) ?? [];
    if (collection === undefined) add(address);
    else if (GIVEN[address]) GIVEN[address].forEach((path) => add(path));
    else {
      const list = COLLECTIONS[collection] ?? collection;
      const found = await first(list);
      if (!found) {
        console.log(`  ${address}: nothing to show it with (GET /api${list})`);
        continue;
      }
      const path = `${collection}/${found.id}${rest}`;
      add(path, `${wordsOf(collection)}-one${rest}`.replaceAll('/', '-'));
      for (const view of VIEWS_OF_ONE[collection] ?? [])
        add(path + view, `${wordsOf(collection)}-one-${wordsOf(`/${view.slice(1)}`)}`);
    }
  }
  VIEWS.forEach((path) => add(path));
  for (const [name, address, act, list] of BY_HAND) {
    const one = list && (await first(list));
    if (one || !list) add(address.replace(':id', one?.id), name, act);
  }
  return shots;
}
