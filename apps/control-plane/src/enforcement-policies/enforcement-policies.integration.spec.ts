import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

/** The body of the reference. */
const BUDGET_GUARD = {
  policy_name: 'Budget Guard',
  description: 'Scale down when monthly budget is 80% consumed',
  severity: 'high',
  policy_type: 'budget_threshold',
  execution_mode: 'approval_required',
  cooldown_minutes: 120,
  schedule: {
    timezone: 'America/New_York',
    active_hours: { start: '08:00', end: '22:00' },
    active_days: [1, 2, 3, 4, 5],
  },
  conditions: {
    operator: 'AND',
    rules: [
      { metric: 'monthly_budget_utilization', operator: 'gte', threshold: 80 },
      { metric: 'days_remaining_in_month', operator: 'gte', threshold: 5 },
    ],
  },
  actions: [
    { type: 'scale_down_instances', target: 'lowest_utilization', percentage: 30 },
    { type: 'notify_finance_team', channels: ['slack', 'email'] },
  ],
};
const IDLE = { metric: 'gpu_utilization', operator: 'lt', threshold: 10, duration: 30 };

const versionOf = (one: { version: number; policy: { cooldown_minutes: number } }) => [
  one.version,
  one.policy.cooldown_minutes,
];

describe('/enforcement-policies', () => {
  let app: TestApp;
  let admin: string;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    admin = await app.login('admin');
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(() =>
    app.db.system(async (tx) => {
      await tx.rows('DELETE FROM flotilla.enforcement_policy_versions');
      await tx.rows('DELETE FROM flotilla.enforcement_policies');
    }),
  );

  const call = (method: string, path: string, body?: object, as = admin) =>
    app.call(method, `/api/enforcement-policies${path}`, { as, ...(body && { body }) });
  const make = async (more: object = {}) => {
    const { status, body } = await call('POST', '', { ...BUDGET_GUARD, ...more });
    expect({ status, error: body.error }).toEqual({ status: 201, error: undefined });
    return body.data;
  };

  it('takes the body of the reference, and gives it back', async () => {
    const made = await make();
    expect(made).toMatchObject({ ...BUDGET_GUARD, version: 1, enabled: true, scope: 'all', last_triggered_at: null });
    expect(made.summary).toBe(
      'When monthly budget spent is at least 80 % and days left in the month is at least 5 days, between 08:00 and 22:00 (America/New_York), Monday, Tuesday, Wednesday, Thursday, Friday: stop 30 % of the instances, the least used first, tell finance team; starts and stops wait for a person.',
    );
    const listed = await call('GET', '?policy_type=budget_threshold', undefined, viewer);
    expect(listed.body.data).toEqual([made]);
    expect((await call('GET', '?enabled=false')).body.data).toEqual([]);
    expect((await call('POST', '', BUDGET_GUARD, viewer)).status).toBe(403);
  });

  it('keeps a version of each change, and who wrote it', async () => {
    const { id } = await make();
    const changed = await call('PUT', `/${id}`, { cooldown_minutes: 240 });
    expect(changed.body.data).toMatchObject({ version: 2, cooldown_minutes: 240, policy_name: 'Budget Guard' });
    expect((await call('PUT', `/${id}`, { cooldown_minutes: 240 })).body.data.version).toBe(2);
    const { body } = await call('GET', `/${id}/versions`, undefined, viewer);
    expect(body.data.map(versionOf)).toEqual([
      [2, 240],
      [1, 120],
    ]);
    expect(body.data[0].written_by).toContain('@');
  });

  it('switches on and off, by word or to the other one', async () => {
    const { id } = await make();
    expect((await call('PATCH', `/${id}/toggle`)).body.data).toMatchObject({ enabled: false, version: 1 });
    expect((await call('PATCH', `/${id}/toggle`, { enabled: false })).body.data.enabled).toBe(false);
    expect((await call('PATCH', `/${id}/toggle`, {})).body.data.enabled).toBe(true);
  });

  it('forgets a deleted policy, and not what it did', async () => {
    const { id } = await make();
    expect((await call('DELETE', `/${id}`)).body.data).toEqual({ done: true });
    expect((await call('GET', `/${id}`)).status).toBe(404);
    expect((await call('GET', `/${id}/history`)).body.data).toEqual([]);
    expect((await call('GET', `/${id}/versions`)).status).toBe(200);
    // its name is free again
    await make();
  });

  it('has templates whose nights are those of the tenant', async () => {
    const setZone = (zone: string) =>
      app.db.system((tx) =>
        tx.rows('UPDATE flotilla.tenants SET timezone = $2 WHERE tenant_id = $1', [app.tenantId, zone]),
      );
    await setZone('Asia/Tokyo'); // schedules are those of the tenant
    const { body } = await call('GET', '/templates', undefined, viewer);
    const scheduled = body.data.filter((one: { policy: { schedule: unknown } }) => one.policy.schedule !== null);
    expect(scheduled.length).toBeGreaterThan(1);
    for (const { id, policy } of scheduled) {
      expect(policy.schedule.timezone).toBe('Asia/Tokyo');
      const made = await call('POST', `/from-template/${id}`, { policy_name: `${id} in Tokyo` });
      expect(made.body.data.schedule.timezone).toBe('Asia/Tokyo');
    }
    await setZone('UTC');
  });

  it('has templates, all of which can be used, changed or not', async () => {
    const { body } = await call('GET', '/templates', undefined, viewer);
    expect(body.data.length).toBeGreaterThanOrEqual(12);
    for (const template of body.data) {
      expect(template.sentence).toMatch(/^[A-Z].*\.$/);
      const { status, body: made } = await call('POST', `/from-template/${template.id}`, {});
      expect([template.id, status, made.error]).toEqual([template.id, 201, undefined]);
      expect(made.data).toMatchObject({ ...template.policy, template_id: template.id });
    }
    const mine = {
      policy_name: 'My Custom Idle Policy',
      conditions: { operator: 'AND', rules: [IDLE] },
      execution_mode: 'approval_required',
    };
    expect((await call('POST', '/from-template/idle-stop', mine)).body.data).toMatchObject(mine);
    expect((await call('POST', '/from-template/no-such', {})).status).toBe(404);
  });

  it.each([
    [
      'an unknown metric, with near ones',
      { conditions: { operator: 'AND', rules: [{ ...IDLE, metric: 'gpu_utilisation' }] } },
      'conditions.rules[0].metric',
      'gpu_utilization',
    ],
    ['a group without rules', { conditions: { operator: 'AND' } }, 'conditions.rules', 'rules'],
    [
      'a comparison without a threshold',
      { conditions: { metric: 'temperature', operator: 'gt' } },
      'conditions.threshold',
      'number',
    ],
    [
      'NOT of two',
      { conditions: { operator: 'NOT', rules: [IDLE, IDLE] } },
      'conditions.rules',
      'NOT takes exactly one',
    ],
    [
      'a tree that is too deep',
      { conditions: Array.from({ length: 9 }).reduce<object>((inner) => ({ operator: 'AND', rules: [inner] }), IDLE) },
      'conditions.rules',
      'deep',
    ],
    [
      'a tree with too many leaves',
      {
        conditions: {
          operator: 'OR',
          rules: [
            { operator: 'OR', rules: Array(40).fill(IDLE) },
            { operator: 'OR', rules: Array(40).fill(IDLE) },
          ],
        },
      },
      'conditions.rules',
      '64',
    ],
    ['a percentage over 100', { actions: [{ type: 'stop_instances', percentage: 120 }] }, 'actions', '100'],
    ['an unknown action', { actions: [{ type: 'explode' }] }, 'actions', 'stop_instances'],
    ['tags for a stop', { actions: [{ type: 'stop_instances', tags: { a: 'b' } }] }, 'actions', 'tag_instances'],
    ['a zone that does not exist', { schedule: { timezone: 'Mars/Olympus' } }, 'schedule.timezone', 'IANA'],
    ['no day', { schedule: { active_days: [] } }, 'schedule.active_days', 'Monday'],
    ['a scope without its tag', { scope: 'tagged' }, 'scope_filter.tag_key', 'tag'],
    [
      'both starting and stopping',
      { actions: [{ type: 'stop_instances' }, { type: 'start_instances' }] },
      'actions',
      'two policies',
    ],
    ['an unknown field', { dry_run: true }, 'dry_run', 'dry_run'],
  ])('refuses %s', async (_, more, field, mend) => {
    const { status, body } = await call('POST', '', { ...BUDGET_GUARD, ...more });
    expect(status).toBe(400);
    expect(String(body.details.field)).toContain(field);
    expect(JSON.stringify(body)).toContain(mend);
  });

  it('refuses a name that is taken and an instance that is not there', async () => {
    await make();
    expect((await call('POST', '', BUDGET_GUARD)).status).toBe(409);
    const scope = { scope: 'specific_instance', scope_filter: { instance_ids: ['i-nobody'] } };
    expect((await call('POST', '', { ...BUDGET_GUARD, policy_name: 'Other', ...scope })).status).toBe(404);
  });

  it('warns of two policies of which one starts what the other stops', async () => {
    await make({ policy_name: 'Stop', conditions: IDLE, actions: [{ type: 'stop_instances' }] });
    const start = await make({ policy_name: 'Start', actions: [{ type: 'start_instances' }] });
    expect(start.warnings.join(' ')).toContain('(Stop)');
  });

  it('keeps the tags that keep policies off', async () => {
    expect((await call('GET', '/settings', undefined, viewer)).body.data.protection_tags).toContainEqual({
      key: 'do-not-stop',
      value: null,
    });
    const wanted = { protection_tags: [{ key: 'env', value: 'prod' }] };
    expect((await call('PUT', '/settings', wanted)).body.data).toEqual(wanted);
    expect((await call('PUT', '/settings', wanted, viewer)).status).toBe(403);
  });

  it('shows nobody the policies of another tenant', async () => {
    const { id } = await make();
    const stranger = await app.login('admin', await app.newTenant());
    expect((await call('GET', `/${id}`, undefined, stranger)).status).toBe(404);
    expect((await call('GET', `/${id}/history`, undefined, stranger)).status).toBe(404);
    expect((await call('PATCH', `/${id}/toggle`, {}, stranger)).status).toBe(404);
  });
});
