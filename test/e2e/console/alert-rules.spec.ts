import { MetricsIngest } from '../../../apps/control-plane/src/metrics/index.js';
import { aMinute, createDevice, minuteAgo } from '../../support/telemetry.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('alert rules in a browser', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page } = stage);
    await hotMachine();
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  /** 60 °C for an hour, with twenty minutes of 90 °C in it. */
  async function hotMachine() {
    const { db, tenantId, app } = stage.app;
    const { instance, agent } = await db.system(async (tx) => ({
      instance: (await tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, gpu_count, state, tags)
         VALUES ($1, 'aws', 'i-hot', 'trainer-hot', 1, 'running', '{"team":"ml"}') RETURNING id`,
        [tenantId],
      ))!.id,
      agent: (await tx.row<{ id: string }>(
        `INSERT INTO flotilla.agents (tenant_id, hostname, transport) VALUES ($1, 'h', 'sync') RETURNING id`,
        [tenantId],
      ))!.id,
    }));
    const deviceId = await createDevice(db, tenantId, instance, { uuid: 'GPU-hot', gpuIndex: 0 });
    const minutes = Array.from({ length: 60 }, (_, i) => ({
      deviceId,
      minute: aMinute(minuteAgo(90 - i), { temperature: i >= 20 && i < 40 ? 90 : 60 }),
    }));
    await app.get(MetricsIngest, { strict: false }).storeSamples(tenantId, agent, minutes);
  }

  it('says what a rule is where there is none, and lists the built-in ones', async () => {
    await stage.visit('/alert-rules');
    await page.getByRole('heading', { name: 'No rule of your own yet' }).waitFor();
    await page.getByRole('link', { name: /^Built in/ }).click();
    const on = page.getByRole('switch', { name: 'Agent silent is on' });
    await on.click();
    await page.getByRole('switch', { name: 'Agent silent is on', checked: false }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await on.click();
    await page.getByRole('switch', { name: 'Agent silent is on', checked: true }).waitFor();
  });

  it('writes a rule as a sentence, with when it would have fired', async () => {
    await stage.visit('/alert-rules/new');
    const sentence = page.getByRole('group', { name: 'The rule as a sentence' });
    await sentence.getByLabel('Metric').selectOption('temperature');
    await sentence.getByLabel('Comparison').selectOption('gt');
    await sentence.getByLabel('Threshold in °C').fill('85');
    await sentence.getByLabel('Minutes that it has to hold').fill('10');
    await sentence.getByLabel('Severity').selectOption('high');
    await sentence.getByLabel('Which instances').selectOption('tagged');
    await page.getByText('Which tag? Its key is missing.').first().waitFor();
    await sentence.getByLabel('Key of the tag').fill('team');
    await sentence.getByLabel('Value of the tag; empty: any').fill('ml');
    // hot for twenty minutes, so from the tenth on, once, on one machine
    await page.getByRole('img', { name: /^once, 11 min in all$/ }).waitFor();
    await page.getByRole('link', { name: 'trainer-hot' }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => {
      expect(await stage.fitsTheWindow()).toBe(true);
    });
    await page.getByRole('button', { name: 'As a table' }).click();
    await page.getByRole('region', { name: 'Each time that it would have fired' }).waitFor();
    await page.getByLabel('Name').fill(HOSTILE.slice(0, 190));
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await page.waitForURL(/\/alert-rules\/\d+/);
    const { body } = await stage.app.call('GET', '/api/alert-rules', { as: stage.token });
    expect(body.data[0]).toMatchObject({
      metric: 'temperature',
      operator: 'gt',
      threshold: 85,
      duration_minutes: 10,
      severity: 'high',
      scope: 'tagged',
      scope_filter: { tag_key: 'team', tag_value: 'ml' },
      notification_channel_ids: null,
    });
  });

  it('would not have fired above 95', async () => {
    await page.getByLabel('Threshold in °C').fill('95');
    await page.getByText('It would not have fired in the last 7 days.').waitFor();
    await page.getByRole('button', { name: 'Discard the changes' }).click();
  });

  it('is written as JSON, too', async () => {
    await page.getByText('JSON', { exact: true }).click();
    const field = page.getByLabel('The body of the rule');
    const rule = JSON.parse(await field.inputValue()) as object;
    await field.fill('{ "rule_name": ');
    await page.getByText(/JSON/).last().waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill(JSON.stringify({ ...rule, threshold: 88, recovery_threshold: 90 }));
    await page.getByRole('button', { name: 'Save the rule' }).click();
    await page.getByRole('alert').waitFor();
    // the browser itself reports the refusal
    expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('400')]);
    await field.fill(JSON.stringify({ ...rule, threshold: 88, recovery_threshold: 80 }));
    await page.getByRole('button', { name: 'Save the rule' }).click();
    await page.getByText('The rule is saved.').waitFor();
    const { body } = await stage.app.call('GET', '/api/alert-rules', { as: stage.token });
    expect(body.data[0]).toMatchObject({ threshold: 88, recovery_threshold: 80 });
  });

  it('lists own rules as sentences and switches them', async () => {
    await stage.visit('/alert-rules');
    await page.getByText(/When temperature of any GPU is above 88 °C on instances with the tag team = ml/).waitFor();
    await page.getByRole('switch').click();
    await page.getByText('The rule is off; its open alerts ended.').waitFor();
    expect(await stage.fitsTheWindow()).toBe(true);
    expect(await stage.faults()).toEqual([]);
  });
});
