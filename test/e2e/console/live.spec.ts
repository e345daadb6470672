import { metricId } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { TEST_MASTER_KEY, startTestGateway } from '../../support/agent-gateway.js';
import type { TestGateway } from '../../support/agent-gateway.js';
import { startTestApp } from '../../support/app.js';
import type { TestApp } from '../../support/app.js';
import { aMinute, minuteAgo } from '../../support/telemetry.js';
import { TestStream, enrollTestAgent } from '../../support/test-agent.js';
import { WayThrough } from '../../support/way-through.js';
import { until } from '../support/until.js';
import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

/** Everything of the API that is asked for again by the clock; what still changes came by the stream. */
const POLLED = /\/api\/(stats|instances)(\/|\?|$)/;

describeInBrowser('an agent that reports while somebody looks', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let gateway: TestGateway;
  let agent: TestStream;
  let way: WayThrough;
  let replica: TestApp | undefined;

  beforeAll(async () => {
    // agents are vouched for by what this key seals
    stage = await openConsole('admin', undefined, { masterKey: TEST_MASTER_KEY });
    ({ page } = stage);
    const { app } = stage;
    gateway = await startTestGateway(app.db);
    const wanted = { name: 't', multiUse: false, expiresInS: 600 };
    const { token } = await gateway.tokens.mint(systemActor(app.tenantId, 'test'), wanted);
    const own = await enrollTestAgent(gateway.address, gateway.authority.certificatePem, token);
    agent = new TestStream(gateway.address, own);
    await agent.hello();
    await agent.inventory('host-live', ['GPU-0', 'GPU-1']);
    for (const [i, device] of ['GPU-0', 'GPU-1'].entries()) {
      const values = { gpu_utilization: 5, temperature: 40 };
      agent.minutes(
        1 + i * 3,
        [4, 3, 2].map((ago) => aMinute(minuteAgo(ago), values)),
        device,
      );
    }
    await agent.acked(6);
    way = await WayThrough.to(app.url);
  });
  afterAll(async () => {
    agent?.close();
    await way?.cut();
    await gateway?.stop();
    await replica?.close();
    await stage?.close();
  });

  /** What its GPUs show now, in percent. */
  const report = (...percents: number[]) =>
    agent.send({
      live: {
        devices: percents.map((percent, i) => ({
          device: `GPU-${i}`,
          atMs: Date.now(),
          metrics: [metricId('gpu_utilization')],
          values: Buffer.from(Float32Array.of(percent).buffer),
        })),
      },
    });
  const row = () => page.getByRole('region', { name: 'Instances' }).locator('tbody tr');
  const words = () => page.getByRole('figure', { name: 'Utilisation', exact: true }).locator('p').first();
  const away = () => page.getByText('The control plane does not answer: what you see is as old as its times say.');
  const stays = () => page.evaluate<boolean>('window.isTheSamePage === true');
  const withoutPolls = () => page.route(POLLED, (route) => route.abort());
  const withPolls = () => page.unroute(POLLED);
  const errors = () => stage.complaints.splice(0).filter((one) => !/ERR_FAILED|ERR_CONNECTION|ERR_EMPTY|ERR_INCOMPLETE|network error/i.test(one)); // prettier-ignore

  it('moves the map and the table of the fleet by the stream alone', async () => {
    await page.goto(`${way.url}/`);
    await page.locator('form[aria-busy=false]').waitFor();
    await stage.logIn();
    await row().first().getByText('host-live').waitFor();
    await page.evaluate('window.isTheSamePage = true');
    report(31, 41);
    await row().first().getByRole('cell', { name: '36 %', exact: true }).waitFor();
    await withoutPolls();
    report(61, 81);
    await row().first().getByRole('cell', { name: '71 %', exact: true }).waitFor();
    await page.getByRole('application').focus();
    await page.keyboard.press('Home');
    const told = page.locator('#fleet-map-at');
    await told.filter({ hasText: /GPU 0 of host-live.*utilisation 61 %/ }).waitFor({ state: 'attached' });
    report(17, 81);
    await told.filter({ hasText: /GPU 0 of host-live.*utilisation 17 %/ }).waitFor({ state: 'attached' });
    expect(await stays()).toBe(true);
    await withPolls();
    expect(errors()).toEqual([]);
  });

  it('moves the charts of an instance', async () => {
    await row().first().getByRole('link', { name: 'host-live' }).click();
    await page.getByRole('radio', { name: '15 minutes' }).check({ force: true });
    await words().filter({ hasText: /GPU 0: .*GPU 1: / }).waitFor({ state: 'attached' }); // prettier-ignore
    await withoutPolls();
    report(52, 93);
    await words().filter({ hasText: /GPU 0: .*last 52 %; GPU 1: .*last 93 %/ }).waitFor({ state: 'attached' }); // prettier-ignore
    expect(await stays()).toBe(true);
    await withPolls();
    expect(errors()).toEqual([]);
  });

  it('says so when the control plane is away, and goes on by itself when another one answers', async () => {
    await way.cut();
    await away().waitFor();
    replica = await startTestApp({ beside: stage.app });
    await way.lead(replica.url);
    await away().waitFor({ state: 'detached' });
    report(7, 12);
    await words().filter({ hasText: /GPU 0: .*last 7 %; GPU 1: .*last 12 %/ }).waitFor({ state: 'attached' }); // prettier-ignore
    await page.getByRole('link', { name: 'Fleet', exact: true }).click();
    await withoutPolls();
    report(40, 60);
    await row().first().getByRole('cell', { name: '50 %', exact: true }).waitFor();
    expect(await stays()).toBe(true);
    await withPolls();
    expect(errors()).toEqual([]);
  });

  it('is drawn anew in the colours that one changes to', async () => {
    report(0, 60);
    const idle = { light: '#dfe6ea', dark: '#222c37' };
    const pixels = (hex: string) => page.evaluate<number>(`(${PIXELS})('main canvas', '${hex}')`);
    // by evaluate and not by waitForFunction, whose own loop the page's policy does not let in
    const wait = (hex: string, other: string) =>
      until(`${hex} is drawn and ${other} is not`, async () => (await pixels(hex)) > 0 && (await pixels(other)) === 0);
    await page.emulateMedia({ colorScheme: 'light' });
    await row().first().getByRole('cell', { name: '30 %', exact: true }).waitFor();
    await wait(idle.light, idle.dark);
    await page.emulateMedia({ colorScheme: 'dark' });
    await wait(idle.dark, idle.light);
    await row().first().getByRole('link', { name: 'host-live' }).click();
    await page.getByRole('radio', { name: '15 minutes' }).check({ force: true });
    await words().filter({ hasText: 'GPU 1: ' }).waitFor({ state: 'attached' });
    const grid = () => page.evaluate<string>("getComputedStyle(document.documentElement).getPropertyValue('--line').trim()"); // prettier-ignore
    const dark = await grid();
    await page.emulateMedia({ colorScheme: 'light' });
    await page.locator('html[data-theme=light]').waitFor({ state: 'attached' });
    const light = await grid();
    expect(light).not.toBe(dark);
    await wait(light, dark);
    await page.emulateMedia({ colorScheme: 'dark' });
    await wait(dark, light);
    expect(errors()).toEqual([]);
  });
});

/** In the page: how many pixels of the first canvas have exactly this colour. */
const PIXELS = `(at, hex) => {
  const node = document.querySelector(at);
  if (!node || node.width === 0) return -1;
  const { data } = node.getContext('2d').getImageData(0, 0, node.width, node.height);
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
  let found = 0;
  for (let i = 0; i < data.length; i += 4) if (data[i] === r && data[i + 1] === g && data[i + 2] === b && data[i + 3] === 255) found++;
  return found;
}`;
