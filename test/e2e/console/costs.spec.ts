import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

const DAY_MS = 86_400_000;
const day = (ago: number) => new Date(Date.now() - ago * DAY_MS).toISOString().slice(0, 10);
const HEADER =
  'BilledCost,BillingCurrency,ChargePeriodStart,ChargePeriodEnd,ChargeCategory,ProviderName,ServiceName,ResourceId,Tags';
const charge = (ago: number, amount: string, service: string, tags: object, currency = 'USD', provider = 'AWS') =>
  `${amount},${currency},${day(ago)} 00:00:00,${day(ago)} 01:00:00,Usage,${provider},${service},r-${ago}-${amount},"${JSON.stringify(tags).replaceAll('"', '""')}"`;

/**
 * Thirty days with today are on the screen; the 29 that are over are compared with the 29 before them.
 *
 *            before    now    change   today
 *  search      60      100     +40       5
 *  vision      50       30     -20
 *  nobody               20.50  +20.50
 *  together   110      150.50  +40.50 (+36.8 %); on the screen 150.50 + 5 = 155.50
 *
 * and 12 EUR of vision, which nobody gave a rate for.
 */
const BILL = [
  HEADER,
  charge(40, '60', 'Amazon EC2', { team: 'search' }),
  charge(40, '50', 'Compute Engine', { team: 'vision' }, 'USD', 'Google Cloud'),
  charge(1, '100', 'Amazon EC2', { team: 'search', owner: HOSTILE }),
  charge(1, '30', 'Compute Engine', { team: 'vision' }, 'USD', 'Google Cloud'),
  charge(1, '20.50', 'AWS Support', {}),
  charge(0, '5', 'Amazon EC2', { team: 'search' }),
  charge(1, '12', 'Compute Engine', { team: 'vision' }, 'EUR', 'Google Cloud'),
].join('\n');

