import { PolicyStage } from '../../support/policy-stage.js';
import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('the queue of approvals, with the keys alone', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let fleet: PolicyStage;
  let asViewer: string;
  const names = ['box-1', 'box-2', 'box-3', 'box-4'];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page } = stage);
    fleet = await PolicyStage.set(stage.app);
    const ids: number[] = [];
    for (const name of names) {
      const id = await fleet.machine();
      await fleet.sql('UPDATE flotilla.instances SET name = $2 WHERE id = $1', [id, name]);
      ids.push(id);
    }
    await stage.app.newUser('operator', { tenantId: fleet.tenantId, email: 'otto@example.com' });
    await stage.app.newUser('viewer', { tenantId: fleet.tenantId, email: 'vera@example.com' });
    await fleet.make({
      execution_mode: 'approval_required',
      policy_name: 'Idle ones',
      scope: 'specific_instance',
      scope_filter: { instance_ids: ids },
    });
    await fleet.decide();
    asViewer = 'vera@example.com';
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const cards = () => page.getByRole('article');
  const current = () => page.locator('li[data-current=true]');
  const byStatus = async (status: string) =>
    (
      await fleet.sql<{ n: number }>(
        'SELECT count(*)::int AS n FROM flotilla.actions WHERE tenant_id = $1 AND status = $2',
        [fleet.tenantId, status],
      )
    )[0]!.n;

  it('walks with j and k, and rejects one with a reason', async () => {
    await page.goto(`${stage.app.url}/actions`);
    await stage.logIn('otto@example.com');
    await cards().nth(3).waitFor();
    await page.getByRole('button', { name: 'Approve' }).nth(3).isEnabled();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('k');
    const name = await cards().first().getAttribute('aria-label');
    expect(await current().getByRole('article').getAttribute('aria-label')).toBe(name);
    expect(await page.evaluate('document.activeElement.textContent')).toBe(name);
    await page.keyboard.press('d');
    const dialog = page.getByRole('dialog');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(await byStatus('pending_approval')).toBe(4);
    await page.keyboard.press('d');
    await dialog.getByLabel('Reason').fill('still wanted');
    expect(await stage.faults()).toEqual([]);
    await page.keyboard.press('Tab');
    for (let i = 0; i < 4 && (await page.evaluate('document.activeElement.textContent')) !== 'Reject the stop'; i++) {
      await page.keyboard.press('Tab');
    }
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('Rejected: nothing is done.').waitFor();
    await page.getByRole('article', { name: name!, exact: true }).waitFor({ state: 'detached' });
    expect(await byStatus('rejected')).toBe(1);
    expect(
      (
        await fleet.sql('SELECT 1 FROM flotilla.actions WHERE tenant_id = $1 AND decision_comment = $2', [
          fleet.tenantId,
          'still wanted',
        ])
      ).length,
    ).toBe(1);
  });

  it('approves several with one reason, shows the curl of each, and takes them back where no host has begun', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    await page.getByText('2 selected').waitFor();
    await page.keyboard.press('a');
    const dialog = page.getByRole('dialog', { name: 'Approve 2 actions' });
    await dialog.getByLabel('Reason').fill('both are idle');
    await dialog.getByRole('button', { name: 'curl' }).click();
    const command = await page.getByLabel('Command', { exact: true }).textContent();
    expect(command!.match(/\/api\/actions\/act_\w+\/approve/g)).toHaveLength(2);
    await page.keyboard.press('Escape');
    await page.getByLabel('Command', { exact: true }).waitFor({ state: 'detached' });
    expect(await stage.faults()).toEqual([]);
    await dialog.getByRole('button', { name: 'Approve 2 actions' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByText('2 approved').waitFor();
    expect(await cards().count()).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('2 taken back').waitFor();
    expect(await byStatus('cancelled')).toBe(2);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('lets a viewer look, without a button that the control plane would refuse', async () => {
    await page.getByRole('button', { name: 'otto' }).click();
    await page.getByRole('menuitem', { name: 'Log out' }).click();
    await stage.logIn(asViewer);
    await page.getByRole('navigation', { name: 'Screens' }).waitFor();
    await page.goto(`${stage.app.url}/actions`);
    await cards().first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('a');
    expect(await page.getByRole('dialog').count()).toBe(0);
    expect(await page.getByRole('button', { name: /^(Approve|Reject)/ }).count()).toBe(0);
    expect(await cards().getByRole('checkbox').count()).toBe(0);
  });
});
