import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { TEST_PASSWORD } from '../../support/app.js';
import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('who is at the console', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  const SECRET = 'known-to-the-first-tenant-only';

  beforeAll(async () => {
    stage = await openConsole();
    ({ page } = stage);
    const made = await stage.app.call('POST', '/api/webhooks', {
      as: stage.token,
      body: { url: 'https://receiver.example.com/hook', description: SECRET, event_types: ['*'] },
    });
    expect(made.status).toBe(201);
    const other = await stage.app.newTenant();
    await stage.app.newUser('admin', { tenantId: other, email: 'olga@example.com' });
    await stage.app.newUser('viewer', { email: 'vera@example.com' });
    await stage.app.newUser('operator', { email: 'otto@example.com' });
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const logOut = async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Screen, command or name' }).fill('log out');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Log in' }).waitFor();
  };
  const screens = () => page.getByRole('navigation', { name: 'Screens' });

  it('leaves nothing of the one before on the page, in the address and in what it keeps', async () => {
    await stage.visit(`/webhooks?page=1&q=${SECRET}`);
    await page.getByText(SECRET).waitFor();
    await logOut();
    expect(await page.content()).not.toContain(SECRET);
    // no page is loaded anew: what the first one's requests brought would still be there
    const asked: string[] = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    await stage.logIn('olga@example.com', TEST_PASSWORD);
    await screens().waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe('/');
    await screens().getByRole('link', { name: 'Webhooks' }).click();
    await page.getByRole('heading', { name: 'No webhook yet' }).waitFor();
    expect(asked).toContain('/api/webhooks');
    expect(await page.content()).not.toContain(SECRET);
    await logOut();
  });

  it.each([
    ['vera@example.com', ['Acknowledge alerts', 'New policy', 'New webhook']],
    ['otto@example.com', ['New policy', 'New webhook']],
  ])('shows %s no button that the control plane would refuse', async (email, never) => {
    await stage.logIn(email, TEST_PASSWORD);
    await screens().waitFor();
    for (const title of ['Webhooks', 'Audit', 'Add a host']) {
      expect(await screens().getByRole('link', { name: title }).count()).toBe(0);
    }
    for (const path of ['/policies', '/alert-rules', '/notification-channels', '/maintenance-windows', '/budgets']) {
      await stage.visit(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const writes = page.locator('main').getByText(/^(New |Make |Choose a template|Protection$|Delete|Add )/);
      expect({ path, writes: await writes.allTextContents() }).toEqual({ path, writes: [] });
    }
    for (const path of ['/policies/new', '/webhooks', '/audit', '/agents/new', '/alert-rules/new']) {
      await stage.visit(path);
      await page.getByRole('heading', { name: 'Admins see this' }).waitFor();
    }
    await page.keyboard.press('Control+k');
    const found = await page.getByRole('option').allTextContents();
    expect(found.length).toBeGreaterThan(10);
    for (const title of never) expect(found.filter((one) => one.startsWith(title))).toEqual([]);
    await page.keyboard.press('Escape');
    await logOut();
  });

  it('reaches each screen and each main deed by its palette', async () => {
    await stage.logIn();
    await screens().waitFor();
    const links = await screens().getByRole('link').allTextContents();
    const titles = links.map((one) => one.trim().replace(/\d.*$/, '')).filter((one) => one !== 'Flotilla');
    expect(titles.length).toBeGreaterThan(15);
    const run = async (words: string) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Screen, command or name' }).fill(words);
      await page.getByRole('listbox', { name: 'What fits' }).getByRole('option', { selected: true }).waitFor();
      await page.keyboard.press('Enter');
      await page.getByRole('combobox', { name: 'Screen, command or name' }).waitFor({ state: 'detached' });
    };
    for (const title of titles) {
      const to = await screens().getByRole('link', { name: title }).first().getAttribute('href');
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Screen, command or name' }).fill(title);
      await page
        .getByRole('listbox', { name: 'What fits' })
        .getByRole('option')
        .filter({ hasText: title })
        .first()
        .click();
      await page.waitForURL((url) => url.pathname === to);
    }
    const deeds: readonly (readonly [string, RegExp])[] = [
      ['acknowledge alerts', /\/alerts$/],
      ['new alert rule', /\/alert-rules\/new/],
      ['new policy', /\/policies\/new/],
      ['new budget', /\/budgets\?dialog=new/],
      ['new channel', /\/notification-channels\/new/],
      ['new maintenance', /\/maintenance-windows\?window=new/],
      ['new webhook', /\/webhooks\?dialog=new/],
      ['export what', /\/exports/],
      ['stop or start', /\/(\?.*)?$/],
      ['approve or reject', /\/actions/],
    ];
    for (const [words, to] of deeds) {
      await run(words);
      await page.waitForURL(to);
      const dialog = page.getByRole('dialog');
      if (/window=|dialog=/.test(page.url())) {
        await dialog.waitFor();
        expect(await stage.faults()).toEqual([]);
        await page.keyboard.press('Escape');
        await dialog.waitFor({ state: 'detached' });
      }
    }
  });

  it('is begun at the content by the first key, and keeps to its keys', async () => {
    await stage.visit('/policies');
    // the focus begins at the content of a screen; whoever goes back to the top can skip the navigation
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    const skip = page.getByRole('link', { name: 'To the content' });
    await skip.focus();
    const box = (await skip.boundingBox())!;
    expect(box.x >= 0 && box.y >= 0).toBe(true);
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('main');
    const opener = page.getByRole('button', { name: 'Protection' });
    await opener.focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await opener.evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
  });

  it('gives a curl that does the same when it is run', async () => {
    const key = await stage.app.apiKey('admin');
    await stage.visit('/agents/new');
    await page.getByRole('button', { name: 'curl' }).click();
    const command = (await page.getByLabel('Command', { exact: true }).textContent())!;
    const env = { ...process.env, FLOTILLA_API_KEY: key };
    const { stdout: answer } = await promisify(execFile)('sh', ['-c', command], { env });
    expect(JSON.parse(answer)).toMatchObject({ success: true, data: { name: 'a GPU host' } });
  });
});
