import { startTestApp } from '../../../../test/support/app.js';
import { eventually } from '../../../../test/support/fake-receivers/index.js';
import { NotificationStage } from '../../../../test/support/notifications.js';
import { isSignedWebhook } from '../platform/index.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what the services were told is looked into
type Body = any;

describe('what leaves the outbox', () => {
  let stage: NotificationStage;
  beforeAll(async () => {
    stage = await NotificationStage.start();
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.clear());

  const taken = (count: number, withinMs?: number) =>
    eventually(() => stage.receivers.taken.length >= count && stage.receivers.taken, `${count} taken`, withinMs);
  const bodies = () => stage.receivers.taken.map((one) => one.body as Body);
  const settled = (id: number, count: number) =>
    eventually(async () => {
      const all = await stage.deliveries(id);
      return all.filter((one) => ['delivered', 'failed'].includes(one.status)).length >= count && all;
    }, `${count} settled`);
  const health = async (id: number) =>
    (await stage.app.call('GET', `/api/notification-channels/${id}`, { as: stage.admin })).body.data.health;

  it('tells PagerDuty one alert from trigger to resolve by one key, which no other tenant has', async () => {
    const { id } = await stage.channel('pagerduty');
    const began = Date.now();
    await stage.tell({});
    const [first] = await taken(1);
    expect(first!.atMs - began).toBeLessThan(8_000);
    await stage.tell({ kind: 'escalate' }, { kind: 'acknowledge' }, { kind: 'resolve' });
    await taken(4);
    const key = `flotilla/${stage.app.tenantId}/alert:17`;
    expect(bodies().map((body) => [body.event_action, body.dedup_key])).toEqual([
      ['trigger', key],
      ['trigger', key],
      ['acknowledge', key],
      ['resolve', key],
    ]);
    expect(bodies()[0]).toMatchObject({
      routing_key: 'PagerDutySecret0001',
      client_url: 'https://flotilla.example.com/alerts/17',
      payload: {
        summary: 'gpu-node-1 is idle',
        severity: 'error',
        timestamp: '2026-11-22T10:15:30.000Z',
        component: 'Idle GPUs',
        custom_details: { 'GPU utilisation': '0 %', simulated: false },
      },
    });
    const [last] = await settled(id, 4);
    expect(last).toMatchObject({
      kind: 'resolve',
      status: 'delivered',
      attempts: 1,
      log: [{ outcome: 'delivered', status_code: 202 }],
    });
    expect(await health(id)).toMatchObject({ status: 'healthy', waiting: 0, failed: 0 });
  });

  it.each(['slack', 'opsgenie', 'teams', 'discord', 'webhook'])('tells %s, in a form that it takes', async (type) => {
    await stage.channel(type);
    const nasty = { title: `<!channel> **@everyone** [x](y) ${'"&'.repeat(300)}`, text: '<b>\u0000</b>' };
    await stage.tell(
      {},
      { kind: 'acknowledge' },
      { kind: 'resolve' },
      { dedupKey: 'alert:18', ...nasty, simulated: true },
    );
    await taken(4);
    expect(stage.receivers.said).toHaveLength(4);
    // within one alert in order; alerts among each other as they come
    const ofFirst = stage.receivers.said.filter((one) => !one.raw.includes('SIMULATED'));
    const words = ofFirst.map((one) =>
      /Acknowledged|acknowledge/.test(one.path + one.raw)
        ? 'ack'
        : /Resolved|close|resolved/.test(one.path + one.raw)
          ? 'end'
          : 'new',
    );
    expect(words).toEqual(['new', 'ack', 'end']);
    const simulated = stage.receivers.said.find((one) => one.raw.includes('SIMULATED'))!;
    expect(simulated.raw).not.toContain('\\u0000');
    if (type === 'slack') expect(simulated.raw).not.toContain('"text":"<!channel>');
    if (type === 'discord') expect(simulated.raw).toContain('"allowed_mentions":{"parse":[]}');
  });

  it('signs webhooks so that a receiver can trust them, with one id over all attempts', async () => {
    await stage.channel('webhook');
    stage.receivers.faults.push({ status: 503 });
    await stage.tell({});
    await eventually(() => stage.receivers.said.length === 1, 'the first attempt');
    await stage.passTime();
    await taken(1);
    const [first, second] = stage.receivers.said;
    for (const { headers, raw } of [first!, second!]) {
      expect(isSignedWebhook(headers, raw, 'WebhookSecret0001WebhookSecret0001', Date.now() / 1000)).toBe(true);
      expect(headers['x-flotilla-event']).toBe('alert.triggered');
      expect(headers['x-flotilla-signature']).toMatch(/^sha256=[0-9a-f]{64}$/);
    }
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect((second!.body as Body).id).toBe(first!.headers['webhook-id']);
  });

  it('tries again what fails in passing, keeps the order of an alert, and lets other alerts by', async () => {
    const { id } = await stage.channel('slack');
    stage.receivers.always = { how: 'drop' };
    await stage.tell({ title: 'first' });
    await eventually(() => stage.receivers.said.length > 0, 'an attempt');
    await stage.tell({ kind: 'resolve', title: 'first' }, { dedupKey: 'other', title: 'second' });
    await eventually(async () => (await health(id)).status === 'failing', 'failing');
    expect(await health(id)).toMatchObject({
      waiting: 3,
      last_failure: expect.stringContaining('the connection was cut'),
    });
    stage.receivers.always = undefined;
    await stage.passTime();
    await taken(3);
    const texts = bodies().map((body) => body.text);
    expect(new Set(texts)).toEqual(new Set(['Resolved: first', 'first', 'second']));
    expect(texts.indexOf('first')).toBeLessThan(texts.indexOf('Resolved: first'));
    const all = await settled(id, 3);
    expect(all.find((one) => one.attempts > 1).log.map((one: Body) => one.outcome)).toEqual(['delivered', 'retry']);
  });

  it('honours Retry-After, for the message and for the channel', async () => {
    const { id } = await stage.channel('slack');
    stage.receivers.faults.push({ status: 429, headers: { 'retry-after': '3' } });
    await stage.tell({}, { dedupKey: 'other' });
    await taken(2, 15_000);
    const [refused, ...rest] = stage.receivers.said;
    const others = rest.filter((one) => one.atMs > refused!.atMs + 500);
    for (const one of others) expect(one.atMs - refused!.atMs).toBeGreaterThanOrEqual(3_000);
    const log = (await settled(id, 2)).flatMap((one) => one.log);
    expect(log.find((one: Body) => one.status_code === 429).reason).toMatch(/answered 429\. It asks us to be slower/);
  });

  it('takes a status whose body never ends for an answer', async () => {
    const { id } = await stage.channel('webhook');
    stage.receivers.faults.push({ status: 200, how: 'slow-body' });
    await stage.tell({});
    const [one] = await eventually(
      async () => {
        const all = await stage.deliveries(id);
        return all[0]?.status === 'delivered' && all;
      },
      'delivered',
      15_000,
    );
    expect(one.attempts).toBe(1);
  });

  it('gives up what is refused for good, says why on the channel and over the others, and sends it again on demand', async () => {
    const revoked = { webhook_url: `${stage.receivers.url}/services/T/B/REVOKED` };
    const broken = await stage.channel('slack', { name: 'Broken', config: revoked });
    const other = await stage.channel('teams');
    await stage.tell({ channelIds: [broken.id] });
    const [dead] = await settled(broken.id, 1);
    const reason = expect.stringMatching(/answered 403\. The key is not accepted any more/);
    expect(dead).toMatchObject({ status: 'failed', attempts: 1, last_error: reason, next_attempt_at: null });
    expect(await health(broken.id)).toMatchObject({ status: 'unhealthy', failed: 1, last_failure: reason });
    await settled(other.id, 1);
    expect(JSON.stringify(bodies())).toContain('Notifications to Broken do not arrive');
    const audit = await stage.app.call('GET', '/api/audit?event_type=notification_channel.unhealthy', {
      as: stage.admin,
    });
    expect(audit.body.data).toHaveLength(1);

    const config = stage.config('slack');
    await stage.app.call('PATCH', `/api/notification-channels/${broken.id}`, { as: stage.admin, body: { config } });
    const path = `/api/notification-channels/${broken.id}/deliveries/${dead.id}/redeliver`;
    const again = await stage.app.call('POST', path, { as: await stage.app.login('operator') });
    expect([again.status, again.body.data.message_id]).toEqual([202, dead.message_id]);
    await eventually(async () => (await stage.deliveries(broken.id))[0].status === 'delivered', 'redelivered');
    expect((await health(broken.id)).status).toBe('healthy');
  });

  it('switches a channel off whose address is gone for good', async () => {
    const { id } = await stage.channel('webhook');
    stage.receivers.always = { status: 410 };
    await stage.tell({}, { kind: 'resolve' });
    await settled(id, 2);
    const { data } = (await stage.app.call('GET', `/api/notification-channels/${id}`, { as: stage.admin })).body;
    expect([data.enabled, data.health.failed, data.health.waiting]).toEqual([false, 2, 0]);
  });

  it('never follows a redirect, and shows of an unknown host its status only', async () => {
    const { id } = await stage.channel('webhook');
    stage.receivers.faults.push({ status: 302, headers: { location: 'http://169.254.169.254/' } });
    const test = async () =>
      (await stage.app.call('POST', `/api/notification-channels/${id}/test`, { as: stage.admin })).body.data;
    expect(await test()).toMatchObject({
      delivered: false,
      status_code: null,
      message: expect.stringContaining('redirect'),
    });
    stage.receivers.faults.push({ status: 400, body: 'inside words' });
    const refused = await test();
    expect(refused).toMatchObject({ delivered: false, status_code: 400 });
    expect(refused.message).not.toContain('inside words');
    const answer = await stage.app.call('POST', '/api/notification-channels/test', {
      as: stage.admin,
      body: { channel_type: 'pagerduty', config: stage.config('pagerduty') },
    });
    expect(answer.body.data).toMatchObject({ delivered: true, status_code: 202 });
    expect(bodies().map((body) => body.event_action)).toEqual(['trigger', 'resolve']); // nobody stays woken by a test
    const closed = await startTestApp({ beside: stage.app, config: { outboundAllow: [] } });
    const inside = await closed.call('POST', `/api/notification-channels/${id}/test`, { as: stage.admin });
    await closed.close();
    expect(inside.body.data).toMatchObject({
      delivered: false,
      message: expect.stringContaining('FLOTILLA_OUTBOUND_ALLOW'),
    });
  });

  it('keeps to the limit of a channel, with two replicas at work, and tells each message once', async () => {
    const second = await startTestApp({ beside: stage.app });
    try {
      const { id } = await stage.channel('slack', { rate_per_minute: 120 });
      await stage.channel('teams', { rate_per_minute: 600 });
      await stage.tell(...Array.from({ length: 16 }, (_, n) => ({ dedupKey: `alert:${n}`, title: `n${n}` })));
      await taken(32, 20_000);
      const times = stage.receivers.taken.filter((one) => one.path.startsWith('/services')).map((one) => one.atMs);
      // 12 at once, then one each half second: the last of 16 no sooner than 2 s after the first
      expect(times.at(-1)! - times[0]!).toBeGreaterThan(1_700);
      await settled(id, 16);
      expect(stage.receivers.said).toHaveLength(32);
      expect(new Set(bodies().map((body) => JSON.stringify(body))).size).toBe(32);
    } finally {
      await second.close();
    }
  });
});
