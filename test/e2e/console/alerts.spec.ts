import { systemActor } from '@flotilla/persistence';
import { AlertDesk } from '../../../apps/control-plane/src/alerts/index.js';
import { HOSTILE, HOSTILE_IN_SENTENCES, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

type Severity = 'low' | 'medium' | 'high' | 'critical';

describeInBrowser('the alerts inbox in a browser', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let instance: number;

  beforeAll(async () => {
    stage = await openConsole('operator');
    ({ page } = stage);
    const row = await stage.app.db.system((tx) =>
      tx.row<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, gpu_count, state)
         VALUES ($1, 'aws', 'i-1', 'trainer-1', 8, 'running') RETURNING id`,
        [stage.app.tenantId],
      ),
    );
    instance = row!.id;
    await raise('first', 'low');
    await raise('second', 'critical');
    await raise('third', 'high');
    await raise('fourth', 'medium', HOSTILE);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const raise = (subject: string, severity: Severity, title = `GPU too hot: ${subject}`) =>
    stage.app.db.write(systemActor(stage.app.tenantId, 'test'), (tx) =>
      stage.app.app.get(AlertDesk, { strict: false }).raise(tx, {
        tenantId: stage.app.tenantId,
        alertType: 'metric_threshold',
        source: 'rule',
        ruleId: null,
        ruleName: 'Heat',
        builtIn: null,
        subject: { type: 'instance', id: subject, label: subject, instanceId: instance },
        severity,
        title,
        message: `${subject} is at 93 °C.`,
        evidence: {
          metric: 'temperature',
          operator: 'gt',
          threshold: 85,
          value: 93,
          unit: 'celsius',
          gpus: [
            { gpu_index: 0, gpu_uuid: 'GPU-a', value: 93 },
            { gpu_index: 1, gpu_uuid: 'GPU-b', value: null },
          ],
        },
        at: new Date(),
        channelIds: [],
        simulated: false,
      }),
    );
  const titles = () => page.locator('[data-alert] a').allTextContents();
  const current = () => page.locator('[data-alert][data-current=true] a').textContent();
  const stateOf = async (subject: string) => {
    const { body } = await stage.app.call('GET', '/api/alerts?limit=50', { as: stage.token });
    const found = body.data.find((one: { subject: { id: string } }) => one.subject.id === subject);
    return found.acknowledged && found.status === 'active' ? 'acknowledged' : found.status;
  };

  it('lists what is open, the newest first, hostile names as text', async () => {
    await stage.visit('/alerts');
    await page.getByText(HOSTILE_IN_SENTENCES).waitFor();
    expect((await titles()).slice(1)).toEqual(['GPU too hot: third', 'GPU too hot: second', 'GPU too hot: first']);
    expect(await stage.fitsTheWindow()).toBe(true);
    expect(await stage.faults()).toEqual([]);
  });

  it('is worked through with the keys', async () => {
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    expect(await current()).toBe('GPU too hot: third');
    await page.keyboard.press('k');
    await page.keyboard.press('j');
    await page.keyboard.press('e');
    await page.getByText('Acknowledged the alert.').waitFor();
    expect(await stateOf('third')).toBe('acknowledged');
    // it goes, and the mark stands on the next one
    await page.waitForFunction('document.querySelectorAll("[data-alert]").length === 3');
    expect(await current()).toBe('GPU too hot: second');
  });

  it('opens one beside the list, with the numbers, and leads to the chart at that moment', async () => {
    await page.keyboard.press('Enter');
    const pane = page.getByRole('complementary', { name: 'The alert' });
    await pane.getByText('93 °C').first().waitFor();
    await pane.getByText('Temperature above 85 °C').waitFor();
    // a GPU without a value is not 0
    await pane.getByText('not reported').waitFor();
    expect(page.url()).toMatch(/alert=\d+/);
    expect(await pane.getByRole('link', { name: 'Chart at that moment' }).getAttribute('href')).toMatch(
      new RegExp(`^/instances/${instance}\\?from=.*&to=`),
    );
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => {
      expect(await stage.fitsTheWindow()).toBe(true);
    });
    await page.keyboard.press('u');
    await pane.waitFor({ state: 'detached' });
  });

  it('lets new ones wait until they are let in', async () => {
    await raise('fifth', 'high');
    await page.getByRole('button', { name: 'Show a new alert' }).waitFor();
    expect(await titles()).not.toContain('GPU too hot: fifth');
    await page.getByRole('button', { name: 'Show a new alert' }).click();
    expect((await titles())[0]).toBe('GPU too hot: fifth');
  });

  it('resolves a range at once', async () => {
    await page.locator('[data-alert]', { hasText: 'second' }).getByRole('checkbox').click();
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+X');
    await page.getByText('2 selected').waitFor();
    expect(await stage.faults()).toEqual([]);
    await page.keyboard.press('r');
    await page.getByText('Resolved 2 alerts.').waitFor();
    expect(await Promise.all([stateOf('second'), stateOf('first')])).toEqual(['resolved', 'resolved']);
    await page.getByRole('link', { name: /^Resolved/ }).click();
    await page.getByText('GPU too hot: second').waitFor();
    expect(page.url()).toContain('view=resolved');
  });

  it('does nothing with a letter after g that leads nowhere, and tells its keys', async () => {
    await stage.visit('/alerts');
    await page.getByText('GPU too hot: fifth').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    expect(await stateOf('fifth')).toBe('active');
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Acknowledge: somebody looks after it').waitFor();
    await page.keyboard.press('Escape');
  });

  it('keeps its filters in the address', async () => {
    await stage.visit('/alerts?view=all&severity=high');
    await page.getByText('GPU too hot: third').waitFor();
    expect(await page.getByLabel('Severity').inputValue()).toBe('high');
    expect(await titles()).toEqual(['GPU too hot: fifth', 'GPU too hot: third']);
  });
});
