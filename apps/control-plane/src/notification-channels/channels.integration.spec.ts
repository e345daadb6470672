import { NotificationStage } from '../../../../test/support/notifications.js';

// the bodies of the reference documents, as they stand there
const SEEDS = [
  {
    name: 'Engineering Slack',
    channel_type: 'slack',
    config: { webhook_url: 'https://hooks.slack.com/services/T.../B.../...' },
    alert_types: ['cost_threshold', 'security_incident'],
    min_priority: 'medium',
    digest_mode: 'instant',
  },
  {
    name: 'Ops PagerDuty',
    channel_type: 'pagerduty',
    config: { routing_key: 'your-integration-key' },
    alert_types: ['security_incident'],
    min_priority: 'critical',
  },
  {
    name: 'Finance Team Email',
    channel_type: 'email',
    config: { recipients: ['finance@company.com', 'cfo@company.com'] },
    alert_types: ['cost_threshold', 'budget_exceeded'],
    min_priority: 'low',
    digest_mode: 'batched',
    digest_interval_minutes: 30,
  },
];

describe('/notification-channels', () => {
  let stage: NotificationStage;
  beforeAll(async () => {
    stage = await NotificationStage.start();
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.clear());

  const call = (method: string, path: string, body?: unknown, as = stage.admin) =>
    stage.app.call(method, `/api${path}`, { as, body });

  it.each(SEEDS)('takes the body of the reference: $name', async (body) => {
    const { status, body: answer } = await call('POST', '/notification-channels', body);
    expect(status).toBe(201);
    const { config: _, ...rest } = body;
    expect(answer.data).toMatchObject({ ...rest, enabled: true, health: { status: 'untested', waiting: 0 } });
    const { data } = (await call('GET', `/notifications/channels/${answer.data.id}`)).body;
    expect(data).toEqual(answer.data);
  });

  it('takes the other accent: method, to, and the other address', async () => {
    const body = { name: 'ops-email', method: 'email', config: { to: ['ops@example.com'] }, enabled: true };
    const made = await call('POST', '/v1/notifications/channels', body);
    expect([made.status, made.body.data.channel_type, made.body.data.config]).toEqual([
      201,
      'email',
      { recipients: ['ops@example.com'] },
    ]);
    const { id } = made.body.data;
    expect((await call('PATCH', `/v1/notifications/channels/${id}`, { enabled: false })).body.data.enabled).toBe(false);
    expect((await call('GET', '/notification-channels?enabled=false&channel_type=email')).body).toMatchObject({
      count: 1,
      data: [{ id }],
    });
    expect((await call('DELETE', `/v1/notifications/channels/${id}`)).body.data).toEqual({ done: true });
    expect((await call('GET', `/notification-channels/${id}`)).status).toBe(404);
  });

  it('masks what opens a channel, and keeps it when it comes back masked or not at all', async () => {
    const made = await stage.channel('slack');
    expect(made.config).toEqual({ webhook_url: `${stage.receivers.url}/********` });
    await call('PATCH', `/notification-channels/${made.id}`, { name: 'renamed', config: made.config });
    await call('PATCH', `/notification-channels/${made.id}`, { config: {} });
    expect((await call('POST', `/notification-channels/${made.id}/test`)).body.data.delivered).toBe(true);
    expect(stage.receivers.said.at(-1)!.path).toBe('/services/T0001/B0001/SlackSecret0001');
    const wrong = await call('PATCH', `/notification-channels/${made.id}`, {
      config: { webhook_url: 'https://x.example/********' },
    });
    expect([wrong.status, wrong.body.details.field]).toEqual([400, 'config.webhook_url']);
    const pagerduty = await stage.channel('pagerduty');
    expect(pagerduty.config).toEqual({ routing_key: '********', api_url: stage.receivers.url });
  });

  it('makes a secret for a webhook that has none, and shows it once', async () => {
    const made = await stage.channel('webhook', { config: { url: `${stage.receivers.url}/hook` } });
    expect(made.signing_secret).toMatch(/^whsec_[A-Za-z0-9+/=]{44}$/);
    const { data } = (await call('GET', `/notification-channels/${made.id}`)).body;
    expect([data.signing_secret, data.config.secret]).toEqual([null, '********']);
    expect((await stage.channel('webhook')).signing_secret).toBeNull();
  });

  it.each([
    ['slack', {}, 'config.webhook_url', /required/],
    ['slack', { webhook_url: 'ftp://x' }, 'config.webhook_url', /https/],
    ['slack', { webhook_url: 'https://169.254.169.254/SecretPath' }, 'config.webhook_url', /inside the network/],
    ['slack', { webhook_url: 'https://user:SecretPath@example.com/' }, 'config.webhook_url', /user name or password/],
    ['slack', { webhook_url: 'https://hooks.slack.com/x', more: 1 }, 'config.more', /unknown/],
    ['pagerduty', { routing_key: 'a b SecretPath' }, 'config.routing_key', /printable/],
    ['pagerduty', { routing_key: 'x', api_url: 'https://[::1]/' }, 'config.api_url', /inside the network/],
    ['email', { recipients: [] }, 'config.recipients', /./],
    ['email', { recipients: ['a@b.example\r\nBcc: c@d.example'] }, 'config.recipients.0', /e-mail/],
    ['email', { recipients: ['a@b.example,c@d.example'] }, 'config.recipients.0', /e-mail/],
    ['email', { recipients: ['"a b"@d.example'] }, 'config.recipients.0', /e-mail/],
    ['email', { recipients: ['a@b.example', 'A@B.example'] }, 'config.recipients', /once/],
    ['email', { recipients: Array.from({ length: 6 }, (_, n) => `a${n}@b.example`) }, 'config.recipients', /./],
    ['webhook', { url: 'https://example.com/', secret: 'short' }, 'config.secret', /24/],
    ['opsgenie', { api_key: 1 }, 'config.api_key', /./],
    ['sms', { number: '1' }, 'channel_type', /./],
  ])('refuses a %s with %j and names %s', async (type, config, field, message) => {
    const answer = await call('POST', '/notification-channels', { name: 'x', channel_type: type, config });
    expect([answer.status, answer.body.details?.field]).toEqual([400, field]);
    expect(answer.body.error).toMatch(message);
    expect(JSON.stringify(answer.body)).not.toContain('SecretPath');
  });

  it('writes to the domains that the policy allows only', async () => {
    await call('PATCH', '/notifications/policy', { email_domains: ['Example.com'] });
    const refused = await call('POST', '/notification-channels', {
      name: 'x',
      channel_type: 'email',
      config: { recipients: ['a@example.com', 'b@example.org'] },
    });
    expect([refused.status, refused.body.details.field]).toEqual([400, 'config.recipients.1']);
    const taken = { name: 'x', channel_type: 'email', config: { recipients: ['a@EXAMPLE.com'] } };
    expect((await call('POST', '/notification-channels', taken)).status).toBe(201);
  });

  it('refuses a taken name, and a template that names what there is not', async () => {
    const made = await stage.channel('slack', { name: 'one' });
    const again = { name: 'one', channel_type: 'slack', config: stage.config('slack') };
    expect((await call('POST', '/notification-channels', again)).status).toBe(409);
    const template = await call('PATCH', `/notification-channels/${made.id}`, { template: { title: '{{titel}}' } });
    expect([template.status, template.body.details.field]).toEqual([400, 'template.title']);
    const code = await call('PATCH', '/notifications/policy', { template: { text: '{{constructor}}' } });
    expect([code.status, code.body.details.field]).toEqual([400, 'template.text']);
  });

  it('lets viewers read and admins change; other tenants see nothing', async () => {
    const made = await stage.channel('slack');
    const viewer = await stage.app.login('viewer');
    expect((await call('GET', '/notification-channels', undefined, viewer)).body.count).toBe(1);
    const operator = await stage.app.login('operator');
    for (const [method, path, body] of [
      ['POST', '/notification-channels', { name: 'x', channel_type: 'slack', config: stage.config('slack') }],
      ['PATCH', `/notification-channels/${made.id}`, { enabled: false }],
      ['DELETE', `/notification-channels/${made.id}`, undefined],
      ['POST', `/notification-channels/${made.id}/test`, undefined],
      ['PATCH', '/notifications/policy', { digest_mode: 'batched' }],
    ] as const) {
      expect((await call(method, path, body, operator)).status).toBe(403);
    }
    const stranger = await stage.app.login('admin', await stage.app.newTenant());
    for (const path of ['', '/deliveries']) {
      expect((await call('GET', `/notification-channels/${made.id}${path}`, undefined, stranger)).status).toBe(404);
    }
    expect((await call('POST', '/notification-channels/test', { channel_id: made.id }, stranger)).status).toBe(404);
    expect((await call('GET', '/notification-channels', undefined, stranger)).body.data).toEqual([]);
  });

  it('has a policy before anybody made one, and keeps what a change leaves out', async () => {
    expect((await call('GET', '/notifications/policy')).body.data).toEqual({
      min_priority: 'low',
      quiet_hours: null,
      critical_passes_quiet_hours: true,
      digest_mode: 'instant',
      digest_interval_minutes: 30,
      template: null,
      email_domains: null,
      notification_trigger_mode: 'waste_only',
    });
    await call('PATCH', '/notifications/policy', { min_priority: 'high' });
    const seed = await call('PATCH', '/v1/notifications/policy', { notification_trigger_mode: 'scan_complete' });
    expect(seed.body.data).toMatchObject({ min_priority: 'high', notification_trigger_mode: 'scan_complete' });
    const quiet = { timezone: 'Europe/Berlin', active_hours: { start: '22:00', end: '06:00' } };
    const set = await call('PATCH', '/notifications/policy', { quiet_hours: quiet });
    expect(set.body.data.quiet_hours).toEqual({ ...quiet, active_days: [1, 2, 3, 4, 5, 6, 7] });
    for (const [body, field] of [
      [{ quiet_hours: { ...quiet, timezone: 'Mars/Olympus' } }, 'quiet_hours.timezone'],
      [{ quiet_hours: { ...quiet, active_hours: { start: '25:00', end: '06:00' } } }, 'quiet_hours.active_hours.start'],
      [{ notification_trigger_mode: 'always' }, 'notification_trigger_mode'],
      [{}, 'body'],
    ] as const) {
      const refused = await call('PATCH', '/notifications/policy', body);
      expect([refused.status, refused.body.details.field]).toEqual([400, field]);
    }
  });
});
