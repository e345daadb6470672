import { TEST_PASSWORD } from '../../support/app.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('the console in a browser', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let complaints: string[];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page, complaints } = stage);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(complaints.splice(0)).toEqual([]));

  it('asks who is there, and says what is wrong', async () => {
    await page.goto(stage.app.url);
    expect(await stage.faults()).toEqual([]);
    await stage.logIn(undefined, 'not the password');
    expect(await page.getByRole('alert').textContent()).toBe('The e-mail or the password is wrong.');
    // the browser itself reports the refusal
    expect(complaints.splice(0)).toEqual([expect.stringContaining('401')]);
  });

  it('begins with how to add a host, and makes the command', async () => {
    await stage.logIn(undefined, TEST_PASSWORD);
    await page.getByRole('heading', { name: 'Put your first GPU host here', level: 1 }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByText('Waiting for the host').waitFor();
    expect(await page.getByLabel('The command for the host').textContent()).toMatch(
      /install\.sh .*FLOTILLA_ENROLLMENT_TOKEN=/,
    );
    expect(await stage.faults()).toEqual([]);
  });

  it('keeps the session when the page is loaded anew, with no token within a script’s reach', async () => {
    await page.goto(stage.app.url);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    const reachable = await page.evaluate<string>(
      'document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)',
    );
    expect(reachable).not.toMatch(/flr_|eyJ/);
    const [cookie] = await stage.context.cookies(`${stage.app.url}/api/auth/browser-session`);
    expect(cookie).toMatchObject({ name: 'flotilla_session', httpOnly: true, sameSite: 'Strict' });
  });

  it('shows instances, hostile names as text', async () => {
    const key = await stage.app.apiKey(['agent']);
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
    expect((await stage.app.call('POST', '/api/sync', { as: key, body })).status).toBe(200);
    await page.goto(stage.app.url);
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    expect(await page.getByRole('row').count()).toBe(3);
    // nothing reaches out of the window
    expect(await stage.fitsTheWindow()).toBe(true);
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('link', { name: HOSTILE }).click();
    await page.getByRole('heading', { name: HOSTILE, level: 1 }).waitFor();
    expect(await stage.faults()).toEqual([]);
  });

  it('changes its colours at once where less motion is asked for', async () => {
    const moving = await page.evaluate<string[]>(`(() => {
      const root = document.documentElement;
      const was = root.dataset.theme;
      getComputedStyle(root).color;
      root.dataset.theme = was === 'dark' ? 'light' : 'dark';
      const names = document.getAnimations().map(({ transitionProperty }) => transitionProperty);
      root.dataset.theme = was;
      return names;
    })()`);
    expect([...new Set(moving)]).toEqual([]);
  });

  it('finds everything by keys', async () => {
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('train');
    await page.getByRole('option', { name: /^trainer-1 ?Instance/ }).waitFor();
    expect(await stage.faults()).toEqual([]);
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
    await page.goto(stage.app.url);
    await page.getByRole('link', { name: 'trainer-1' }).waitFor();
    expect(await stage.fitsTheWindow()).toBe(true);
    await page.getByRole('button', { name: 'Screens' }).click();
    await page.getByRole('navigation').getByRole('link', { name: 'Add a host' }).click();
    await page.getByRole('button', { name: 'Make the command' }).waitFor();
    expect(await stage.faults()).toEqual([]);
  });

  it('ends the session', async () => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.getByRole('button', { name: stage.user.email }).click();
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await page.getByLabel('Password').waitFor();
    await page.reload();
    await page.getByLabel('Password').waitFor();
  });
});
