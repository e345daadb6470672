import { startTestApp } from '../../../../test/support/app.js';
import { eventually } from '../../../../test/support/fake-receivers/index.js';
import { NotificationStage } from '../../../../test/support/notifications.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what the services were told is looked into
type Body = any;

/** Hours of UTC that are now, or that are not. */
const hours = (active: boolean) => {
  const hour = (shift: number) => `${String((new Date().getUTCHours() + shift + 24) % 24).padStart(2, '0')}:00`;
  return {
    timezone: 'UTC',
    active_hours: active ? { start: hour(-1), end: hour(2) } : { start: hour(3), end: hour(5) },
  };
};

describe('digests, quiet hours and words', () => {
  let stage: NotificationStage;
  beforeAll(async () => {
    stage = await NotificationStage.start();
  });
  afterAll(() => stage.stop());
  beforeEach(() => stage.clear());

  const policy = (body: object) => stage.app.call('PATCH', '/api/notifications/policy', { as: stage.admin, body });
  const taken = (count: number) => eventually(() => stage.receivers.taken.length >= count, `${count} taken`);
  const bodies = () => stage.receivers.taken.map((one) => one.body as Body);
  const states = async (id: number, query?: string) =>
    (await stage.deliveries(id, query)).map((one) => one.status).reverse();
  const soon = () => new Promise((resolve) => setTimeout(resolve, 1_500));

  it('gathers for one message, grouped by severity and rule, over a restart', async () => {
    const { id } = await stage.channel('slack', { digest_mode: 'batched', digest_interval_minutes: 30 });
    const other = await startTestApp({ beside: stage.app });
    await stage.tell(
      { dedupKey: 'a', title: 'a is idle' },
      { dedupKey: 'b', title: 'b is idle', simulated: true },
      { dedupKey: 'hot', severity: 'critical', ruleName: 'Hot GPUs', title: 'c is hot' },
      { dedupKey: 'a', kind: 'resolve', title: 'a is idle' },
    );
    await soon();
    expect(stage.receivers.said).toEqual([]);
    expect(await states(id)).toEqual(Array(4).fill('waiting_for_digest'));
    await other.close(); // what waits is in the database, and in no process
    await stage.passTime();
    await taken(1);
    await eventually(async () => (await stage.deliveries(id, '?status=delivered')).length === 1, 'settled');
    const [digest] = bodies();
    expect(digest.text).toBe('3 alerts: 1 critical, 2 high');
    expect(digest.blocks[1].text.text).toBe(
      'critical · Hot GPUs: 1\n  c is hot\nhigh · Idle GPUs: 2 (1 resolved)\n  a is idle; [SIMULATED] b is idle',
    );
    const all = await stage.deliveries(id);
    const told = all.find((one) => one.kind === 'digest');
    expect(all.filter((one) => one.digest_id === told.id).map((one) => one.status)).toEqual(Array(4).fill('in_digest'));
    const again = `/api/notification-channels/${id}/deliveries/${all.at(-1).id}/redeliver`;
    const refused = await stage.app.call('POST', again, { as: stage.admin });
    expect([refused.status, refused.body.error]).toEqual([
      409,
      expect.stringContaining(`Delivery ${told.id} tells it`),
    ]);
  });

  it('lets a single one be itself, and the policy be the default', async () => {
    await policy({ digest_mode: 'batched', digest_interval_minutes: 5 });
    const { id } = await stage.channel('slack');
    await stage.channel('pagerduty');
    await stage.tell({});
    await taken(1); // PagerDuty follows each alert by itself
    expect(stage.receivers.said.map((one) => one.path)).toEqual(['/v2/enqueue']);
    expect(await states(id)).toEqual(['waiting_for_digest']);
    await stage.passTime();
    await taken(2);
    expect(bodies()[1].text).toBe('gpu-node-1 is idle');
  });

  it('holds in quiet hours what is not critical, and tells it as a digest when they end', async () => {
    await policy({ quiet_hours: hours(true) });
    const slack = await stage.channel('slack');
    const pagerduty = await stage.channel('pagerduty');
    const only = (id: number, more: object) => ({ channelIds: [id], ...more });
    await stage.tell(
      only(slack.id, { dedupKey: 'a', title: 'a' }),
      only(slack.id, { dedupKey: 'b', title: 'b', severity: 'low' }),
      only(slack.id, { dedupKey: 'c', title: 'c', severity: 'critical' }),
      only(pagerduty.id, { dedupKey: 'd', title: 'd' }),
      // the end of what was held is held too, however urgent it became
      { dedupKey: 'd', kind: 'resolve', title: 'd', severity: 'critical' },
    );
    await taken(1);
    await soon();
    expect(bodies().map((body) => body.text)).toEqual(['c']);
    expect([await states(slack.id), await states(pagerduty.id)]).toEqual([
      ['held', 'held', 'delivered'],
      ['held', 'held'],
    ]);
    await policy({ quiet_hours: hours(false) });
    await taken(4);
    const of = (path: string) =>
      stage.receivers.taken.filter((one) => one.path.startsWith(path)).map((one) => one.body as Body);
    expect(of('/services').map((body) => body.text)).toEqual(['c', '2 alerts: 1 high, 1 low']);
    expect(of('/v2').map((body) => body.event_action)).toEqual(['trigger', 'resolve']);
  });

  it('holds critical ones too where the policy says so, and all of it ends with the quiet hours', async () => {
    await policy({ quiet_hours: hours(true), critical_passes_quiet_hours: false });
    const { id } = await stage.channel('slack');
    await stage.tell({ severity: 'critical' });
    await eventually(async () => (await states(id))[0] === 'held', 'held');
    await policy({ quiet_hours: null });
    await taken(1);
  });

  it('uses the words of the channel, else those of the tenant, and marks simulated data in any', async () => {
    await policy({ template: { title: 'T {{rule}} {{severity}}', text: '{{link}}' } });
    await stage.channel('slack', { template: { title: 'C {{title}}' } });
    await stage.channel('teams');
    await stage.tell({ simulated: true });
    await taken(2);
    const [slack, teams] = [...stage.receivers.taken]
      .sort((a, b) => (a.path < b.path ? -1 : 1))
      .map((one) => one.body as Body);
    expect(slack.text).toBe('[SIMULATED] C gpu-node-1 is idle');
    expect(teams.attachments[0].content.fallbackText).toBe('[SIMULATED] T Idle GPUs high');
    expect(JSON.stringify(teams)).toContain('https://flotilla.example.com/alerts/17');
  });

  it('sends nothing below the least priority, and gives up what waits when a channel is switched off', async () => {
    await policy({ min_priority: 'high', digest_mode: 'batched' });
    const { id } = await stage.channel('slack');
    await stage.tell({ severity: 'medium' }, { severity: 'critical', dedupKey: 'b' });
    expect(await states(id)).toEqual(['waiting_for_digest']);
    await stage.app.call('PATCH', `/api/notification-channels/${id}`, { as: stage.admin, body: { enabled: false } });
    expect(await stage.deliveries(id)).toMatchObject([
      { status: 'failed', last_error: expect.stringContaining('switched off') },
    ]);
    expect(stage.receivers.said).toEqual([]);
  });
});
