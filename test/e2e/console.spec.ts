import axe from 'axe-core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { startTestApp, TEST_PASSWORD } from '../support/app.js';
import type { TestApp, TestUser } from '../support/app.js';
import { chromiumPath, openBrowser } from '../support/browser.js';

const HOSTILE = '<img src=x onerror=alert(1)>"\'&lt; \u202egnp.exe 🛶 ' + 'x'.repeat(180);
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const withBrowser = chromiumPath() ? describe : describe.skip;
if (!chromiumPath()) console.log('skipped: the console in a browser, because no Chromium is installed here');

withBrowser('the console in a browser', () => {
  let app: TestApp;
  let browser: Browser;
  let user: TestUser;
  let context: BrowserContext;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    user = await app.newUser('admin', { email: 'ada@example.com' });
    browser = await openBrowser();
    context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
    page = await context.newPage();
    // a breach of the policy, an error of a script, a dialog that a hostile name opened
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(`${message.text()} ${message.location().url}`);
    });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => {
      complaints.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  });
  afterAll(async () => {
    await browser?.close();
    await app?.close();
  });
  afterEach(() => expect(complaints.splice(0)).toEqual([]));

  /** What WCAG 2.2 AA finds fault with; evaluated by the browser itself, because the page's policy lets no script in. */
  const faults = async () => {
    await page.evaluate(axe.source);
    const found = await page.evaluate<axe.AxeResults>(`axe.run(document, { runOnly: ${JSON.stringify(WCAG)} })`);
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  };
  const fitsTheWindow = () => page.evaluate<boolean>('document.documentElement.scrollWidth <= innerWidth');
  const logIn = async (password: string) => {
    await page.getByLabel('E-mail').fill(user.email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Log in' }).click();
  };

  it('asks who is there, and says what is wrong', async () => {
    await page.goto(app.url);
    expect(await faults()).toEqual([]);
    await logIn('not the password');
    expect(await page.getByRole('alert').textContent()).toBe('The e-mail or the password is wrong.');
    // the browser itself reports the refusal
    expect(complaints.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  it('begins with how to add a host, and makes the command', async () => {
    await logIn(TEST_PASSWORD);
    await page.getByRole('heading', { name: 'No GPU host yet' }).waitFor();
    expect(await faults()).toEqual([]);
    await page.getByRole('main').getByRole('link', { name: 'Add a host' }).click();
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByText('Waiting for the host').waitFor();
    expect(await page.getByLabel('The command for the host').textContent()).toMatch(
      /install\.sh .*FLOTILLA_ENROLLMENT_TOKEN=/,
    );
    expect(await faults()).toEqual([]);
  });

  it('keeps the session when the page is loaded anew, with no token within a script’s reach', async () => {
    await page.goto(app.url);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    const reachable = await page.evaluate<string>(
      'document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)',
    );
    expect(reachable).not.toMatch(/flr_|eyJ/);
    const [cookie] = await context.cookies(`${app.url}/api/auth/browser-session`);
    expect(cookie).toMatchObject({ name: 'flotilla_session', httpOnly: true, sameSite: 'Strict' });
  });

  it.each(['light', 'dark'] as const)('shows instances, hostile names as text, in %s colours', async (colorScheme) => {
    const key = await app.apiKey(['agent']);
    const body = {
      instances: [
        {
          instance_id: 'i-hostile',
          cloud_provider: 'other',
          name: HOSTILE,
          state: 'running',
          gpu_count: 8,
          gpu_type: 'H100',
        },
        { instance_id: 'i-plain', cloud_provider: 'other', name: 'trainer-1', state: 'stopped', gpu_count: 1 },
      ],
    };
    expect((await app.call('POST', '/api/sync', { as: key, body })).status).toBe(200);
    await page.emulateMedia({ colorScheme });
    await page.goto(app.url);
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    // nothing reaches out of the window
    expect(await fitsTheWindow()).toBe(true);
    expect(await faults()).toEqual([]);
    await page.getByRole('link', { name: HOSTILE }).click();
    await page.getByRole('heading', { name: HOSTILE, level: 1 }).waitFor();
    expect(await faults()).toEqual([]);
  });

  it('finds everything by keys', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('train');
    await page.getByRole('option', { name: 'trainer-1' }).waitFor();
    expect(await faults()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'trainer-1', level: 1 }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('g');
    await page.keyboard.press('a');
    await page.getByRole('heading', { name: 'Add a host', level: 1 }).waitFor();
  });

  it('can be used at 360 pixels', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await page.goto(app.url);
    await page.getByRole('link', { name: 'trainer-1' }).waitFor();
    expect(await fitsTheWindow()).toBe(true);
    await page.getByRole('button', { name: 'Screens' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Add a host' }).click();
    await page.getByRole('button', { name: 'Make the command' }).waitFor();
    expect(await faults()).toEqual([]);
  });

  it('ends the session', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('button', { name: user.email }).click();
    expect(await faults()).toEqual([]);
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.reload();
    await page.getByLabel('Password').waitFor();
  });
});
