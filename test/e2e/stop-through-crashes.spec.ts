import type { Api, Json } from './support/api.js';
import { Host } from './support/host.js';
import { gpuCapture } from './support/real-data.js';
import { System } from './support/system.js';
import { until } from './support/until.js';

const TERMINAL = ['succeeded', 'failed', 'refused', 'expired', 'cancelled', 'rejected'];

/** A stop runs once and its outcome is known, whoever is killed with kill -9 and whenever. */
describe('one stop, through crashes', () => {
  const capture = gpuCapture();
  const hosts: Host[] = [];
  let system: System;
  let api: Api;

  beforeAll(async () => {
    system = await System.start({}, ['--no-agent']);
    api = await system.login();
  }, 180_000);

  afterAll(async () => {
    await Promise.all(hosts.map((host) => host.stop()));
    await system?.stop();
  }, 60_000);

  /** A connected host of its own for one case, and its instance id. */
  async function connect(name: string, stopTakesS: number, environment: Record<string, string> = {}) {
    const uuid = `GPU-00000000-0000-0000-0000-${String(hosts.length + 1).padStart(12, '0')}`;
    const host = new Host(system, name, {
      scenario: { gpus: [{ capture: capture.folder, state: 'idle', uuid }] },
      stopTakesS,
    });
    hosts.push(host);
    await host.start(api, environment);
    const instance = await host.instance(api);
    return { host, id: instance.id as number };
  }

  const requestStop = async (id: number): Promise<string> =>
    (await api.post(`/instances/${id}/stop`, { reason: 'a test of crashes', force: true })).data.action_id as string;

  /** The action once it has ended; the control plane may be away for a moment. */
  const ended = (actionId: string, host: Host): Promise<Json> =>
    until(
      'the stop has ended',
      async () => {
        const { data } = await api.get(`/actions/${actionId}`);
        return TERMINAL.includes(data.status) ? data : null;
      },
      { withinMs: 75_000, because: () => host.output.slice(-3000) },
    );

  function expectOneStop(host: Host, action: Json): void {
    expect(action).toMatchObject({ status: 'succeeded', result: { observed_state: 'stopped' } });
    expect(host.commandsRun()).toEqual(['stop']);
    expect(host.workload).toBe('stopped');
    expect(action.timeline.at(-1).to).toBe('succeeded');
  }

  it.each([
    ['before the command', 'after-journal-accepted'],
    ['during the command', 'during-command'],
    ['after the command, before its result is kept', 'before-result'],
    ['after its result was sent', 'after-result-sent'],
  ])(
    'the agent is killed %s',
    async (when, failpoint) => {
      const { host, id } = await connect(`agent-killed-${failpoint}`, 2, {
        FLOTILLA_TEST: '1',
        FLOTILLA_FAILPOINT: failpoint,
      });
      const actionId = await requestStop(id);
      await until(`the agent has killed itself ${when}`, () => host.isDead, {
        because: () => host.output.slice(-3000),
      });
      await host.start(api);
      expectOneStop(host, await ended(actionId, host));
    },
    120_000,
  );

  it('the agent is killed as the command starts: nobody can know that it ran, so it is checked and not repeated', async () => {
    const { host, id } = await connect('agent-killed-starting', 2, {
      FLOTILLA_TEST: '1',
      FLOTILLA_FAILPOINT: 'after-journal-starting',
    });
    const actionId = await requestStop(id);
    await until('the agent has killed itself', () => host.isDead, { because: () => host.output.slice(-3000) });
    await host.start(api);
    expect(await ended(actionId, host)).toMatchObject({ status: 'failed', result: { observed_state: 'running' } });
    expect([host.commandsRun(), host.workload]).toEqual([[], 'running']);
    // the person reads "still running" and asks again
    expectOneStop(host, await ended(await requestStop(id), host));
  }, 120_000);

  it('the control plane is killed before the command: the action waits in the queue', async () => {
    const { host, id } = await connect('plane-killed-before', 0);
    host.kill();
    await until('the agent is gone', () => host.isDead);
    const actionId = await requestStop(id);
    await system.killControlPlane();
    await host.start(api);
    expectOneStop(host, await ended(actionId, host));
  }, 120_000);

  it('the control plane is killed during the command: the result waits on the host', async () => {
    const { host, id } = await connect('plane-killed-during', 5);
    const actionId = await requestStop(id);
    await until('the command runs', () => host.commandsRun().length > 0);
    await system.killControlPlane();
    expectOneStop(host, await ended(actionId, host));
  }, 120_000);

  it('the control plane is killed after the command: nothing runs again', async () => {
    const { host, id } = await connect('plane-killed-after', 0);
    const actionId = await requestStop(id);
    await until('the command has run', () => host.workload === 'stopped');
    await system.killControlPlane();
    const action = await ended(actionId, host);
    expectOneStop(host, action);
    // whatever is still under way after the restart must not stop it a second time
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(host.commandsRun()).toEqual(['stop']);
  }, 120_000);

  it('a dry run of a stop says what would be done, does nothing and blocks nothing', async () => {
    const { host, id } = await connect('dry-run', 0);
    const asked = await api.post(`/instances/${id}/stop`, { dry_run: true, force: true });
    const dry = await ended(asked.data.action_id as string, host);
    expect(dry).toMatchObject({
      status: 'succeeded',
      dry_run: true,
      message: expect.stringMatching(/^it would stop by \/bin\/sh; it is running now .*Nothing was done$/),
      result: { verified: false },
    });
    expect([host.commandsRun(), host.workload]).toEqual([[], 'running']);
    expectOneStop(host, await ended(await requestStop(id), host));
    const again = await api.post(`/instances/${id}/stop`, { dry_run: true, force: true });
    expect((await ended(again.data.action_id as string, host)).message).toMatch(/^it would do nothing: it is stopped/);
  }, 120_000);
});
