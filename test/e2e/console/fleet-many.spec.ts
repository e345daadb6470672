import { AgentActors, Controllers } from '../../../apps/control-plane/src/actions/index.js';
import { COMMAND } from '../../support/actions.js';
import { HOSTILE, describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

const HOSTS = 60;

describeInBrowser('many instances', () => {
  let stage: ConsoleStage;
  let page: ConsoleStage['page'];

  beforeAll(async () => {
    stage = await openConsole('operator');
    ({ page } = stage);
    await makeHosts(stage);
    await stage.visit('/?search=host');
  });
  afterAll(() => stage?.close());
  afterEach(() => expect(stage.complaints.splice(0)).toEqual([]));

  const table = () => page.getByRole('region', { name: 'Instances' });
  const rows = () => table().locator('tbody tr');
  const headings = async () => (await table().getByRole('columnheader').allTextContents()).map((one) => one.trim());
  const param = (name: string) => new URL(page.url()).searchParams.get(name);
  const chosenBar = () => page.getByRole('toolbar', { name: 'What to do with the chosen ones' });
  const actions = async () =>
    (await stage.app.call('GET', '/api/actions?limit=200', { as: stage.token })).body.data as {
      id: string;
      type: string;
      instance: { name: string };
    }[];

  it('has the columns that one chooses, by keyboard alone, and the address keeps them', async () => {
    await rows().nth(49).waitFor();
    expect(await headings()).not.toContain('Agent');
    await page.getByRole('button', { name: 'Columns' }).focus();
    await page.keyboard.press('Enter');
    const agent = page.getByRole('checkbox', { name: 'Version of its agent' });
    await agent.focus();
    await page.keyboard.press('Space');
    await page.getByRole('checkbox', { name: 'GPU memory in use' }).uncheck();
    await page.getByRole('checkbox', { name: 'team' }).check();
    expect(await stage.faults()).toEqual([]);
    await page.keyboard.press('Escape');
    await table().getByRole('columnheader', { name: 'Agent' }).waitFor();
    expect(param('cols')).toBe('state,gpus,util,line,temperature,cost,idle,region,agent,tag:team');
    await stage.visit(`/?search=host&cols=${encodeURIComponent(param('cols')!)}`);
    await rows().first().waitFor();
    expect((await headings()).slice(-3)).toEqual(['Region', 'Agent', 'team']);
    await rows().first().getByText('1.2.3').waitFor();
    await table().getByText(HOSTILE).first().waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('button', { name: 'As at first' }).click();
    expect(param('cols')).toBeNull();
    await page.keyboard.press('Escape');
    // what nobody knows is left out, and all may be taken away
    await stage.visit('/?search=host&cols=none,nonsense,__proto__');
    await rows().first().waitFor();
    expect((await headings()).slice(1)).toEqual(['Instance']);
  });

  it('fits a telephone with its columns open', async () => {
    await stage.narrow(async () => {
      await stage.visit('/?search=host');
      await page.getByRole('button', { name: 'Columns' }).click();
      await page.getByRole('checkbox', { name: 'Last seen' }).waitFor();
      expect(await stage.fitsTheWindow()).toBe(true);
      expect(await stage.faults()).toEqual([]);
      await page.keyboard.press('Escape');
    });
  });

  it('shows the lines of an hour or of a day', async () => {
    await stage.visit('/?search=host');
    const asked = page.waitForRequest(/stats\/sparklines.*hours=24/);
    await page.getByRole('radio', { name: '24 hours' }).check({ force: true });
    await asked;
    expect(param('line')).toBe('24h');
    await table().getByRole('columnheader', { name: 'Last day' }).waitFor();
  });

  it('moves by j and k, and selects by x', async () => {
    await stage.visit('/?search=host&sort=name');
    await rows().nth(49).waitFor();
    for (const key of ['j', 'j', 'j', 'k', 'x']) await page.keyboard.press(key);
    await page.getByRole('checkbox', { name: 'Choose host-01' }).and(page.locator(':checked')).waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Shift+X');
    await chosenBar().getByText('3 chosen').waitFor();
    await page.keyboard.press('Escape');
    await chosenBar().waitFor({ state: 'detached' });
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Select every instance of the page').waitFor();
    await page.keyboard.press('Escape');
  });

  it('submits the losses that were accepted, each for those alone that have it', async () => {
    await stage.visit('/?search=host-0&sort=name');
    for (const name of ['host-00', 'host-01']) await page.getByRole('checkbox', { name: `Choose ${name}` }).check();
    await page.getByRole('button', { name: 'Stop 2 …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Stop 2 instances?' });
    await dialog.getByRole('checkbox', { name: 'Accept for 1 of them: auto scaling' }).check();
    await dialog.getByRole('textbox', { name: 'Type stop 2 to go on' }).fill('stop 2');
    const stop = dialog.getByRole('button', { name: 'Stop 2 instances' });
    // a loss is accepted with a reason or not at all
    expect(await stop.isDisabled()).toBe(true);
    await dialog.getByLabel('Reason, wanted for what is accepted').fill('the group is paused');
    expect(await stage.faults()).toEqual([]);
    await stop.click();
    await page.getByRole('dialog', { name: 'Stop: 2 asked for, 0 refused' }).waitFor();
    const made = await actions();
    const details = await Promise.all(
      made.map((one) => stage.app.call('GET', `/api/actions/${one.id}`, { as: stage.token })),
    );
    expect(
      Object.fromEntries(details.map(({ body }) => [body.data.instance.name, [body.data.accepted, body.data.reason]])),
    ).toEqual({
      'host-00': [['auto_scaling'], 'the group is paused'],
      'host-01': [[], 'the group is paused'],
    });
    // the stream tells what becomes of them
    for (const one of made) await stage.app.call('POST', `/api/actions/${one.id}/cancel`, { as: stage.token });
    await page.getByRole('list', { name: 'What became of them' }).getByText('taken back').nth(1).waitFor();
    await page.getByRole('button', { name: 'Close' }).last().click();
    await chosenBar().waitFor({ state: 'detached' });
  });

  it('stops all that match, those of other pages too, and says what became of them in groups', async () => {
    await stage.visit('/?search=host');
    await page.getByRole('checkbox', { name: 'Choose every instance of this page' }).check();
    await chosenBar().getByText('50 chosen').waitFor();
    await page.getByRole('button', { name: `Choose all ${HOSTS} that match` }).click();
    await chosenBar().getByText(`${HOSTS} chosen, 10 not on this page`).waitFor();
    await page.getByRole('button', { name: `Stop ${HOSTS} …` }).click();
    const dialog = page.getByRole('dialog', { name: `Stop ${HOSTS} instances?` });
    const gate = dialog.getByRole('group', { name: 'What the safe-stop gate says' });
    await gate.getByText(`it would refuse a policy ${HOSTS}`).waitFor();
    const group = gate.getByRole('group').filter({ hasText: 'auto scaling' });
    await group.getByText('auto scaling').first().click();
    await group.getByText('host-00').waitFor();
    expect(await stage.faults()).toEqual([]);
    await dialog.getByRole('textbox', { name: `Type stop ${HOSTS} to go on` }).fill(`stop ${HOSTS}`);
    await dialog.getByRole('button', { name: `Stop ${HOSTS} instances` }).click();
    // the one that would lose something was not accepted
    await page.getByRole('dialog', { name: 'Stop: 59 asked for, 1 refused' }).waitFor();
    const became = page.getByRole('group', { name: 'What became of them' });
    await became.getByText(/If that is meant/).waitFor();
    await became.getByText('queued').waitFor();
    expect(await stage.faults()).toEqual([]);
    await stage.narrow(async () => expect(await stage.fitsTheWindow()).toBe(true));
    expect((await actions()).filter(({ type }) => type === 'stop').length).toBe(61);
  });
});

/** Hosts with an agent that can stop them; a group would bring the first one back. */
async function makeHosts({ app }: ConsoleStage): Promise<void> {
  const controllers = new Controllers(app.db, new AgentActors(app.db));
  for (let i = 0; i < HOSTS; i++) {
    const name = `host-${String(i).padStart(2, '0')}`;
    const [agent] = await app.db.system((tx) =>
      tx.rows<{ id: string }>(
        `INSERT INTO flotilla.agents (tenant_id, hostname, version, connected_until, last_seen_at)
         VALUES ($1, $2, '1.2.3', now() + interval '1 hour', now()) RETURNING id`,
        [app.tenantId, name],
      ),
    );
    await app.db.system((tx) =>
      tx.rows(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, name, state, agent_id, tags, placement)
         VALUES ($1, 'on_prem', $2, $2, 'running', $3, $4, $5)`,
        [
          ...[app.tenantId, name, agent!.id, JSON.stringify({ team: i === 1 ? HOSTILE : 'ml' })],
          JSON.stringify(i === 0 ? { auto_scaling_group: 'trainers' } : {}),
        ],
      ),
    );
    await controllers.announce({ tenantId: app.tenantId, agentId: agent!.id }, [COMMAND]);
  }
  // one with a GPU: the map knows the keys of tags from those
  await app.db.system((tx) =>
    tx.rows(
      `INSERT INTO flotilla.devices (tenant_id, instance_id, kind, uuid, gpu_index, presence, last_seen_at)
       SELECT i.tenant_id, i.id, 'gpu', 'GPU-1', 0, 'present', now() FROM flotilla.instances i
        WHERE i.tenant_id = $1 AND i.name = 'host-01'`,
      [app.tenantId],
    ),
  );
}
