import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import type { Role } from '@flotilla/contracts';
import type { Config } from '../../../apps/control-plane/src/platform/index.js';
import { startTestApp, TEST_PASSWORD } from '../../support/app.js';
import type { TestApp, TestUser } from '../../support/app.js';
import { chromiumPath, openBrowser } from '../../support/browser.js';

/** A name as nobody sane gives it: markup, quotes, text that turns round, a picture, and long. */
export const HOSTILE = '<img src=x onerror=alert(1)>"\'&lt; \u202egnp.exe 🛶 ' + 'x'.repeat(180);
/** The same in the midst of a sentence, where nothing may turn round what follows. */
export const HOSTILE_IN_SENTENCES = HOSTILE.replace('\u202e', '');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** What other colours can change; all else is the same in both. */
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

/** `describe` where there is a browser; otherwise it says in one line what it lacks. */
export const describeInBrowser = chromiumPath() ? describe : describe.skip;
if (!chromiumPath()) console.log('skipped: the console in a browser, because no Chromium is installed here');

/** The console in a browser, before a control plane of its own. */
export interface ConsoleStage {
  readonly app: TestApp;
  readonly user: TestUser;
  readonly context: BrowserContext;
  readonly page: Page;
  /** What the browser complained of: errors of scripts, breaches of the policy, dialogs. Expected to be empty after each test. */
  readonly complaints: string[];
  /** A bearer token of the person who is logged in, for calls of the test itself. */
  readonly token: string;
  /** Logs in through the form. */
  logIn(email?: string, password?: string): Promise<void>;
  /** Goes to a screen, logged in, and waits until it has nothing to load any more. */
  visit(path: string): Promise<void>;
  /** As `visit`, by the console itself: nothing is loaded anew, so it may be done more often than sessions are renewed. */
  go(path: string): Promise<void>;
  /** Each in turn: what WCAG 2.2 AA finds fault with, evaluated in light and in dark colours. */
  faults(): Promise<string[]>;
  /** Nothing reaches out of the window sideways. */
  fitsTheWindow(): Promise<boolean>;
  /** Runs it at the width of a telephone. */
  narrow(check: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

const SIZE = { width: 1280, height: 800 };

/** @param role of the person who is logged in @param config what of the control plane's settings is to be other than in tests */
export async function openConsole(
  role: Role = 'admin',
  email = 'ada@example.com',
  config: Partial<Config> = {},
): Promise<ConsoleStage> {
  const app = await startTestApp({ config });
  const user = await app.newUser(role, { email });
  const browser: Browser = await openBrowser();
  const context = await browser.newContext({ viewport: SIZE, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('dialog', (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  const { body } = await app.call('POST', '/api/auth/login', {
    body: { email: user.email, password: user.password, tenant_id: app.tenantId },
  });
  const logIn = async (address = user.email, password = TEST_PASSWORD) => {
    await page.getByLabel('E-mail').fill(address);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  };
  const settled = async () => {
    await page.locator('#main').waitFor();
    await page.locator('main [aria-busy=true][role=status]').first().waitFor({ state: 'detached' });
  };
  return {
    app,
    user,
    context,
    page,
    complaints,
    logIn,
    token: body.data.accessToken as string,
    visit: async (path) => {
      await page.goto(app.url + path);
      const inside = page.locator('#main');
      // not while the browser asks whether it still has a session
      const login = page.locator('form[aria-busy=false]').getByRole('button', { name: 'Log in' });
      await inside.or(login).first().waitFor();
      if (await login.isVisible()) await logIn();
      await settled();
    },
    go: async (path) => {
      await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      await settled();
    },
    faults: async () => {
      const found: string[] = [];
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        // the page hears of it a moment later, and colours are computed anew at the next frame
        await page.locator(`html[data-theme=${colorScheme}]`).waitFor({ state: 'attached' });
        await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        // by the browser itself, because the page's policy lets no script in
        if (!(await page.evaluate<boolean>(`'axe' in window`))) await page.evaluate(axe.source);
        const only = colorScheme === 'dark' ? { type: 'tag', values: WCAG } : { type: 'rule', values: OF_COLOURS };
        const { violations } = await page.evaluate<axe.AxeResults>(
          `axe.run(document, { runOnly: ${JSON.stringify(only)}, resultTypes: ['violations'] })`,
        );
        found.push(
          ...violations.flatMap(({ id, nodes }) =>
            nodes.slice(0, 3).map(({ html, failureSummary }) => `${colorScheme} ${id}: ${html} ${failureSummary}`),
          ),
        );
      }
      return found;
    },
    fitsTheWindow: () => page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth'),
    narrow: async (check) => {
      await page.setViewportSize({ width: 360, height: 740 });
      // laid out anew at the next frame
      await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
      await check().finally(() => page.setViewportSize(SIZE));
    },
    close: async () => {
      await browser.close();
      await app.close();
    },
  };
}
