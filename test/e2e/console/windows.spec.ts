import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('maintenance windows in a browser', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole();
    ({ page } = stage);
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const all = async () => (await stage.app.call('GET', '/api/maintenance-windows', { as: stage.token })).body.data;

  it('makes a recurring window, with when it would open', async () => {
    await stage.visit('/maintenance-windows?on=2099-10-20');
    await page.getByRole('button', { name: /new window on 2099-10-24/ }).click();
    await page.getByLabel('Name').fill('Deploys');
    await page.getByLabel('By the clock of').fill('Europe/Berlin');
    await page.getByLabel('Closes').fill('2099-10-24T23:00');
    await page.getByLabel('How often').selectOption('daily');
    await page.getByText('every day: FREQ=DAILY').waitFor();
    const preview = page.getByRole('dialog').getByRole('listitem');
    await preview.nth(7).waitFor();
    // by the clock of Berlin it is 22:00 on both sides of the night in which clocks change
    expect((await preview.allTextContents()).slice(0, 3).every((words) => words.includes('10:00 PM'))).toBe(true);
    expect(await stage.faults()).toEqual([]);
    await page.getByRole('button', { name: 'Make the window' }).click();
    await page.getByText('The window is made.').waitFor();
    expect((await all())[0]).toMatchObject({
      name: 'Deploys',
      recurrence: 'FREQ=DAILY',
      timezone: 'Europe/Berlin',
      scope: { all: true },
      start_time: '2099-10-24T20:00:00.000Z',
      end_time: '2099-10-24T21:00:00.000Z',
    });
  });

  it('shows each opening in the calendar, in the zone of the person', async () => {
    // clocks go back on 2099-10-25: in UTC it opens at 20:00 before and at 21:00 after
    await page.getByRole('button', { name: /Deploys ?: Sat, Oct 24, 8:00 PM/ }).waitFor();
    await page.getByRole('button', { name: /Deploys ?: Sun, Oct 25, 9:00 PM/ }).waitFor();
    expect(await stage.faults()).toEqual([]);
    await page.getByText('Week', { exact: true }).click();
    await page.getByRole('button', { name: 'The next week' }).click();
    await page.getByRole('button', { name: /Deploys ?: Mon, Oct 26, 9:00 PM/ }).waitFor();
    expect(page.url()).toContain('view=week');
    expect(await stage.faults()).toEqual([]);
    expect(await stage.fitsTheWindow()).toBe(true);
    await stage.narrow(async () => {
      expect(await stage.fitsTheWindow()).toBe(true);
    });
  });

  it('says what is open now, hostile names as text, and lists all to be read', async () => {
    const hour = 3_600_000;
    const body = {
      name: HOSTILE.slice(0, 190),
      start_time: new Date(Date.now() - hour).toISOString(),
      end_time: new Date(Date.now() + hour).toISOString(),
      scope: { tags: { team: 'ml' } },
      suppress_enforcement: false,
    };
    expect((await stage.app.call('POST', '/api/maintenance-windows', { as: stage.token, body })).status).toBe(201);
    await stage.visit('/maintenance-windows?view=list');
    await page.getByText('Open now:').waitFor();
    const row = page.getByRole('row', { name: /team = ml/ });
    expect(await row.textContent()).toContain('alerts');
    await page
      .getByRole('row', { name: /Deploys/ })
      .getByText('every day')
      .waitFor();
    expect(await stage.faults()).toEqual([]);
    expect(await stage.fitsTheWindow()).toBe(true);
  });

  it('changes and deletes one, and says at the field what is wrong', async () => {
    await page.getByRole('button', { name: 'Open Deploys' }).click();
    await page.getByLabel('How often').selectOption('custom');
    await page.getByLabel('RRULE', { exact: true }).fill('FREQ=NEVER');
    await page
      .getByText(/FREQ=NEVER|FREQ/)
      .first()
      .waitFor();
    await page.getByRole('button', { name: 'Save the window' }).click();
    await page.getByRole('alert').waitFor();
    // the preview and the change were refused: the browser itself reports both
    expect(stage.complaints.splice(0).every((one) => one.includes('400'))).toBe(true);
    await page.getByLabel('How often').selectOption('weekly');
    await page.getByRole('button', { name: 'Save the window' }).click();
    await page.getByText('The window is saved.').waitFor();
    stage.complaints.splice(0);
    expect((await all())[0].recurrence).toBe('FREQ=WEEKLY;BYDAY=SA');
    await page.getByRole('button', { name: 'Open Deploys' }).click();
    await page.getByRole('button', { name: 'Delete the window' }).click();
    await page
      .getByRole('dialog', { name: 'Delete the window?' })
      .getByRole('button', { name: 'Delete the window' })
      .click();
    await page.waitForURL((url) => !url.search.includes('window='));
    expect(await all()).toHaveLength(1);
  });
});
