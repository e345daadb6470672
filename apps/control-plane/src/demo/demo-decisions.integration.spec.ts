import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { SavingsService } from '../savings/index.js';
import { DemoDecisions } from './demo-decisions.js';
import { DemoFleets } from './demo-fleet.js';
import { DemoMoney } from './index.js';

/** A week, so that the machines of office hours were off at night whichever day it is. */
const DAYS = 9;

describe('decisions of the demo', () => {
  let app: TestApp;
  let viewer: string;
  const get = async (path: string) => (await app.call('GET', `/api${path}`, { as: viewer })).body.data;
  const write = async () => {
    const fleet = await app.app.get(DemoFleets).enlist(app.tenantId, Date.now());
    await app.app.get(DemoMoney).write(fleet, DAYS, Date.now());
    await app.app.get(DemoDecisions).write(fleet, Date.now());
  };

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
    await write();
  }, 120_000);
  afterAll(() => app?.close());

  it('has rules, policies that ask before they stop anything, windows and a channel that is off', async () => {
    const policies = await get('/enforcement-policies');
    const armed = policies.filter((one: { enabled: boolean }) => one.enabled);
    expect(armed.map((one: { execution_mode: string }) => one.execution_mode).sort()).toEqual([
      ...['approval_required', 'approval_required', 'approval_required'],
      ...['automatic', 'notify_only'],
    ]);
    expect(await get('/alert-rules')).toHaveLength(3);
    expect(await get('/maintenance-windows')).toHaveLength(2);
    expect(await get('/notification-channels')).toMatchObject([{ enabled: false }]);
    for (const { name, policy_name: policy } of [...policies, ...(await get('/maintenance-windows'))]) {
      expect(name ?? policy).toMatch(/\(simulated\)$/);
    }
  });

  it('says who switched the machines off at night, and what that saved', async () => {
    const actions = await get('/actions?status=succeeded&limit=200');
    expect(actions.length).toBeGreaterThanOrEqual(5);
    const { timeline } = await get(`/actions/${actions[0].id}`);
    expect(timeline.map((one: { to: string }) => one.to)).toEqual(['queued', 'dispatched', 'succeeded']);
    await app.app.get(SavingsService).advance(app.tenantId, Date.now());
    const summary = await get('/savings/summary?days=30');
    expect(summary).toMatchObject({ simulated: true, total: { stops: actions.length } });
    expect(summary.total.observed).toBeGreaterThan(0);
  });

  it('is made once: what was deleted does not come back', async () => {
    const [policy] = await get('/enforcement-policies');
    const admin = await app.login('admin');
    expect((await app.call('DELETE', `/api/enforcement-policies/${policy.id}`, { as: admin })).status).toBe(200);
    const before = await get('/enforcement-policies');
    await write();
    expect((await get('/enforcement-policies')).length).toBe(before.length);
    expect(await get('/alert-rules')).toHaveLength(3);
  });
});
