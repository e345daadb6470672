import { startTestApp } from '../../../../test/support/app.js';
import { verifiedByStandard } from '../../../../test/support/fake-webhook-receiver.js';
import { webhookStage } from '../../../../test/support/webhook-stage.js';
import type { WebhookStage } from '../../../../test/support/webhook-stage.js';
import { TenantSecrets } from '../platform/index.js';
import { claim } from './webhook-sending.js';

describe('/webhooks', () => {
  let stage: WebhookStage;
  beforeAll(async () => (stage = await webhookStage()));
  afterEach(async () => {
    await stage.sql('DELETE FROM flotilla.webhooks');
  });
  afterAll(() => stage.close());

  it('lets a receiver that hangs hold up nobody else', async () => {
    const { receiver, add, make } = stage;
    const hanging = await make();
    receiver.answerWith(hanging.at, () => undefined);
    const good = await make();
    const names = Array.from({ length: 40 }, (_, i) => `h${i}`);
    await add(...names);
    await receiver.wait(good.at, 40);
    expect(receiver.at(hanging.at)).toHaveLength(4);
    const ids = receiver.at(good.at).map((one) => one.headers['webhook-id']);
    expect(new Set(ids).size).toBe(40);
    receiver.answer(hanging.at, 200);
  });

  it('signs with both secrets while one replaces the other', async () => {
    const { app, receiver, admin, add, make } = stage;
    const { at, id, secret } = await make();
    const rotated = await app.call('POST', `/api/webhooks/${id}/rotate-secret`, { as: admin, body: {} });
    const next = rotated.body.data.secret as string;
    expect(rotated.body.data.rotating_until).not.toBeNull();
    await add('s1');
    const [received] = await receiver.wait(at, 1);
    verifiedByStandard(received!, secret);
    verifiedByStandard(received!, next);
    await app.call('POST', `/api/webhooks/${id}/rotate-secret`, { as: admin, body: { overlap_minutes: 0 } });
    await add('s2');
    const [, second] = await receiver.wait(at, 2);
    expect(() => verifiedByStandard(second!, secret)).toThrow();
    expect(() => verifiedByStandard(second!, next)).toThrow();
  });

  it('tests, and says what came of it', async () => {
    const { app, receiver, admin, make } = stage;
    const { at, id, secret } = await make({ event_types: ['alert.*'], enabled: false });
    const good = await app.call('POST', `/api/webhooks/${id}/test`, { as: admin });
    expect(good.body.data).toMatchObject({ event_type: 'webhook.test', status: 'delivered', last_status: 200 });
    const [received] = receiver.at(at);
    expect(verifiedByStandard(received!, secret)).toMatchObject({ type: 'webhook.test', id: good.body.data.event_id });
    receiver.answer(at, 302, { location: 'http://169.254.169.254/' });
    const bad = await app.call('POST', `/api/webhooks/${id}/test`, { as: admin });
    expect(bad.body.data.log[0]).toMatchObject({ status: null, error: expect.stringContaining('redirect') });
    receiver.answerWith(at, (response) => void response.writeHead(200).end(Buffer.alloc(600_000)));
    const long = await app.call('POST', `/api/webhooks/${id}/test`, { as: admin });
    expect(long.body.data).toMatchObject({ status: 'failed' });
  });

  it('sends again, under the same id, what a replica took before it died', async () => {
    const { app, receiver, sql, add, make, deliveries, until } = stage;
    const { at, id } = await make();
    await add('c1');
    await until(
      () => deliveries(id),
      ([one]) => one?.status === 'delivered',
    );
    await app.db.system(async (tx) => {
      const pending = `status = 'pending', finished_at = NULL, next_at = now()`;
      await tx.rows(`UPDATE flotilla.webhook_deliveries SET ${pending} WHERE webhook_id = $1`, [id]);
      const taken = await claim(tx, app.app.get(TenantSecrets, { strict: false }), 10, []);
      expect(taken.map((one) => one.webhookId)).toEqual([id]);
    }); // and nobody ever sends it
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.at(at)).toHaveLength(1); // under lease
    await sql(
      `UPDATE flotilla.webhook_deliveries SET leased_until = now() - interval '1 second' WHERE webhook_id = $1`,
      [id],
    );
    const [first, second] = await receiver.wait(at, 2);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
  });

  it('sends each event once with two replicas at work', async () => {
    const { app, receiver, add, make, get, until } = stage;
    const replica = await startTestApp({ beside: app });
    try {
      const { at, id } = await make();
      for (let i = 0; i < 10; i++) await add(...Array.from({ length: 10 }, (_, n) => `t${i}-${n}`));
      await until(
        () => get(id),
        (one) => one.pending === 0 && receiver.at(at).length >= 100,
      );
      expect(receiver.at(at)).toHaveLength(100);
      expect(new Set(receiver.at(at).map((one) => one.headers['webhook-id'])).size).toBe(100);
    } finally {
      await replica.close();
    }
  });

  it.each([
    [{ url: 'ftp://example.com' }, 'url'],
    [{ url: 'https://user:pass@example.com' }, 'url'],
    [{ url: 'https://example.com', event_types: ['alert'] }, 'event_types'],
    [{ url: 'https://example.com', secret: 'short' }, 'secret'],
    [{ url: 'https://example.com', secret: 'whsec_c2hvcnQgc2hvcnQgc2hvcnQ=' }, 'secret'],
  ])('refuses %j', async (body, field) => {
    const { app, admin } = stage;
    const answer = await app.call('POST', '/api/webhooks', { as: admin, body });
    expect([answer.status, answer.body.details.field.split('.')[0]]).toEqual([400, field]);
  });

  it('shows webhooks to admins of their tenant only', async () => {
    const { app, admin, make, get } = stage;
    const { id } = await make();
    expect((await app.call('GET', '/api/webhooks', { as: await app.login('operator') })).status).toBe(403);
    const stranger = await app.login('admin', await app.newTenant());
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['POST', '/test'],
      ['GET', '/deliveries'],
      ['POST', '/rotate-secret'],
    ] as const) {
      const body =
        method === 'PATCH' ? { enabled: false } : method === 'POST' && path === '/rotate-secret' ? {} : undefined;
      expect((await app.call(method, `/api/webhooks/${id}${path}`, { as: stranger, body })).status).toBe(404);
    }
    expect((await get(id)).enabled).toBe(true);
    expect((await app.call('DELETE', `/api/webhooks/${id}`, { as: admin })).status).toBe(200);
  });
});

describe('/webhooks of an installation that opened nothing', () => {
  it('go to https only, and never inside', async () => {
    const app = await startTestApp();
    try {
      const admin = await app.login('admin');
      const make = (url: string) => app.call('POST', '/api/webhooks', { as: admin, body: { url } });
      expect((await make('http://example.com/')).status).toBe(400);
      const inside = await make('https://169.254.169.254/latest/meta-data');
      const test = await app.call('POST', `/api/webhooks/${inside.body.data.id}/test`, { as: admin });
      expect(test.body.data.log[0]).toMatchObject({
        status: null,
        error: expect.stringContaining('inside the network'),
      });
    } finally {
      await app.close();
    }
  });
});
