import { EventsJob } from '../../../apps/control-plane/src/events/index.js';
import { FakeWebhookReceiver, verifiedByStandard } from '../../support/fake-webhook-receiver.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('webhooks and events in the console', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let receiver: FakeWebhookReceiver;
  let secret: string;

  beforeAll(async () => {
    receiver = await FakeWebhookReceiver.start();
    stage = await openConsole('admin', undefined, { outboundAllow: ['127.0.0.0/8'] });
    ({ page } = stage);
  });
  afterAll(async () => {
    await stage?.close();
    await receiver?.close();
  });
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  /** Something happens that is told of. */
  const happen = async (name: string) => {
    const made = await stage.app.call('POST', '/api/api-keys', { as: stage.token, body: { name, scopes: ['read'] } });
    expect(made.status).toBe(201);
    await stage.app.app.get(EventsJob, { strict: false }).seal();
  };
  const row = (text: string) => page.getByRole('region', { name: 'Deliveries' }).getByRole('row', { name: text });

  it('makes one, with the events that are wanted, and shows its secret once', async () => {
    await stage.visit('/webhooks');
    await page.getByRole('button', { name: 'Make the first webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill(receiver.url('/hook'));
    await dialog.getByLabel('What it is for').fill(HOSTILE);
    await dialog.getByLabel('Every event').check();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
    await dialog.getByRole('button', { name: 'Make the webhook' }).click();
    await page.getByRole('heading', { name: 'The signing secret' }).waitFor();
    secret = (await page.getByRole('dialog').locator('code').textContent())!;
    expect(secret).toMatch(/^whsec_/);
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByRole('heading', { name: HOSTILE, level: 1 }).waitFor();
    expect(await page.getByText(secret).count()).toBe(0);
  });

  it('says at the field what is wrong with an address', async () => {
    await page.getByRole('button', { name: 'Change' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Address').fill('ftp://example.com');
    await dialog.getByRole('button', { name: 'Save the webhook' }).click();
    await dialog.getByText(/begins with https/).waitFor();
    expect(await dialog.getByLabel('Address').getAttribute('aria-invalid')).toBe('true');
    await dialog.getByRole('button', { name: 'Leave it' }).click();
    // the browser itself reports the refusal
    expect(stage.complaints.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  it('sends a test, and shows what was posted to the byte', async () => {
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText(/^The test arrived: 200/).waitFor();
    const [received] = await receiver.wait('/hook', 1);
    const told = verifiedByStandard(received!, secret);
    await page.getByRole('button', { name: 'webhook.test' }).click();
    const sheet = page.getByRole('dialog');
    const request = (await sheet.getByLabel('Request').textContent())!;
    expect(request).toContain(`POST ${receiver.url('/hook')}`);
    expect(JSON.parse(request.slice(request.indexOf('{')))).toEqual(told);
    expect(await stage.faults()).toEqual([]);
    await page.keyboard.press('Escape');
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
  });

  it('sends an event once more under its old id', async () => {
    await happen('first');
    await receiver.wait('/hook', 2);
    await page.getByRole('button', { name: 'api_key.created' }).click();
    await page.getByRole('button', { name: 'Send once more' }).click();
    const [, first, again] = await receiver.wait('/hook', 3);
    expect(again!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    await page.keyboard.press('Escape');
    await row('once more').first().waitFor();
  });

  it('explains why we turned it off after 410, and goes on when it is turned on again', async () => {
    receiver.answer('/hook', 410);
    await happen('second');
    await page.getByText('We turned it off').waitFor();
    await page.getByText('it does not want these any more').waitFor();
    expect(await stage.faults()).toEqual([]);
    receiver.answer('/hook', 204);
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page
      .getByText('healthy', { exact: true })
      .or(page.getByText('failing', { exact: true }))
      .first()
      .waitFor();
    const before = receiver.at('/hook').length;
    await happen('third');
    await receiver.wait('/hook', before + 1);
  });

  it('rotates the secret', async () => {
    await page.getByRole('button', { name: 'Rotate the secret' }).click();
    await page.getByRole('button', { name: 'Make a new secret' }).click();
    await page.getByRole('heading', { name: 'The signing secret' }).waitFor();
    expect(await page.getByRole('dialog').locator('code').textContent()).not.toBe(secret);
    await page.getByRole('button', { name: 'I have it' }).click();
    await page.getByText('The one before signs as well until').waitFor();
  });

  it('lists events by type, with what each holds', async () => {
    await stage.visit('/events');
    await page.getByLabel('Type of event').selectOption('webhook.*');
    await page.waitForURL(/type=webhook/);
    await page.getByRole('button', { name: 'webhook.disabled' }).click();
    expect(await page.getByLabel('The event').textContent()).toContain('410');
    expect(await stage.faults()).toEqual([]);
    await page.keyboard.press('Escape');
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
    await stage.visit('/webhooks');
    await page.getByRole('link', { name: HOSTILE }).waitFor();
    expect(await stage.faults()).toEqual([]);
  });
});
