import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

describeInBrowser('a fleet without a host', () => {
  let stage: ConsoleStage;

  beforeAll(async () => {
    stage = await openConsole();
  });
  afterAll(() => stage?.close());

  it('gives the command for the first one, and leads on when it is there', async () => {
    const { page, app } = stage;
    await stage.visit('/');
    await page.getByRole('heading', { name: 'Put your first GPU host here', level: 1 }).waitFor();
    expect(await page.getByRole('button', { name: 'Show the fleet' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Make the command' }).click();
    await page.getByLabel('The command for the host').waitFor();
    await page.getByText('Waiting for the host').waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
    await app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, state)
         VALUES ($1, 'other', 'i-1', 'first-of-all', 'running')`,
        [app.tenantId],
      ),
    );
    // asked for every ten seconds
    await page.getByRole('button', { name: 'Show the fleet' }).click();
    await page.getByRole('heading', { name: 'Fleet', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'first-of-all' }).waitFor();
    expect(stage.complaints).toEqual([]);
  });
});
