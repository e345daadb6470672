import { TEST_PASSWORD } from '../../support/app.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('settings', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole('owner');
    ({ page } = stage);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));
  const get = async (path: string) => (await stage.app.call('GET', path, { as: stage.token })).body;

  it('invites somebody by a link that is shown once, with which they set their password', async () => {
    await stage.visit('/settings/users');
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByRole('textbox', { name: 'E-mail' }).fill('grace@example.com');
    await page.getByRole('textbox', { name: 'Name' }).fill(HOSTILE.slice(0, 190));
    await page.getByRole('dialog').getByRole('combobox', { name: 'Role' }).selectOption('operator');
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Make the link' }).click();
    const link = (await page.getByLabel('the link', { exact: true }).textContent())!;
    expect(link).toMatch(/\/invitation#\S{20,}$/);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('grace@example.com', { exact: true }).waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(await stage.fitsTheWindow()).toBe(true);
    // in a browser of their own
    const theirs = await (await stage.context.browser()!.newContext()).newPage();
    await theirs.goto(link);
    await theirs.getByLabel('Password', { exact: true }).fill(TEST_PASSWORD);
    await theirs.getByLabel('The same again').fill(TEST_PASSWORD);
    await theirs.getByRole('button', { name: 'Set the password' }).click();
    await theirs.getByRole('link', { name: 'To the log-in' }).click();
    await theirs.getByLabel('E-mail').fill('grace@example.com');
    await theirs.getByLabel('Password').fill(TEST_PASSWORD);
    await theirs.getByRole('button', { name: 'Log in' }).click();
    await theirs.getByRole('navigation', { name: 'Screens' }).waitFor();
    // an operator manages nobody
    await theirs.goto(`${stage.app.url}/settings/users`);
    await theirs.getByRole('heading', { name: 'Admins see this' }).waitFor();
    await theirs.context().close();
  });

  it('gives a person another role, and ends their access', async () => {
    await stage.visit('/settings/users');
    await page.getByRole('combobox', { name: 'Role of grace@example.com' }).selectOption('viewer');
    await page.getByText(/is viewer now$/).waitFor();
    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('disabled', { exact: true }).waitFor();
    const { data } = await get('/api/users?search=grace');
    expect(data).toMatchObject([{ role: 'viewer', status: 'disabled' }]);
  });

  it('makes a key, shows it once, exchanges and revokes it', async () => {
    await stage.visit('/settings/api-keys');
    await page.getByRole('heading', { name: 'No key yet' }).waitFor();
    await page.getByRole('button', { name: 'Make a key' }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('nightly report');
    await page.getByRole('dialog').getByRole('button', { name: 'Make the key' }).click();
    const key = (await page.getByLabel('the key', { exact: true }).textContent())!;
    expect((await stage.app.call('GET', '/api/instances', { headers: { 'x-api-key': key } })).status).toBe(200);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('nightly report').waitFor();
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Revoke …' }).click();
    await page.getByRole('button', { name: 'Revoke this key' }).click();
    await page.getByRole('heading', { name: 'No key yet' }).waitFor();
    expect((await stage.app.call('GET', '/api/instances', { headers: { 'x-api-key': key } })).status).toBe(401);
  });

  it('shows the agents with what is wrong with them, and revokes one when its host’s name is typed', async () => {
    await stage.app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.agents (tenant_id, hostname, version, clock_skew_ms, last_error, last_error_at)
         VALUES ($1, 'gpu-7', '1.0', 5200, 'nvidia-smi did not answer within 10 s', now())`,
        [stage.app.tenantId],
      ),
    );
    await stage.visit('/settings/agents');
    await page.getByText('nvidia-smi did not answer').waitFor();
    await page.getByText('+5.2 s').waitFor();
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Revoke the agent on gpu-7' }).click();
    await page.getByRole('textbox', { name: 'Type gpu-7 to go on' }).fill('gpu-7');
    await page.getByRole('button', { name: 'Revoke this agent' }).click();
    await page.getByText('revoked', { exact: true }).waitFor();
  });

  it('saves what holds for everybody, and says at the field what is wrong', async () => {
    await stage.visit('/settings/tenant');
    await page.getByRole('textbox', { name: 'Time zone' }).fill('Europe/Atlantis');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('input[aria-invalid=true]').waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('400')]);
    await page.getByRole('textbox', { name: 'Time zone' }).fill('Europe/Berlin');
    await page.getByRole('spinbutton', { name: 'For' }).fill('45');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Saved').waitFor();
    expect((await get('/api/tenant')).data).toMatchObject({ timezone: 'Europe/Berlin', idle_for_minutes: 45 });
  });

  it('changes the gate and the own password', async () => {
    await stage.visit('/settings/stop-gate');
    await page.getByRole('combobox', { name: 'It is a spot machine' }).selectOption('allow');
    await page.getByText('The gate judges by it from now on').waitFor();
    expect((await get('/api/stop-gate')).data.spot).toBe('allow');
    expect(await stage.faults()).toEqual([]);
    await stage.visit('/settings/me');
    await page.getByLabel('The one you have').fill('not the password');
    await page.getByLabel('A new one').fill(`${TEST_PASSWORD} 2`);
    await page.getByLabel('The new one again').fill(`${TEST_PASSWORD} 2`);
    await page.getByRole('button', { name: 'Change the password' }).click();
    await page.locator('form [role=alert], form input[aria-invalid=true]').first().waitFor();
    expect(stage.complaints.splice(0).length).toBe(1);
    expect(await stage.faults()).toEqual([]);
  });

  it('can be used at 360 pixels', async () => {
    await stage.narrow(async () => {
      for (const tab of ['me', 'users', 'agents', 'tenant', 'stop-gate']) {
        await stage.visit(`/settings/${tab}`);
        expect([tab, await stage.fitsTheWindow()]).toEqual([tab, true]);
      }
    });
  });
});
