import { readFileSync } from 'node:fs';
import { SavingsService } from '../../../apps/control-plane/src/savings/index.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

const HOUR_MS = 3_600_000;
const NAME = HOSTILE.slice(0, 120);

describeInBrowser('budgets, savings and exports', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page } = stage);
    await makeMoney(stage);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  it('makes a budget, shows how it stands, and lets it go', async () => {
    await stage.visit('/budgets');
    await page
      .getByRole('button', { name: /budget/i })
      .first()
      .click();
    const form = page.getByRole('dialog');
    await form.getByRole('textbox', { name: 'Name' }).fill(NAME);
    await form
      .getByRole('spinbutton', { name: /amount|limit/i })
      .first()
      .fill('1000');
    expect(await stage.faults()).toEqual([]);
    await form
      .getByRole('button', { name: /make|create|save/i })
      .last()
      .click();
    await page.getByRole('main').getByText(NAME, { exact: true }).first().waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(await stage.fitsTheWindow()).toBe(true);
    const { body } = await stage.app.call('GET', '/api/budgets', { as: stage.token });
    expect(body.data).toMatchObject([{ name: NAME, amount: 1000 }]);
    await stage.visit(`/budgets/${body.data[0].id}`);
    await page.getByRole('heading', { name: NAME, level: 1 }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('tells what was promised, what was seen, and the stop behind it', async () => {
    await stage.visit('/savings');
    // off for ten hours at 2
    await page.getByRole('main').getByText('$20.00').first().waitFor();
    await page.getByRole('main').getByText(NAME).first().waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(await stage.fitsTheWindow()).toBe(true);
    await page.getByRole('link', { name: 'Verified' }).click();
    await page.getByRole('heading', { name: 'No such stop' }).waitFor();
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('hands a file over, with the session that is there', async () => {
    // without it the browser asks for a place on the disk
    await page.addInitScript('delete Window.prototype.showSaveFilePicker; delete window.showSaveFilePicker;');
    await stage.visit('/exports?of=instances');
    expect(await stage.faults()).toEqual([]);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page
        .getByRole('main')
        .getByRole('button', { name: /download|save|fetch/i })
        .first()
        .click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    const text = readFileSync((await file.path())!, 'utf8');
    expect(text.split('\r\n')[0]).toContain('name');
    expect(text).toContain('gnp.exe');
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it.each([
    ['/actions?type=stop&state=trouble', 'actions', { Type: 'stop', States: /failed,refused/ }],
    ['/alerts?severity=high&view=resolved', 'alerts', { Severity: 'high', Status: 'resolved' }],
    ['/audit?actor=ada&type=user', 'audit', { Who: 'ada', Type: 'user' }],
    ['/?provider=aws&search=gnp', 'instances', { Provider: 'aws', Search: 'gnp' }],
  ] as const)('takes what %s shows to the form for its file', async (path, kind, fields) => {
    await stage.visit(path);
    await page.getByRole('main').getByRole('link', { name: 'Export' }).click();
    await page.waitForURL(`**/exports?of=${kind}&**`);
    for (const [label, value] of Object.entries(fields)) {
      const shown = await page.getByRole('main').getByLabel(label, { exact: true }).inputValue();
      if (typeof value === 'string') expect([label, shown]).toEqual([label, value]);
      else expect(shown).toMatch(value);
    }
  });
});

/** A machine that ran for a day, was stopped ten hours ago, and is off still. */
async function makeMoney({ app }: ConsoleStage): Promise<void> {
  const sql = <T>(text: string, values: unknown[]) =>
    app.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const off = new Date(Date.now() - 10 * HOUR_MS);
  const [instance] = await sql<{ id: number }>(
    `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, state, gpu_count, hourly_cost, currency, tags)
     VALUES ($1, 'aws', 'i-1', $2, 'stopped', 8, 2, 'USD', '{"team": "ml"}') RETURNING id`,
    [app.tenantId, NAME],
  );
  const [agent] = await sql<{ id: string }>(
    `INSERT INTO flotilla.agents (tenant_id, hostname) VALUES ($1, 'controller') RETURNING id`,
    [app.tenantId],
  );
  await sql('DELETE FROM flotilla.instance_spans WHERE tenant_id = $1', [app.tenantId]);
  await sql(
    `INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, since, until)
     VALUES ($1, $2, 'running', 2, 'USD', $3::timestamptz - interval '1 day', $3), ($1, $2, 'stopped', 2, 'USD', $3, NULL)`,
    [app.tenantId, instance!.id, off],
  );
  await sql(
    `INSERT INTO flotilla.actions (tenant_id, id, verb, instance_id, status, open, requester_type, requester_label, requested_at,
       deadline, agent_id, control_kind, level, own_host, instance_generation, result_at)
     VALUES ($1, 'act_00000000000000000000000001', 'stop', $2, 'succeeded', false, 'user', 'ada', $3::timestamptz - interval '9 s', $3, $4,
       'aws-ec2', 'power', false, 0, $3)`,
    [app.tenantId, instance!.id, off, agent!.id],
  );
  await app.app.get(SavingsService, { strict: false }).advance(app.tenantId, off.getTime() + 10 * HOUR_MS);
}
