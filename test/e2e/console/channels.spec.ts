import { FakeReceivers } from '../../support/fake-receivers/index.js';
import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('notification channels in a browser', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let receivers: FakeReceivers;
  const SECRET = 'SlackSecret0001';

  beforeAll(async () => {
    receivers = await FakeReceivers.start();
    stage = await openConsole('admin', 'ada@example.com', { outboundAllow: ['127.0.0.0/8'] });
    ({ page } = stage);
  });
  afterAll(async () => {
    await stage?.close();
    await receivers?.close();
  });
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  it('tries a Slack channel before it is saved, and shows what Slack said', async () => {
    await stage.visit('/notification-channels');
    await page.getByRole('heading', { name: 'Nobody is told of anything yet' }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: /^Slack/ }).click();
    await page.getByLabel('Name').fill('Engineering <b>');
    await page.getByLabel('Webhook address').fill(`${receivers.url}/services/T0001/B0001/${SECRET}`);
    receivers.faults.push({ status: 404, body: 'no_service' });
    await page.getByRole('button', { name: 'Send test' }).click();
    await page.getByLabel('It did not arrive:').waitFor();
    await page.getByText('status 404').waitFor();
    await page.getByRole('button', { name: 'Send test' }).click();
    await page.getByLabel('It arrived:').waitFor();
    expect(receivers.taken).toHaveLength(1);
    expect(receivers.taken[0]!.path).toContain(SECRET);
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Make the channel' }).click();
    await page.waitForURL(/\/notification-channels\/\d+/);
  });

  it('never shows the secret again, and keeps it when other things change', async () => {
    await page.getByRole('button', { name: 'Replace Webhook address' }).waitFor();
    expect(await page.content()).not.toContain(SECRET);
    await page.getByLabel('Severity').selectOption('high');
    await page.getByRole('button', { name: 'Save the channel' }).click();
    await page.getByText('The channel is saved.').waitFor();
    const before = receivers.taken.length;
    await page.getByRole('button', { name: 'Send test' }).click();
    await page.getByLabel('It arrived:').waitFor();
    expect(receivers.taken[before]!.path).toContain(SECRET);
    await stage.narrow(async () => {
      expect(await stage.fitsTheWindow()).toBe(true);
    });
  });

  it('shows the secret of a webhook once', async () => {
    await stage.visit('/notification-channels/new?type=webhook');
    await page.getByLabel('Name').fill('Own program');
    await page.getByLabel('Address').fill(`${receivers.url}/hook`);
    await page.getByRole('button', { name: 'Make the channel' }).click();
    const secret = (await page.getByRole('dialog').getByLabel('Signing secret').textContent())!;
    expect(secret.length).toBeGreaterThan(20);
    await page.keyboard.press('Escape');
    await page.waitForURL(/\/notification-channels\/\d+/);
    await page.getByRole('button', { name: 'Replace Address' }).waitFor();
    expect(await page.content()).not.toContain(secret);
  });

  it('lists channels with their health, and sends a test from there', async () => {
    await stage.visit('/notification-channels');
    await page.getByRole('button', { name: 'Send test to Engineering <b>' }).click();
    await page.getByLabel('It arrived:').waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(await stage.fitsTheWindow()).toBe(true);
    await page.getByRole('switch', { name: 'Own program is on' }).click();
    await page.getByText('off', { exact: true }).waitFor();
  });

  it('sets quiet hours for all channels', async () => {
    await stage.visit('/notification-channels?tab=policy');
    await page.getByLabel('Nobody is told at night').check();
    await page.getByLabel('Time zone').fill('Mars/North');
    await page.getByRole('button', { name: 'Save for all channels' }).click();
    await page.getByRole('alert').waitFor();
    expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('400')]);
    await page.getByLabel('Time zone').fill('Europe/Berlin');
    await page.getByLabel('Sun').uncheck();
    await page.getByRole('button', { name: 'Save for all channels' }).click();
    await page.getByText('It holds for all channels from now on.').waitFor();
    const { body } = await stage.app.call('GET', '/api/notifications/policy', { as: stage.token });
    expect(body.data.quiet_hours).toEqual({
      timezone: 'Europe/Berlin',
      active_hours: { start: '22:00', end: '07:00' },
      active_days: [1, 2, 3, 4, 5, 6],
    });
    expect(await stage.faults()).toEqual([]);
  });
});
