import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { AlertDesk } from '../alerts/index.js';
import { systemActor } from '@flotilla/persistence';

let app: TestApp;
let admin: string;
let viewer: string;
let operator: string;
let channels: number[];

const EXAMPLE = {
  rule_name: 'High GPU Temperature',
  description: 'Alert when GPU temperature exceeds 85C for 10 minutes',
  metric: 'temperature',
  operator: 'gt',
  threshold: 85,
  duration_minutes: 10,
  severity: 'high',
  scope: 'tagged',
  scope_filter: { tag_key: 'environment', tag_value: 'production' },
  cooldown_minutes: 30,
};

beforeAll(async () => {
  app = await startTestApp();
  [admin, viewer, operator] = (await Promise.all([app.login('admin'), app.login('viewer'), app.login('operator')])) as [
    string,
    string,
    string,
  ];
  const rows = await app.db.system((tx) =>
    tx.rows<{ id: number }>(
      `INSERT INTO flotilla.notification_channels (tenant_id, name, channel_type, config, min_priority, created_by)
       SELECT $1, 'c' || n, 'slack', '{}', 'low', 'test' FROM generate_series(1, 2) n RETURNING id`,
      [app.tenantId],
    ),
  );
  channels = rows.map(({ id }) => id);
});
afterAll(() => app.close());

const post = (body: unknown, as = admin) => app.call('POST', '/api/alert-rules', { as, body });

describe('alert rules over REST', () => {
  it('takes the example of the reference as it is, and gives it back', async () => {
    const made = await post({ ...EXAMPLE, notification_channel_ids: channels });
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      ...EXAMPLE,
      notification_channel_ids: channels,
      enabled: true,
      alert_type: 'metric_threshold',
      unit: 'celsius',
      active_alerts: 0,
      last_fired_at: null,
      warnings: [],
      recovery_threshold: null,
    });
    const { id } = made.body.data as { id: number };
    expect((await app.call('GET', `/api/alert-rules/${id}`, { as: viewer })).body.data).toEqual(made.body.data);
    const changed = await app.call('PUT', `/api/alert-rules/${id}`, {
      as: admin,
      body: { threshold: 90, recovery_threshold: 85 },
    });
    expect(changed.body.data).toMatchObject({ threshold: 90, recovery_threshold: 85, duration_minutes: 10 });
    const listed = await app.call('GET', '/api/alert-rules?metric=temperature&enabled=true&severity=high', {
      as: viewer,
    });
    expect(listed.body).toMatchObject({ count: 1, data: [{ id }] });
    expect((await app.call('GET', '/api/alert-rules?enabled=false', { as: viewer })).body.count).toBe(0);
    expect((await app.call('GET', `/api/alert-rules/${id}/history`, { as: viewer })).body).toMatchObject({
      data: [],
      count: 0,
    });
    const audit = await app.db.system((tx) =>
      tx.rows(
        'SELECT a.event_type FROM flotilla.audit_log a WHERE a.tenant_id = $1 AND a.subject_type = $2 ORDER BY a.id',
        [app.tenantId, 'alert_rule'],
      ),
    );
    expect(audit.map((row) => row.event_type)).toEqual(['alert_rule.created', 'alert_rule.changed']);
    expect((await app.call('DELETE', `/api/alert-rules/${id}`, { as: admin })).status).toBe(200);
    expect((await app.call('GET', `/api/alert-rules/${id}`, { as: viewer })).status).toBe(404);
  });

  it.each([
    [{ metric: 'gpu_utilisation' }, 'metric', 'Did you mean gpu_utilization'],
    [{ notification_channel_ids: [999_999] }, 'notification_channel_ids', 'no notification channel 999999'],
    [{ recovery_threshold: 99 }, 'recovery_threshold', 'cannot be 99'],
    [{ scope: 'all' }, 'scope_filter.tag_key', 'means nothing with the scope all'],
    [{ scope: 'specific_instance', scope_filter: {} }, 'scope_filter.instance_ids', 'needs to know which'],
    [{ metric: 'monthly_spend' }, 'scope', 'the whole tenant'],
    [{ metric: 'cpu_utilization', across_gpus: 'any' }, 'across_gpus', 'one value per instance'],
    [{ operator: 'above' }, 'operator', ''],
    [{ duration_minutes: 2_000 }, 'duration_minutes', ''],
    [{ tenant_id: 'x' }, 'tenant_id', ''],
    [
      { escalation: [2, 1].map((after_minutes) => ({ after_minutes, notification_channel_ids: [1] })) },
      'escalation[1].after_minutes',
      'later than the one before',
    ],
  ])('refuses %j and names %s', async (part, field, words) => {
    const answer = await post({ ...EXAMPLE, rule_name: 'refused', ...part });
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'VALIDATION_ERROR', details: { field } });
    expect(answer.body.error).toContain(words);
  });

  it('warns of thresholds that can never be met, and refuses a name twice', async () => {
    const rule = {
      ...EXAMPLE,
      rule_name: 'never',
      metric: 'gpu_utilization',
      threshold: 100,
      scope: 'all',
      scope_filter: {},
    };
    expect((await post(rule)).body.data.warnings).toEqual(['gpu_utilization is 0 to 100 %: above 100 is never true.']);
    expect((await post(rule)).status).toBe(409);
  });

  it('is made by admins only, and seen by its tenant only', async () => {
    expect((await post({ ...EXAMPLE, rule_name: 'x' }, operator)).status).toBe(403);
    const { id } = (await post({ ...EXAMPLE, rule_name: 'mine' })).body.data as { id: number };
    const stranger = await app.login('admin', await app.newTenant());
    for (const [method, path] of [
      ['GET', ''],
      ['DELETE', ''],
      ['GET', '/history'],
    ]) {
      expect((await app.call(method!, `/api/alert-rules/${id}${path}`, { as: stranger })).status).toBe(404);
    }
  });

  it('answers a repeated POST with the same key as the first time', async () => {
    const headers = { 'idempotency-key': 'rule-1' };
    const body = { ...EXAMPLE, rule_name: 'once' };
    const first = await app.call('POST', '/api/alert-rules', { as: admin, body, headers });
    const again = await app.call('POST', '/api/alert-rules', { as: admin, body, headers });
    expect(again.body.data.id).toBe(first.body.data.id);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });
});