describeInBrowser('costs in the console', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];
  let complaints: string[];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page, complaints } = stage);
    page.setDefaultTimeout(15_000);
  }, 60_000);
  afterAll(() => stage?.close());
  afterEach(() => expect(complaints.splice(0)).toEqual([]));

  const main = () => page.getByRole('main');
  const says = (text: string | RegExp) => main().getByText(text).first().waitFor();
  const row = async (table: string, name: string | RegExp) =>
    main().getByRole('region', { name: table, exact: true }).getByRole('row', { name }).innerText();

  it('begins with how to bring a bill', async () => {
    await stage.visit('/costs');
    await page.getByRole('heading', { name: 'Nothing was charged in these days' }).waitFor();
    await main().getByRole('link', { name: 'Import a bill' }).click();
    await page.getByRole('heading', { name: 'No bill was imported yet' }).waitFor();
    expect(await stage.faults()).toEqual([]);
  });

  it('takes a bill: looked at first, with what is wrong by line, then stored', async () => {
    await main().getByRole('button', { name: 'Import a bill' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a bill' });
    const file = { name: 'november.csv', mimeType: 'text/csv', buffer: Buffer.from(`${BILL}\n1x,USD,${day(1)},,,,,,`) };
    await dialog.getByLabel('File of the bill').setInputFiles(file);
    await dialog.getByRole('button', { name: 'Look at it first' }).click();
    await dialog.getByText('nothing stored yet').waitFor();
    // the header is line 1, seven charges follow
    expect(await dialog.getByRole('region', { name: 'Rows that were refused' }).innerText()).toMatch(/9\s+BilledCost/);
    expect(await stage.faults()).toEqual([]);
    await dialog.getByRole('button', { name: 'Store 7 charges' }).click();
    await dialog.getByRole('button', { name: 'Done' }).click();
    expect(await row('Imported bills', /november\.csv/)).toMatch(/8\s+7\s+0\s+0\s+0\s+1 rows: why/);
  });

  it('says what it came to, what changed and why', async () => {
    await stage.visit('/costs?by=tag:team');
    await says('$155.50');
    await says('+36.8 %');
    expect(
      await main()
        .getByText(/more than in the 29 days before/)
        .innerText(),
    ).toBe('$40.50 more than in the 29 days before (+36.8 %). Mostly search: +$40.00.');
    expect(await main().getByRole('list', { name: 'Changes by team' }).getByRole('listitem').allInnerTexts()).toEqual([
      expect.stringMatching(/^search[^]*\+67 %[^]*\+\$40\.00$/),
      expect.stringMatching(/^No team tag[^]*new[^]*\+\$20\.50$/),
      expect.stringMatching(/^vision[^]*-40 %[^]*-\$20\.00$/),
    ]);
    // 105 of 155.50
    expect(await row('Cost by team', /search/)).toMatch(/\$105\.00\s+67\.5 %\s+\+\$40\.00\s+\+66\.7 %/);
    expect(await row('Cost by team', /Total/)).toMatch(/\$155\.50\s+\+\$40\.50\s+4/);
    await says(/€12\.00 in 1 charge is in no total/);
    expect(await stage.faults()).toEqual([]);
    await main().getByRole('figure').first().getByRole('button', { name: 'As a table' }).click();
    expect(await main().getByRole('figure').first().innerText()).toContain('not over yet');
  });

  it('draws it as a map, whose areas lead to their charges by pointer and keyboard', async () => {
    await stage.visit('/costs?by=tag:team&view=map');
    const map = main().getByRole('group', { name: /Cost by team as areas/ });
    // in order of cost: 105, 30, 20.50
    expect(
      await map.getByRole('link').evaluateAll((links) => links.map((one) => one.querySelector('title')?.textContent)),
    ).toEqual([
      'search: $105.00, +67 % against the period before',
      'vision: $30.00, -40 % against the period before',
      'No team tag: $20.50, new',
    ]);
    // the colour is not the only sign
    expect(await map.locator('text').allTextContents()).toEqual(
      expect.arrayContaining(['▲ +67 %', '▼ -40 %', '+ new']),
    );
    expect(await stage.faults()).toEqual([]);
    await map.getByRole('link', { name: /^vision/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '$30.00' }).waitFor();
    expect(new URL(page.url()).searchParams.getAll('tag')).toEqual(['team:vision']);
    await page.goBack();
    await main().getByRole('radio', { name: 'Bars' }).check();
    await main()
      .getByRole('figure', { name: /Cost by day/ })
      .waitFor();
    expect(new URL(page.url()).searchParams.has('view')).toBe(false);
  });

  it('opens the rows behind a number, by an address that can be sent on', async () => {
    await main().getByRole('region', { name: 'Cost by team' }).getByRole('link', { name: 'No team tag' }).click();
    await page.getByRole('region', { name: 'Charges' }).waitFor();
    expect(new URL(page.url()).searchParams.getAll('without')).toEqual(['tag:team']);
    await page.getByRole('heading', { name: '$20.50' }).waitFor();
    expect(await page.getByRole('region', { name: 'Charges' }).getByRole('row').count()).toBe(2);
    await main().getByRole('button', { name: 'Take away team: No team tag' }).click();
    await page.getByRole('heading', { name: '$155.50' }).waitFor();
    // hostile values of tags are text
    await main().getByText(HOSTILE).first().waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.visit('/costs?by=tag:owner');
    await page.getByRole('region', { name: 'Cost by owner' }).getByRole('link', { name: HOSTILE }).waitFor();
    expect(await stage.fitsTheWindow()).toBe(true);
  });

  it('hands the same out as a file', async () => {
    await stage.visit('/costs?tag=team:vision');
    await main().getByRole('button', { name: 'Export' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'CSV' }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/\.csv$/);
    const chunks: Buffer[] = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
    const lines = Buffer.concat(chunks).toString('utf8').trim().split('\n');
    // the header, 30 USD and 12 EUR
    expect(lines.filter((line) => line.includes('Compute Engine'))).toHaveLength(2);
    expect(lines.some((line) => line.includes('Amazon EC2'))).toBe(false);
  });

  it('converts what has a rate, and shares out what belongs to nobody', async () => {
    await stage.visit('/costs?tab=rules');
    await main().getByRole('button', { name: 'Set a rate' }).click();
    await page.getByLabel('1 EUR is so many USD').fill('1.5');
    await page.getByLabel('From').fill(day(2));
    await page.getByRole('button', { name: 'Set the rate' }).click();
    await page.getByRole('region', { name: 'Currency rates' }).getByText('1 EUR = 1.5 USD').waitFor();
    await main().getByRole('button', { name: 'Share cost out' }).click();
    await page.getByLabel('Name').fill('Support for all');
    await page.getByLabel('Charges of the service').fill('AWS Support');
    await page.getByLabel('How').selectOption('even');
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Make the rule' }).click();
    await page.getByRole('region', { name: 'Rules of allocation' }).getByText('the same to every team').waitFor();
    await stage.visit('/costs?tab=showback');
    // 12 EUR are 18 USD: 155.50 + 18 = 173.50. 20.50 of support are 10.25 for each of two
    await says(/\$173\.50, every charge/);
    expect(await row('Showback by team', /search/)).toMatch(/\$105\.00\s+\$10\.25\s+\$115\.25/);
    expect(await row('Showback by team', /vision/)).toMatch(/\$48\.00\s+\$10\.25\s+\$58\.25/);
    expect(await row('Showback by team', /Belongs to nobody/)).toMatch(/\$0\.00/);
    expect(await stage.faults()).toEqual([]);
  });

  it('corrects rates and rules in their place, and not over what somebody else changed meanwhile', async () => {
    await stage.visit('/costs?tab=rules');
    await main().getByRole('button', { name: 'Change Support for all' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByLabel('Charges of the service').inputValue()).toBe('AWS Support');
    await dialog.getByLabel('How').selectOption('weighted');
    await dialog.getByLabel('Only to').fill('search = 3, vision = 1');
    await stage.app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.cost_allocation_rules SET updated_at = updated_at + interval '1 second'`),
    );
    await dialog.getByRole('button', { name: 'Change the rule' }).click();
    await dialog.getByText(/Somebody changed this allocation rule since it was read/).waitFor();
    expect(complaints.splice(0)).toEqual([expect.stringContaining('409')]);
    await page.keyboard.press('Escape');
    await stage.visit('/costs?tab=rules');
    await main().getByRole('button', { name: 'Change Support for all' }).click();
    await dialog.getByLabel('How').selectOption('weighted');
    await dialog.getByLabel('Only to').fill('search = 3, vision = 1');
    await dialog.getByRole('button', { name: 'Change the rule' }).click();
    await main().getByText('by weights to search × 3, vision × 1').waitFor();
    await main()
      .getByRole('button', { name: /^Change the rate of EUR/ })
      .click();
    await dialog.getByLabel('1 EUR is so many USD').fill('2');
    await dialog.getByRole('button', { name: 'Correct the rate' }).click();
    await main().getByText('1 EUR = 2 USD').waitFor();
  });

  it('shows no button that would be refused, to viewers and operators', async () => {
    const become = (role: string) =>
      stage.app.db.system((tx) =>
        tx.rows('UPDATE flotilla.users SET role = $1 WHERE email = $2', [role, stage.user.email]),
      );
    for (const role of ['viewer', 'operator'] as const) {
      await become(role);
      for (const [path, shows] of [
        ['/costs?tab=rules', 'by weights to search × 3, vision × 1'],
        ['/costs?tab=bills', 'november.csv'],
        ['/ai-spend?tab=prices', 'The public lists hold for everything'],
        ['/budgets', 'No budget yet'],
      ] as const) {
        await stage.visit(path);
        await says(shows);
        const names = await main().getByRole('button').allInnerTexts();
        const labels = await main()
          .getByRole('button')
          .evaluateAll((all) => all.map((one) => one.ariaLabel ?? ''));
        const writes = /^(set a|share|import|change|delete|take out|new budget|make)/i;
        expect([role, path, [...names, ...labels].filter((name) => writes.test(name))]).toEqual([role, path, []]);
      }
    }
    await become('admin');
  });

  it('can be used at 360 pixels, every part of it', async () => {
    await stage.narrow(async () => {
      for (const tab of ['', 'charges', 'showback', 'gpu-hours', 'bills', 'rules']) {
        await stage.visit(`/costs?tab=${tab}&by=tag:owner`);
        expect([tab, await stage.fitsTheWindow()]).toEqual([tab, true]);
      }
      expect(await stage.faults()).toEqual([]);
    });
  });
});
