import { screensToShow } from '../../../scripts/lib/screenshot-screens.mjs';
import type { Shot } from '../../../scripts/lib/screenshot-screens.mjs';
import { makeHostileTenant } from './hostile-tenant.js';
import { mouseOnly, namesThatReachOut, reachingOut, walkByTab } from './page-checks.js';
import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

/** What is wrong with a screen, by what was looked at; empty is good. */
type Faults = Record<string, readonly string[]>;

describeInBrowser('every screen of the console, with hostile names on it', () => {
  let stage: ConsoleStage;
  let shots: readonly Shot[];

  beforeAll(async () => {
    stage = await openConsole();
    await makeHostileTenant(stage);
    await stage.visit('/');
    shots = await screensToShow(async (path) => {
      const { body } = await stage.app.call('GET', `/api${path}${path.includes('?') ? '&' : '?'}limit=1`, {
        as: stage.token,
      });
      return (body.data as { id: number }[])[0];
    });
  }, 120_000);
  afterAll(() => stage?.close());

  it('has a name on each that is shown as text, turns nothing round, and fits; each is used by keys alone', async () => {
    const faulty: Record<string, Faults> = {};
    for (const { path, name, act } of shots) {
      if (act) await stage.visit(path);
      else await stage.go(path);
      await act?.(stage.page);
      if (act) {
        // what a hand opens is a dialog, which takes the focus and may ask something first
        await stage.page.locator('[role=dialog] :focus, [role=alertdialog] :focus').waitFor({ state: 'attached' });
        await stage.page.locator('[role=dialog] [aria-busy=true]').first().waitFor({ state: 'detached' });
      }
      const found: Faults = {
        names: await namesThatReachOut(stage.page),
        mouse: await mouseOnly(stage.page),
        keys: await walkByTab(stage.page),
        axe: await stage.faults(),
        wide: await reachingOut(stage.page),
      };
      await stage.narrow(async () => {
        found['narrow'] = await reachingOut(stage.page);
      });
      found['complaints'] = stage.complaints.splice(0);
      const bad = Object.fromEntries(Object.entries(found).filter(([, list]) => list.length > 0));
      if (Object.keys(bad).length > 0) faulty[name] = bad;
    }
    expect(faulty).toEqual({});
  }, 900_000);
});
