import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { BUSY, IDLE, PolicyStage, short, STAGED_MINUTES } from '../../../../test/support/policy-stage.js';

describe('policies that run', () => {
  let app: TestApp;
  let stage: PolicyStage;

  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());
  beforeEach(async () => {
    stage = await PolicyStage.set(app);
  });

  it('stops what idles, tells why with the numbers, and asks the host again', async () => {
    const [idle] = [await stage.machine(), await stage.machine(BUSY)];
    const policy = await stage.make();
    await stage.decide();
    const [run, ...more] = await stage.history(policy);
    expect(more).toEqual([]);
    expect(run).toMatchObject({ kind: 'triggered', policy_version: 1, instance_ids: [idle], simulated: false });
    expect(run.timestamp).toBe(new Date(stage.minute * 60_000).toISOString());
    expect(run.triggers[0].conditions_met).toMatchObject([
      { metric: 'gpu_utilization', threshold: 5, duration: 30, value: 0 },
    ]);
    expect(run.outcomes).toMatchObject([{ outcome: 'requested', action_status: 'queued', instance: { id: idle } }]);
    expect(run.outcomes[0].details.gate).toMatchObject({ allowed: true, class: 'empty_idle' });
    const action = (await app.call('GET', `/api/actions/${run.outcomes[0].action_id}`, { as: stage.admin })).body.data;
    expect(action).toMatchObject({
      policy_id: policy,
      policy_version: 1,
      force: false,
      precondition: { idle_since: new Date((stage.minute - 29) * 60_000).toISOString(), idle_below_percent: 5 },
    });
    const [audit] = await stage.sql<{ details: object }>(
      `SELECT a.details FROM flotilla.audit_log a WHERE a.tenant_id = $1 AND a.event_type = 'policy.triggered'`,
      [stage.tenantId],
    );
    expect(audit!.details).toMatchObject({
      version: 1,
      written_by: expect.stringContaining('@'),
      outcomes: { requested: 1 },
    });
  });

  it('does a minute once, whoever looks at it again, and two at the same time', async () => {
    await stage.machine();
    const policy = await stage.make();
    await Promise.all([stage.decide(), stage.decide()]);
    await stage.decide();
    expect(await stage.told(policy)).toHaveLength(1);
    const [{ actions }] = (await stage.sql<{ actions: number }>(
      'SELECT count(*) AS actions FROM flotilla.actions a WHERE a.tenant_id = $1',
      [stage.tenantId],
    )) as [{ actions: number }];
    expect(actions).toBe(1);
  });

  it('makes up for a minute that nobody could decide', async () => {
    await stage.machine();
    const policy = await stage.make();
    await stage.sql(`INSERT INTO flotilla.policy_progress (tenant_id, decided_through) VALUES ($1, $2)`, [
      stage.tenantId,
      stage.minute - 4,
    ]);
    await stage.since(policy, stage.minute - 3);
    await stage.decide();
    expect(
      (await stage.history(policy)).map((run: { timestamp: string }) => Date.parse(run.timestamp) / 60_000),
    ).toEqual([stage.minute - 3]);
  });

  it('waits for a person where a person has to agree, and only tells where it only tells', async () => {
    const id = await stage.machine();
    const asking = await stage.make({ policy_name: 'Asks', execution_mode: 'approval_required' });
    await stage.decide();
    expect(await stage.told(asking)).toMatchObject([{ outcome: 'awaits_approval', action_status: 'pending_approval' }]);
    const telling = await stage.make({
      policy_name: 'Tells',
      execution_mode: 'notify_only',
      scope: 'specific_instance',
      scope_filter: { instance_ids: [id] },
    });
    await stage.sql('DELETE FROM flotilla.actions WHERE tenant_id = $1', [stage.tenantId]);
    await stage.decide();
    expect(short(await stage.told(telling))).toEqual([
      ['stop_instances', id, 'would_act'],
      ['notify_all', null, 'notified'],
    ]);
    const { body } = await app.call('GET', '/api/actions', { as: stage.admin });
    expect(body.data).toEqual([]);
    const [alert] = await stage.sql(`SELECT * FROM flotilla.alerts a WHERE a.tenant_id = $1 AND a.status = 'active'`, [
      stage.tenantId,
    ]);
    expect(alert).toMatchObject({ alert_type: 'policy_triggered', subject_type: 'policy', subject_label: 'Tells' });
  });

  it('lets nobody approve what the own policy asks, where a second person has to', async () => {
    await stage.machine();
    await stage.sql('UPDATE flotilla.tenants SET require_second_person = true WHERE tenant_id = $1', [stage.tenantId]);
    await stage.make({ policy_name: 'Asks', execution_mode: 'approval_required' });
    await stage.decide();
    const [action] = (await app.call('GET', '/api/actions', { as: stage.admin })).body.data;
    const approve = (as: string) => app.call('POST', `/api/actions/${action.id}/approve`, { as, body: {} });
    const own = await approve(stage.admin);
    expect([own.status, own.body.error]).toEqual([409, expect.stringContaining('who wrote what the policy asks')]);
    expect((await approve(await app.login('admin', stage.tenantId))).status).toBe(200);
  });

  it('says of each machine that it leaves alone what stands against it', async () => {
    const free = await stage.machine(IDLE, { cost: 1 });
    const kept = await stage.machine(IDLE, { tags: { 'do-not-stop': 'yes' } });
    const young = await stage.machine();
    await stage.sql(`UPDATE flotilla.instances SET state_changed_at = now() WHERE id = $1`, [young]);
    const parked = await stage.machine({ ...IDLE, memory_used_mib: 70_000 });
    const policy = await stage.make();
    await stage.decide();
    const by = new Map((await stage.told(policy)).map((one) => [one.instance!.id, one]));
    expect([free, kept, young, parked].map((id) => by.get(id)!.blocked_by)).toEqual([
      null,
      'protection',
      'gate',
      'gate',
    ]);
    expect(by.get(kept)!.reason).toContain('do-not-stop=yes');
    expect(by.get(parked)!.reason).toMatch(/parked|processes/);
  });

  it('takes the next one where the gate refuses, as many as its part is', async () => {
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push(await stage.machine(IDLE, { cost: 10 - i }));
    await stage.sql(`UPDATE flotilla.instances SET state_changed_at = now() WHERE id = $1`, [ids[0]]);
    const policy = await stage.make({
      actions: [{ type: 'scale_down_instances', target: 'most_expensive', percentage: 50 }],
    });
    await stage.decide();
    expect(short(await stage.told(policy))).toEqual([
      ['scale_down_instances', ids[0], 'gate'],
      ['scale_down_instances', ids[1], 'requested'],
      ['scale_down_instances', ids[2], 'requested'],
    ]);
  });

  it('never touches more of the fleet than its caps allow', async () => {
    for (let i = 0; i < 4; i++) await stage.machine();
    const policy = await stage.make({ cap_per_run_percent: 50, cap_per_day_percent: 75 });
    await stage.decide();
    expect(short(await stage.told(policy)).map(([, , what]) => what)).toEqual([
      'requested',
      'requested',
      'cap_per_run',
      'cap_per_run',
    ]);
    // another policy: what the first one did today counts
    const second = await stage.make({ policy_name: 'Second', cap_per_run_percent: 100, cap_per_day_percent: 75 });
    await stage.decide();
    const outcomes = short(await stage.told(second)).map(([, , what]) => what);
    expect(outcomes.filter((what) => what === 'requested')).toHaveLength(1);
    expect(outcomes).toContain('cap_per_day');
  });

  it('is held back by a maintenance window, its schedule and its cooldown, and says so', async () => {
    await stage.machine();
    await stage.sql(
      `INSERT INTO flotilla.maintenance_windows (tenant_id, name, start_time, end_time, timezone, scope, suppress_alerts, suppress_enforcement, created_by)
       VALUES ($1, 'Move', now() - interval '1 hour', now() + interval '1 hour', 'UTC', '{"all": true}', false, true, 'ada')`,
      [stage.tenantId],
    );
    const windowed = await stage.make({ policy_name: 'Windowed' });
    const now = new Date(stage.minute * 60_000);
    const hour = (add: number) => `${String((now.getUTCHours() + add + 24) % 24).padStart(2, '0')}:00`;
    const closed = { timezone: 'UTC', active_hours: { start: hour(3), end: hour(4) } };
    // it comes to hold in this very minute
    const since = { metric: 'gpu_utilization', operator: 'lt', threshold: 5, duration: STAGED_MINUTES };
    const scheduled = await stage.make({ policy_name: 'Scheduled', schedule: closed, conditions: since });
    await stage.decide();
    expect((await stage.told(windowed)).map((one) => [one.blocked_by, one.reason.includes('Move')])).toEqual([
      ['maintenance', true],
    ]);
    expect((await stage.history(scheduled)).map((run: { kind: string }) => run.kind)).toEqual(['schedule']);
  });

  it('triggers again after its cooldown, not before', async () => {
    const id = await stage.machine({ ...IDLE, memory_used_mib: 70_000 });
    const policy = await stage.make({ cooldown_minutes: 10 });
    await stage.since(policy, stage.minute - 12);
    await stage.decide(stage.minute - 12);
    for (let at = stage.minute - 11; at <= stage.minute; at++) await stage.decide(at);
    const minutes = (await stage.history(policy)).map(
      (run: { timestamp: string }) => Date.parse(run.timestamp) / 60_000 - stage.minute,
    );
    expect(minutes).toEqual([-2, -12]);
    expect(short(await stage.told(policy))).toEqual(Array(2).fill(['stop_instances', id, 'gate']));
  });

  it('acts for the tenant on the calendar, on the least used part of what may be stopped', async () => {
    const ids = [await stage.machine(), await stage.machine(BUSY), await stage.machine()];
    const policy = await stage.make({
      conditions: { metric: 'days_remaining_in_month', operator: 'gte', threshold: 0 },
      actions: [
        { type: 'scale_down_instances', percentage: 40 },
        { type: 'tag_instances', tags: { seen: 'yes' } },
      ],
    });
    await stage.decide();
    const [run] = await stage.history(policy);
    expect(run).toMatchObject({ subject: 'tenant', instance_ids: [], triggers: [{ instance_id: null }] });
    // 40 % of three are one
    expect(short(run.outcomes)).toEqual([
      ['scale_down_instances', ids[0], 'requested'],
      ...ids.map((one) => ['tag_instances', one, 'tagged']),
    ]);
    const tags = await stage.sql('SELECT i.tags FROM flotilla.instances i WHERE i.id = $1', [ids[1]]);
    expect(tags).toEqual([{ tags: { seen: 'yes' } }]);
  });

  it('acts on what an instance costs, by its price and its time in state', async () => {
    const [cheap, dear] = [await stage.machine(IDLE, { cost: 1 }), await stage.machine(IDLE, { cost: 50 })];
    await stage.sql('DELETE FROM flotilla.instance_spans WHERE tenant_id = $1', [stage.tenantId]);
    for (const [id, cost] of [
      [cheap, 1],
      [dear, 50],
    ]) {
      await stage.sql(
        `INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, since)
         VALUES ($1, $2, 'running', $3, 'USD', now() - interval '2 days')`,
        [stage.tenantId, id, cost],
      );
    }
    const policy = await stage.make({ conditions: { metric: 'hourly_cost', operator: 'gt', threshold: 20 } });
    await stage.decide();
    const [run] = await stage.history(policy);
    expect(run.instance_ids).toEqual([dear]);
    expect(run.triggers[0].conditions_met).toMatchObject([{ metric: 'hourly_cost', threshold: 20, value: 50 }]);
  });

  it('keeps policies apart that turn a machine on and off, and raises an alert', async () => {
    const id = await stage.machine();
    const [stopper, other] = [
      await stage.make({ policy_name: 'Stopper' }),
      await stage.make({ policy_name: 'Other', enabled: false }),
    ];
    const moved = (ago: number, verb: string, by: number) =>
      stage.sql(
        `INSERT INTO flotilla.actions (tenant_id, id, verb, instance_id, status, open, requester_type, requester_label, requested_at,
           deadline, agent_id, control_kind, level, own_host, instance_generation, policy_id, policy_version)
         SELECT $1, 'act_' || substr(md5(random()::text), 1, 26), $2, $3, 'succeeded', false, 'system', 'policy',
           now() - $4 * interval '1 minute', now(), i.agent_id, 'command', 'power', true, 0, $5, 1
           FROM flotilla.instances i WHERE i.id = $3`,
        [stage.tenantId, verb, id, ago, by],
      );
    await moved(120, 'start', other);
    await moved(90, 'stop', stopper);
    await moved(40, 'start', other);
    await stage.decide();
    expect(short(await stage.told(stopper))).toEqual([['stop_instances', id, 'flapping']]);
    const alerts = await stage.sql(`SELECT a.alert_type, a.instance_id FROM flotilla.alerts a WHERE a.tenant_id = $1`, [
      stage.tenantId,
    ]);
    expect(alerts).toEqual([{ alert_type: 'policy_flapping', instance_id: id }]);
    const kept = await stage.sql<{ policy_id: number }>(
      'SELECT s.policy_id FROM flotilla.policy_standoffs s WHERE s.tenant_id = $1 ORDER BY 1',
      [stage.tenantId],
    );
    expect(kept.map((one) => one.policy_id)).toEqual([stopper, other]);
    const events = await stage.sql<{ type: string }>(
      `SELECT e.type FROM flotilla.events e WHERE e.tenant_id = $1 AND e.type LIKE 'policy.%'`,
      [stage.tenantId],
    );
    expect(events.map(({ type }) => type).sort()).toEqual(['policy.blocked', 'policy.paused']);
  });

  it('ends its alert when the conditions hold for nobody any more, and tells each run', async () => {
    await stage.machine();
    const policy = await stage.make({ execution_mode: 'notify_only', actions: [{ type: 'notify_team' }] });
    await stage.decide();
    const status = async () =>
      (
        await stage.sql<{ status: string }>('SELECT a.status FROM flotilla.alerts a WHERE a.tenant_id = $1', [
          stage.tenantId,
        ])
      ).map((one) => one.status);
    expect(await status()).toEqual(['active']);
    // the next minute has no data: nothing is idle any more
    await stage.decide(stage.minute + 1);
    expect(await status()).toEqual(['resolved']);
    expect(await stage.told(policy)).toHaveLength(1);
  });
});
