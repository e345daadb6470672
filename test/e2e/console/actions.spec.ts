import { PolicyStage } from '../../support/policy-stage.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('actions and approvals in the console', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let fleet: PolicyStage;
  let policyId: number;
  let idle: number;
  const tokens = new Map<string, string>();

  beforeAll(async () => {
    stage = await openConsole();
    ({ page } = stage);
    fleet = await PolicyStage.set(stage.app);
    idle = await fleet.machine();
    await fleet.sql('UPDATE flotilla.instances SET name = $2 WHERE id = $1', [idle, HOSTILE]);
    const second = await fleet.machine(undefined, { cost: 3 });
    await fleet.sql(`UPDATE flotilla.instances SET name = 'trainer-2' WHERE id = $1`, [second]);
    const young = await fleet.machine();
    await fleet.sql(`UPDATE flotilla.instances SET name = 'young-3', state_changed_at = now() WHERE id = $1`, [young]);
    await fleet.sql(
      'UPDATE flotilla.tenants SET require_second_person = true, require_approval = true WHERE tenant_id = $1',
      [fleet.tenantId],
    );
    for (const name of ['eve', 'bob']) {
      const email = `${name}@example.com`;
      const user = await stage.app.newUser('admin', { tenantId: fleet.tenantId, email });
      const { body } = await stage.app.call('POST', '/api/auth/login', {
        body: { email, password: user.password, tenant_id: fleet.tenantId },
      });
      tokens.set(name, body.data.accessToken as string);
    }
    policyId = await fleet.make({
      execution_mode: 'approval_required',
      policy_name: 'Idle ones',
      scope: 'specific_instance',
      scope_filter: { instance_ids: [idle, young] },
    });
    await fleet.decide();
    const asked = await call('eve', 'POST', `/instances/${second}/stop`, { reason: 'training is over' });
    expect(asked.status).toBe(202);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const call = (who: string, method: string, path: string, body?: object) =>
    stage.app.call(method, `/api${path}`, { as: tokens.get(who), ...(body && { body }) });
  const card = (name: string) => page.getByRole('article', { name: `Stop ${name}` });

  it('counts what waits beside the navigation, and says why one cannot decide oneself', async () => {
    await page.goto(`${stage.app.url}/actions`);
    await stage.logIn('eve@example.com');
    const own = card('trainer-2');
    await own.getByText('You asked for it yourself').waitFor();
    expect(await own.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(true);
    expect(await own.getByText(/expires in (24 h|1 d|23 h)/).count()).toBe(1);
    const asked = card(HOSTILE);
    await asked.getByText('safe to stop', { exact: true }).waitFor();
    expect(await asked.getByRole('button', { name: 'Approve' }).isDisabled()).toBe(false);
    const screens = page.getByRole('navigation', { name: 'Screens' });
    await screens.getByText('2 waiting for a decision').waitFor({ state: 'attached' });
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('is come to by a part of a name, and so is what could be done', async () => {
    const find = async (words: string, entry: RegExp) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('combobox', { name: 'Screen, command or name' }).fill(words);
      await page.getByRole('option', { name: entry }).click();
    };
    await find('stop young', /^Stop young-3 … ?Instance$/);
    const dialog = page.getByRole('dialog', { name: 'Stop young-3?' });
    await dialog.getByRole('button', { name: 'Stop this instance' }).waitFor();
    expect(page.url()).toMatch(/\/instances\/\d+\?do=stop$/);
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(page.url()).toMatch(/\/instances\/\d+$/);
    await find('approve trainer-2', /^Approve or reject: stop trainer-2 ?Waits for a decision$/);
    await page.getByRole('heading', { name: 'Stop trainer-2', level: 1 }).waitFor();
    await find('idle ones', /^Idle ones ?Policy · on$/);
    await page.getByRole('heading', { name: 'Idle ones', level: 1 }).waitFor();
    await page.goBack();
    await page.goBack();
    await page.goBack();
    await card('trainer-2').waitFor();
  });

  it('approves what the policy asks for, with a reason that is kept', async () => {
    await card(HOSTILE).getByRole('button', { name: 'Approve' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').fill('it may go');
    expect(await stage.faults()).toEqual([]);
    await dialog.getByRole('button', { name: 'Approve and stop' }).click();
    await card(HOSTILE).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: `Stop ${HOSTILE}` }).click();
    const sheet = page.getByRole('dialog');
    await sheet.getByText('approved by').waitFor();
    expect(await sheet.getByText('it may go').count()).toBeGreaterThan(0);
    await sheet.getByText('What the safe-stop gate said').waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(page.url()).toMatch(/show=act_/);
    await sheet.getByRole('button', { name: 'Take back' }).click();
    await page.getByRole('button', { name: 'Take it back' }).click();
    await sheet.getByText('taken back', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
  });

  it('hears at once what the other person decides', async () => {
    await card('trainer-2').waitFor();
    const [action] = (await call('bob', 'GET', '/actions?status=pending_approval')).body.data;
    expect((await call('eve', 'POST', `/actions/${action.id}/approve`)).status).toBe(409);
    expect((await call('bob', 'POST', `/actions/${action.id}/approve`, { comment: 'fine' })).status).toBe(200);
    // nobody loads the page anew
    await card('trainer-2').waitFor({ state: 'detached', timeout: 10_000 });
    expect(await page.getByText('waiting for a decision').count()).toBe(0);
    await page.goto(`${stage.app.url}/actions/${action.id}`);
    await page.getByRole('heading', { name: 'Stop trainer-2', level: 1 }).waitFor();
    await page.getByText('approved by bob@example.com').waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('keeps its filters in the address', async () => {
    await page.goto(`${stage.app.url}/actions?state=cancelled`);
    const table = page.getByRole('region', { name: 'Actions' });
    await table.waitFor();
    expect(await table.getByRole('row').count()).toBe(2);
    await page.getByLabel('State').selectOption('open');
    await page.waitForURL(/state=open/);
    await page.getByLabel('Type').selectOption('start');
    await page.getByRole('heading', { name: 'No action is like that' }).waitFor();
    await page.waitForURL(/type=start/);
  });

  it('tells in the history of the policy what it asked for, and what it left alone and why', async () => {
    await page.goto(`${stage.app.url}/policies/${policyId}?tab=history`);
    const runs = page.getByRole('main').getByRole('listitem');
    await runs.getByText('waits for a person').first().waitFor();
    await runs.getByText('left alone').first().waitFor();
    expect(await runs.getByText(/runs for .* only|measured|started/i).count()).toBeGreaterThan(0);
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });
});
