import { systemActor } from '@flotilla/persistence';
import { AlertDesk } from '../../../apps/control-plane/src/alerts/index.js';
import { MetricsIngest, MetricsPacking } from '../../../apps/control-plane/src/metrics/index.js';
import { aMinute, createDevice, minuteAgo } from '../../support/telemetry.js';
import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

const DAY = 1_440;
/** Seconds that were read of the minute that is looked at: nobody read the others. */
const READ = [...Array(20).keys(), ...Array.from({ length: 20 }, (_, i) => 40 + i)];

describeInBrowser('time on the charts of an instance', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let id: number;
  let minuteMs: number;

  beforeAll(async () => {
    stage = await openConsole('operator');
    ({ page } = stage);
    minuteMs = minuteAgo(40) * 1000;
    id = await aMachine(stage, minuteMs / 1000);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const param = (name: string) => new URL(page.url()).searchParams.get(name);
  const lengthMs = () => Date.parse(param('to')!) - Date.parse(param('from')!);
  const chart = () => page.getByRole('application', { name: 'Utilisation' });
  const iso = (ms: number) => new Date(ms).toISOString();
  const around = (length: number) => `from=${iso(minuteMs + 30_000 - length / 2)}&to=${iso(minuteMs + 30_000 + length / 2)}`; // prettier-ignore

  it.each([
    ['30 days', 30 * DAY, 'a point every 1 h'],
    ['a day', DAY, 'a point every 1 min'],
    ['an hour', 60, 'a point every'],
    ['20 minutes', 20, 'every sample'],
    ['a minute', 1, 'every sample'],
  ])('is as fine as %s allow, and the address holds the span', async (_, minutes, resolution) => {
    const span = around(minutes * 60_000);
    await stage.visit(`/instances/${id}?${span}`);
    await chart().waitFor();
    await page.getByText(resolution).first().waitFor();
    expect(lengthMs()).toBe(minutes * 60_000);
    await page.reload();
    await chart().waitFor();
    await page.getByText(resolution).first().waitFor();
    expect(new URL(page.url()).search).toBe(`?${new URLSearchParams(span)}`.replaceAll('%3A', ':'));
  });

  it('zooms on to single seconds, in which what was not read stays a gap', async () => {
    await stage.visit(`/instances/${id}?${around(60_000)}`);
    await chart().focus();
    await page.keyboard.press('+');
    await page.waitForURL((url) => Date.parse(url.searchParams.get('to')!) - Date.parse(url.searchParams.get('from')!) === 30_000); // prettier-ignore
    await page.keyboard.press('-');
    await page.waitForURL((url) => Date.parse(url.searchParams.get('to')!) - Date.parse(url.searchParams.get('from')!) === 60_000); // prettier-ignore
    const words = page.getByRole('figure', { name: 'Utilisation', exact: true }).locator('p').first();
    await words.filter({ hasText: '1 span without any values' }).waitFor({ state: 'attached' });
    await page.getByRole('button', { name: 'Utilisation: show as a table' }).click();
    const moments = page.getByRole('region', { name: 'Utilisation as a table' }).getByRole('rowheader');
    await moments.first().waitFor();
    const seconds = (await moments.allTextContents()).map((text) => Number(/:(\d\d)(?!.*:\d\d)/.exec(text)![1]));
    expect(seconds.sort((a, b) => a - b)).toEqual(READ);
    // back leads where one was
    await page.goBack();
    expect(lengthMs()).toBe(30_000);
  });

  it('is where an alert leads: to its moment, by link and by key', async () => {
    await stage.app.db.write(systemActor(stage.app.tenantId, 'test'), (tx) =>
      stage.app.app.get(AlertDesk, { strict: false }).raise(tx, {
        tenantId: stage.app.tenantId,
        alertType: 'metric_threshold',
        source: 'rule',
        ruleId: null,
        ruleName: 'Heat',
        builtIn: null,
        subject: { type: 'instance', id: String(id), label: 'trainer', instanceId: id },
        severity: 'high',
        title: 'GPU too hot',
        message: 'GPU 0 is at 93 °C.',
        evidence: {},
        at: new Date(minuteMs),
        channelIds: [],
        simulated: false,
      }),
    );
    const isThere = async () => {
      await page.getByRole('heading', { name: 'trainer', level: 1 }).waitFor();
      await chart().waitFor();
      expect(Date.parse(param('from')!)).toBe(minuteMs - 30 * 60_000);
      expect(Date.parse(param('to')!)).toBe(minuteMs + 30 * 60_000);
      const marks = page.getByRole('list', { name: 'Marks' });
      await marks.getByRole('button', { name: /Alert: GPU too hot/ }).waitFor();
    };
    await stage.visit('/alerts');
    await page.getByText('GPU too hot').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('o');
    await isThere();
    await stage.visit('/alerts');
    await page.getByText('GPU too hot').first().waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: 'Chart at that moment' }).click();
    await isThere();
    // and from the instance itself
    await stage.visit(`/instances/${id}`);
    await page.getByRole('link', { name: 'Charts when it fired' }).click();
    await isThere();
  });
});

/** A GPU with hours of four weeks, minutes of a day, and seconds of one minute. */
async function aMachine({ app }: ConsoleStage, minuteS: number): Promise<number> {
  const [agent] = await app.db.system((tx) =>
    tx.rows<{ id: string }>(`INSERT INTO flotilla.agents (tenant_id, hostname) VALUES ($1, 'trainer') RETURNING id`, [
      app.tenantId,
    ]),
  );
  const [row] = await app.db.system((tx) =>
    tx.rows<{ id: number }>(
      `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, state)
       VALUES ($1, 'on_prem', 'trainer', 'trainer', 'running') RETURNING id`,
      [app.tenantId],
    ),
  );
  const deviceId = await createDevice(app.db, app.tenantId, row!.id);
  const store = (minutes: readonly { readonly deviceId: number; readonly minute: ReturnType<typeof aMinute> }[]) =>
    app.app.get(MetricsIngest, { strict: false }).storeSamples(app.tenantId, agent!.id, minutes);
  const at = (ago: number) => ({ deviceId, minute: aMinute(minuteS - ago * 60, { gpu_utilization: 60 }) });
  await store(Array.from({ length: 28 }, (_, i) => at((i + 1) * DAY)));
  await app.app.get(MetricsPacking, { strict: false }).pack();
  await store(Array.from({ length: 180 }, (_, i) => at(i + 1)));
  const values = READ.map((second) => 50 + (second % 10));
  await store([{ deviceId, minute: aMinute(minuteS, { gpu_utilization: values }, { seconds: READ, intervalS: 1 }) }]);
  return row!.id;
}
