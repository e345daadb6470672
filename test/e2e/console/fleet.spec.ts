import { createDevice, aMinute, minuteAgo } from '../../support/telemetry.js';
import { LiveStore, MetricsIngest } from '../../../apps/control-plane/src/metrics/index.js';
import { metricId } from '@flotilla/domain';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('the fleet', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole('operator');
    ({ page } = stage);
    await makeFleet(stage);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const tile = (name: string) => page.getByRole('main').getByRole('link', { name, exact: true });
  const rows = () => page.getByRole('region', { name: 'Instances' }).locator('tbody tr');

  it('counts what works, what is held, what idles, and what that costs a day', async () => {
    await stage.visit('/');
    await tile('Held but idle').waitFor();
    const numbers = await page.locator('main dl').first().locator('dd:first-of-type').allTextContents();
    // one of four GPUs works; 8 an hour for two: 4 × 24 for the held one, as much for the idle one
    expect(numbers).toEqual(['4', '1', '1', '1', '$192.00']);
    await rows().nth(2).waitFor();
    expect(await rows().count()).toBe(3);
    expect(await stage.faults()).toEqual([]);
    expect(await stage.fitsTheWindow()).toBe(true);
  });

  it('shows behind each number its GPUs and their instances', async () => {
    await tile('Held but idle').click();
    await page.waitForURL('**/?show=held');
    await page.getByText('1 with such GPUs').waitFor();
    await page.getByRole('link', { name: 'idler' }).waitFor();
    expect(await rows().count()).toBe(1);
    await tile('GPUs').click();
    await rows().nth(2).waitFor();
  });

  it('filters those behind a number too, and keeps what else the address says', async () => {
    await stage.visit('/?by=region&search=work');
    await rows().first().waitFor();
    expect(await rows().count()).toBe(1);
    await tile('Held but idle').click();
    await page.waitForURL(/by=region&search=work&show=held$/);
    // the held one is called idler: the words take it away, in the count as in the rows
    await page.getByText('0 with such GPUs').waitFor();
    await page.getByRole('heading', { name: 'No instance fits' }).waitFor();
    await page.getByRole('searchbox').fill('idl');
    await page.getByText('1 with such GPUs').waitFor();
    await page.getByRole('link', { name: 'idler' }).waitFor();
  });

  it('is walked through by keys, and tells of each GPU in words', async () => {
    await page.getByRole('combobox', { name: 'Group the map' }).selectOption('tag:team');
    await page.getByRole('application').focus();
    await page.keyboard.press('End');
    const told = page.locator('#fleet-map-at');
    await page.keyboard.press('Home');
    await expectText(told, /^GPU 0 of .*utilisation/);
    await page.keyboard.press('ArrowRight');
    await expectText(told, /^GPU 1 of idler, idle, health healthy, utilisation 0 %/);
    expect(await stage.faults()).toEqual([]);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'idler', level: 1 }).waitFor();
  });

  it.each(['Memory', 'Temperature', 'Power', 'Health', 'Money idle'])('is coloured by %s', async (name) => {
    if (name === 'Memory') await stage.visit('/');
    await page.getByRole('radio', { name }).check({ force: true });
    await page.getByText('machine off').waitFor();
    expect(await page.evaluate("performance.getEntriesByName('flotilla.fleet-map').length")).toBe(1);
  });

  it('stops what was chosen only after it was typed, and says what the gate thinks of it', async () => {
    await stage.visit('/');
    await page.getByRole('checkbox', { name: 'Choose idler' }).check();
    await page.getByRole('button', { name: 'Stop 1 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop 1 instance?' });
    await dialog.getByText('the gate would refuse a policy').waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(await dialog.getByRole('button', { name: 'Stop 1 instance' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Type stop 1 to go on' }).fill('stop 1');
    await dialog.getByRole('button', { name: 'Stop 1 instance' }).click();
    // nobody controls this machine's power: the refusal says so
    await page.getByRole('dialog', { name: 'Stop: 0 asked for, 1 refused' }).waitFor();
    await page
      .getByRole('list', { name: 'What became of them' })
      .getByText(/no agent|nobody|control/i)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
  });

  it('can be used at 360 pixels', async () => {
    await stage.narrow(async () => {
      await stage.visit('/');
      await rows().nth(2).waitFor();
      expect(await stage.fitsTheWindow()).toBe(true);
      expect(await stage.faults()).toEqual([]);
    });
  });

  async function expectText(at: ReturnType<typeof page.locator>, text: RegExp) {
    await at.filter({ hasText: text }).waitFor({ state: 'attached' });
  }
});

/** A machine that works, one whose two GPUs are held and idle, one that is off and has a hostile name. */
async function makeFleet({ app }: ConsoleStage): Promise<void> {
  const sql = <T>(text: string, values: unknown[]) =>
    app.db.system((tx) => tx.rows<T & Record<string, unknown>>(text, values));
  const made = await sql<{ id: number }>(
    `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, state, gpu_count, hourly_cost, currency, tags, gpu_type)
     VALUES ($1, 'other', 'i-1', 'worker', 'running', 1, 3, 'USD', '{"team": "ml"}', 'H100'),
            ($1, 'other', 'i-2', 'idler', 'running', 2, 8, 'USD', '{"team": "ml"}', 'H100'),
            ($1, 'other', 'i-3', $2, 'stopped', 1, NULL, 'USD', '{}', NULL) RETURNING id`,
    [app.tenantId, HOSTILE],
  );
  const [worker, idler, off] = made.map(({ id }) => id) as [number, number, number];
  const [agent] = await sql<{ id: string }>(
    `INSERT INTO flotilla.agents (tenant_id, hostname) VALUES ($1, 'gpu-1') RETURNING id`,
    [app.tenantId],
  );
  const live = new LiveStore(app.db);
  const ingest = new MetricsIngest(app.db, live);
  const report = async (instance: number, gpuIndex: number, percent: number, memoryMib: number) => {
    const deviceId = await createDevice(app.db, app.tenantId, instance, { gpuIndex });
    const values = { gpu_utilization: percent, memory_used_mib: memoryMib, temperature: 41 };
    const minutes = Array.from({ length: 45 }, (_, i) => ({ deviceId, minute: aMinute(minuteAgo(45 - i), values) }));
    await ingest.storeSamples(app.tenantId, agent!.id, minutes);
    const metrics = [metricId('gpu_utilization'), metricId('memory_used_mib')];
    const reading = { tenantId: app.tenantId, deviceId, atMs: Date.now(), metrics };
    live.take([{ ...reading, values: Float32Array.of(percent, memoryMib) }]);
    await live.flush();
    await sql(`UPDATE flotilla.devices SET health = 'healthy' WHERE id = $1`, [deviceId]);
  };
  await report(worker, 0, 97, 60_000);
  await report(idler, 0, 0, 60_000);
  await report(idler, 1, 0, 3);
  await createDevice(app.db, app.tenantId, off, { gpuIndex: 0 });
}
