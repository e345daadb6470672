import { MetricsIngest, MetricsPacking } from '../../../apps/control-plane/src/metrics/index.js';
import { aMinute, createDevice } from '../../support/telemetry.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

const DAY_S = 86_400;
/** A day that is over. */
const START_S = Math.floor(Date.now() / 1000 / DAY_S) * DAY_S - DAY_S;
const clock = (time: string) => START_S + Number(time.slice(0, 2)) * 3_600 + Number(time.slice(3)) * 60;

describeInBrowser('policies in the console', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole('admin');
    ({ page } = stage);
    // caps are parts of the fleet
    for (const name of ['spare-1', 'spare-2', 'spare-3']) await machine(name, []);
    await machine('trainer-7', [
      ['00:00', '06:00', 0],
      ['06:00', '06:30', 80],
      ['06:30', '07:45', 2],
      ['07:45', '08:00', 80],
    ]);
    await stage.app.app.get(MetricsPacking, { strict: false }).pack(Date.now());
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  /** A machine at 6 USD an hour that runs since the day before, with a GPU that was used as the list says. */
  async function machine(name: string, use: readonly (readonly [from: string, to: string, percent: number])[]) {
    const { app } = stage;
    const id = await app.db.system(async (tx) => {
      const row = await tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, gpu_count, state, hourly_cost)
         VALUES ($1, 'aws', 'i-' || $2, $2, 1, 'running', '6') RETURNING id`,
        [app.tenantId, name],
      );
      await tx.rows('UPDATE flotilla.instance_spans SET since = $1 WHERE instance_id = $2', [
        new Date((START_S - DAY_S) * 1000),
        row!.id,
      ]);
      return row!.id;
    });
    const deviceId = await createDevice(app.db, app.tenantId, id, { uuid: `GPU-${id}` });
    const samples = use.flatMap(([from, to, percent]) =>
      Array.from({ length: (clock(to) - clock(from)) / 60 }, (_, m) => ({
        deviceId,
        minute: aMinute(clock(from) + m * 60, { gpu_utilization: percent }),
      })),
    );
    const ingest = app.app.get(MetricsIngest, { strict: false });
    await ingest.storeSamples(app.tenantId, '00000000-0000-0000-0000-000000000001', samples);
  }
  const tile = (label: string) =>
    page.locator('dl > div', { has: page.getByText(label, { exact: true }) }).locator('dd');
  const policies = async () =>
    (await stage.app.call('GET', '/api/enforcement-policies', { as: stage.token })).body.data;

  it('begins with templates, each in a sentence', async () => {
    await stage.visit('/policies');
    await page.getByRole('heading', { name: 'No policy yet' }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('link', { name: 'Choose a template' }).click();
    await page.getByRole('link', { name: 'Idle stop' }).waitFor();
    expect(await page.getByRole('main').getByRole('listitem').count()).toBe(16);
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('edits nested conditions, and keeps the sentence beside them true', async () => {
    await page.getByRole('link', { name: 'Idle stop' }).click();
    const words = page.getByRole('complementary', { name: 'What it will do' });
    await words.getByText('stays below 5 % for 2 h').waitFor();
    // the template acts by itself; what stops begins by asking
    expect(await page.getByRole('radio', { name: /^Ask a person/ }).isChecked()).toBe(true);
    await page.getByLabel('Minutes that it has to hold').fill('60');
    await words.getByText('stays below 5 % for 1 h: stop the instance, then tell team').waitFor();
    await page.getByRole('button', { name: 'Group' }).click();
    await page.getByLabel('Metric').nth(1).selectOption('hourly_cost');
    await page.getByLabel('Threshold').nth(1).fill('20');
    await words.getByText('and price of an hour is below 20 USD').waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
    await page.getByText('JSON', { exact: true }).click();
    const json = page.getByLabel('The policy as JSON');
    expect(JSON.parse(await json.inputValue()).conditions.rules).toHaveLength(2);
    await json.fill('{');
    await page.getByText(/^This is no JSON/).waitFor();
    await page.getByText('Form', { exact: true }).click();
    await page.getByRole('button', { name: 'Remove this group' }).click();
    expect(await words.getByText('price of an hour').count()).toBe(0);
  });

  it('replays the past: stops, dollars and false stops as they are calculated by hand', async () => {
    await page.getByRole('navigation', { name: 'Parts of the policy' }).getByRole('link', { name: 'Simulate' }).click();
    await page.getByLabel('Ask the safe-stop gate').uncheck();
    // 01:00 to 06:00 and 07:30 to 07:45 at 6 USD: 30 + 1.50; the second was busy again after 15 minutes
    await page.getByText('$31.50', { exact: true }).first().waitFor();
    expect(await tile('Would have stopped').allTextContents()).toEqual(['2', 'times, 1 instance, of 7 triggers']);
    expect(await tile('Avoidable').first().textContent()).toBe('$31.50');
    expect(await tile('False stops').allTextContents()).toEqual(['1', '50 % were right']);
    expect(await page.locator('button[data-outcome]').count()).toBe(2);
    await page.locator('button[data-outcome=false_stop]').click();
    await page.getByText('off for 15 min').waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
    await page.getByText('Table', { exact: true }).click();
    expect(await page.getByRole('region', { name: 'Stops that would have been' }).getByRole('row').count()).toBe(3);
  });

  it('takes a point of the sweep into the rule', async () => {
    await page.getByText('Grid', { exact: true }).click();
    // 02:00 to 06:00; the second quiet time is shorter than two hours
    await page.getByRole('button', { name: 'Below 5 % for 2 h: $24.00 avoidable, 0 of 1 stops false' }).click();
    await page.getByText('stays below 5 % for 2 h').waitFor();
    await page.getByText('$24.00', { exact: true }).first().waitFor();
    expect(await tile('Would have stopped').first().textContent()).toBe('1');
    expect(await tile('False stops').first().textContent()).toBe('0');
    expect(await stage.faults()).toEqual([]);
  });

  it('saves it paused, and arms it with its name, holding the simulation against it', async () => {
    await page.getByRole('button', { name: 'Save, paused' }).click();
    await page.getByRole('button', { name: 'Arm …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('In the last 7 days: 1 stop, 0 of 1 judged were false, $24.00 avoidable.').waitFor();
    expect(await stage.faults()).toEqual([]);
    expect((await policies())[0]).toMatchObject({ enabled: false, execution_mode: 'approval_required' });
    const arm = dialog.getByRole('button', { name: 'Arm this policy' });
    expect(await arm.isDisabled()).toBe(true);
    await dialog.getByLabel('Type Idle stop to go on').fill('Idle stop');
    await arm.click();
    await page.getByText('armed', { exact: true }).waitFor();
    expect((await policies())[0]).toMatchObject({
      enabled: true,
      execution_mode: 'approval_required',
      conditions: { metric: 'gpu_utilization', threshold: 5, duration: 120 },
    });
  });

  it('writes another version of an armed policy only when its name is typed, and says what changed', async () => {
    await page.getByRole('navigation', { name: 'Parts of the policy' }).getByRole('link', { name: 'Rule' }).click();
    await page.getByLabel('The same instance again after').fill('180');
    await page.getByRole('button', { name: 'Save as version 2' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Type Idle stop to go on').fill('Idle stop');
    await dialog.getByRole('button', { name: 'Save as version 2' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Versions' }).click();
    await page.getByText('Pause between triggers').waitFor();
    expect(await page.locator('del, ins').allTextContents()).toEqual(['1 h', '3 h']);
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('link', { name: 'History' }).click();
    await page.getByRole('heading', { name: 'It has not triggered yet' }).waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('paused', { exact: true }).waitFor();
    expect((await policies())[0]).toMatchObject({ enabled: false, version: 2 });
  });

  it('shows hostile names as text, and nudges who arms without a simulation', async () => {
    const body = {
      policy_name: HOSTILE.slice(0, 190),
      conditions: { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: 30 },
      actions: [{ type: 'stop_instances' }, { type: 'tag_instances', tags: { '<b>': HOSTILE } }],
      execution_mode: 'automatic',
      enabled: false,
    };
    const made = await stage.app.call('POST', '/api/enforcement-policies', { as: stage.token, body });
    expect(made.status).toBe(201);
    await stage.visit('/policies');
    await page.getByRole('link', { name: HOSTILE.slice(0, 60) }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
    await page.getByRole('link', { name: HOSTILE.slice(0, 60) }).click();
    await page.getByRole('button', { name: 'Arm …' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Nobody has simulated this version here.').waitFor();
    // it was written to act by itself: arming begins with asking all the same
    expect(await dialog.getByRole('radio', { name: /^Ask a person/ }).isChecked()).toBe(true);
    await dialog.getByLabel('Type arm to go on').fill('arm');
    await dialog.getByRole('button', { name: 'Arm this policy' }).click();
    await page.getByText('armed', { exact: true }).waitFor();
    const stored = (await stage.app.call('GET', `/api/enforcement-policies/${made.body.data.id}`, { as: stage.token }))
      .body.data;
    expect(stored).toMatchObject({ enabled: true, execution_mode: 'approval_required' });
    expect(await stage.faults()).toEqual([]);
  });
});