describe('alerts over REST', () => {
  const raise = (type: string, subject: string, more: { severity?: 'critical' | 'low'; builtIn?: string } = {}) =>
    app.db.write(systemActor(app.tenantId, 'test'), (tx) =>
      app.app.get(AlertDesk, { strict: false }).raise(tx, {
        tenantId: app.tenantId,
        alertType: type,
        source: 'built_in',
        ruleId: null,
        builtIn: more.builtIn ?? null,
        subject: { type: 'agent', id: subject, label: subject, instanceId: null },
        severity: more.severity ?? 'low',
        title: `${type} of ${subject}`,
        message: 'It happened.',
        evidence: { n: 1 },
        at: new Date(),
        channelIds: channels,
        simulated: false,
      }),
    );
  const list = async (query: string) => (await app.call('GET', `/api/alerts?${query}`, { as: viewer })).body;

  it('lists, counts and pages them', async () => {
    for (let n = 0; n < 5; n++) await raise('one_kind', `a${n}`);
    await raise('one_kind', 'a0');
    await raise('other_kind', 'b', { severity: 'critical' });
    const all = await list('limit=3');
    expect(all).toMatchObject({ count: 3, pagination: { total: 6, has_more: true } });
    const rest = await list(`limit=3&cursor=${all.pagination.next_cursor}`);
    expect(new Set([...all.data, ...rest.data].map((one: { id: number }) => one.id)).size).toBe(6);
    expect((await list('alert_type=one_kind')).pagination.total).toBe(5);
    expect((await list('severity=critical&status=active&acknowledged=false')).data).toMatchObject([
      { subject: { id: 'b' } },
    ]);
    const summary = (await app.call('GET', '/api/alerts/summary', { as: viewer })).body.data;
    expect(summary).toEqual({
      total: 6,
      unacknowledged: 6,
      by_status: { active: 6, ignored: 0, resolved: 0 },
      by_type: { one_kind: 5, other_kind: 1 },
      active_by_type: { one_kind: 5, other_kind: 1 },
      active_by_severity: { low: 5, critical: 1 },
    });
  });

  it('lets operators acknowledge, resolve and ignore them, and says what happened', async () => {
    const { alertId: id } = (await raise('handled', 'c'))!;
    expect((await app.call('POST', `/api/alerts/${id}/acknowledge`, { as: viewer })).status).toBe(403);
    const acknowledged = await app.call('POST', `/api/alerts/${id}/acknowledge`, {
      as: operator,
      body: { comment: 'On it.' },
    });
    expect(acknowledged.status).toBe(200);
    expect(acknowledged.body.data).toMatchObject({ status: 'active', acknowledged: true, comment: 'On it.' });
    expect((await app.call('POST', `/api/alerts/${id}/acknowledge`, { as: operator })).status).toBe(200);
    const resolved = await app.call('PATCH', `/api/alerts/${id}/resolve`, { as: operator });
    expect(resolved.body.data).toMatchObject({ status: 'resolved', ended_at: null });
    expect(resolved.body.data.resolved_by).toContain('@');
    expect(resolved.body.data.history.map((line: { kind: string }) => line.kind)).toEqual([
      'resolved',
      'acknowledged',
      'fired',
    ]);
    expect(resolved.body.data.deliveries.map((one: { kind: string }) => one.kind).sort()).toEqual(
      ['trigger', 'trigger', 'acknowledge', 'acknowledge', 'resolve', 'resolve'].sort(),
    );
    expect((await app.call('PATCH', `/api/alerts/${id}/resolve`, { as: operator })).status).toBe(200);
    expect((await app.call('PATCH', `/api/alerts/${id}/ignore`, { as: operator })).status).toBe(409);
    const { alertId: other } = (await raise('handled', 'd'))!;
    const bulk = await app.call('POST', '/api/alerts/bulk', {
      as: operator,
      body: { operation: 'ignore', alert_ids: [id, other, 999_999] },
    });
    expect(bulk.body.data).toEqual({ changed: [other], unchanged: [id], not_found: [999_999] });
    await raise('handled', 'd');
    expect((await app.call('GET', `/api/alerts/${other}`, { as: viewer })).body.data).toMatchObject({
      status: 'ignored',
      occurrences: 2,
    });
    const stranger = await app.login('operator', await app.newTenant());
    expect((await app.call('PATCH', `/api/alerts/${id}/ignore`, { as: stranger })).status).toBe(404);
  });

  it('begins one alert when many raise it at once', async () => {
    const raised = await Promise.all(Array.from({ length: 8 }, () => raise('race', 'e')));
    expect(new Set(raised.map((one) => one!.alertId)).size).toBe(1);
    expect((await list('alert_type=race')).data).toMatchObject([{ occurrences: 8 }]);
    expect(raised.filter((one) => one!.outcome === 'new')).toHaveLength(1);
  });

  it('does as the tenant set a built-in rule', async () => {
    const keys = (await app.call('GET', '/api/alert-rules/built-in', { as: viewer })).body.data.map(
      (one: { key: string }) => one.key,
    );
    expect(keys).toContain('agent_silent');
    await app.call('PATCH', '/api/alert-rules/built-in/clock_skew', { as: admin, body: { severity: 'critical' } });
    await raise('clock_skew', 'f', { builtIn: 'clock_skew' });
    expect((await list('alert_type=clock_skew')).data).toMatchObject([
      { severity: 'critical', built_in: 'clock_skew' },
    ]);
    await app.call('PATCH', '/api/alert-rules/built-in/clock_skew', { as: admin, body: { enabled: false } });
    expect(await raise('clock_skew', 'g', { builtIn: 'clock_skew' })).toBeNull();
    expect((await list('alert_type=clock_skew')).data).toMatchObject([{ status: 'resolved' }]);
    expect(
      (await app.call('PATCH', '/api/alert-rules/built-in/nothing', { as: admin, body: { enabled: false } })).status,
    ).toBe(404);
  });

  it('is exported with what is left of a formula', async () => {
    await raise('exported', '=1+1');
    const csv = (
      await app.call('GET', '/api/exports/alerts?format=csv&status=active&alert_type=exported', { as: viewer })
    ).body as string;
    expect(csv.split('\r\n')[0]).toContain('alert_id,last_fired_at');
    expect(csv).toContain(`'=1+1`);
    expect(csv.trim().split('\r\n')).toHaveLength(2);
  });
});
