import { createHmac } from 'node:crypto';
import { verifiedByStandard } from '../../../../test/support/fake-webhook-receiver.js';
import { webhookStage } from '../../../../test/support/webhook-stage.js';
import type { WebhookStage } from '../../../../test/support/webhook-stage.js';

const OWN_SECRET = 'a_secret_of_our_own,_long_enough';

describe('what webhooks are told', () => {
  let stage: WebhookStage;
  beforeAll(async () => (stage = await webhookStage()));
  afterEach(async () => {
    await stage.sql('DELETE FROM flotilla.webhooks');
  });
  afterAll(() => stage.close());

  it('sends events in both signed forms, as GET /events shows them', async () => {
    const { app, receiver, admin, sql, add, make, get, deliveries, until } = stage;
    const { at, id, secret } = await make();
    expect(secret).toMatch(/^whsec_/);
    await add('k1');
    const [received] = await receiver.wait(at, 1);
    const { headers, body } = received!;
    const event = (await app.call('GET', '/api/events?limit=1', { as: admin })).body.data[0];
    expect(JSON.parse(body)).toEqual(event);
    expect(verifiedByStandard(received!, secret)).toEqual(event);
    expect(() => verifiedByStandard({ ...received!, body: body.replace('k1', 'k2') }, secret)).toThrow();
    const hex = createHmac('sha256', secret)
      .update(`${String(headers['x-flotilla-timestamp'])}.${body}`)
      .digest('hex');
    expect(headers['x-flotilla-signature']).toBe(`sha256=${hex}`);
    expect(headers['x-flotilla-event']).toBe('api_key.created');
    expect(headers['webhook-id']).toBe(event.id);
    expect(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp']))).toBeLessThan(30);
    const [log] = await until(
      () => deliveries(id),
      ([one]) => one?.status === 'delivered',
    );
    expect(log).toMatchObject({
      event_id: event.id,
      attempts: 1,
      last_status: 200,
      log: [{ attempt: 1, status: 200, error: null }],
    });
    const details = await app.call('GET', `/api/webhooks/${id}/deliveries/${log!.id}`, { as: admin });
    expect(details.body.data).toMatchObject({ id: log!.id, request: { body, url: expect.stringContaining(at) } });
    expect(JSON.stringify([await get(id), log, details])).not.toContain(secret);
    const stored = await sql('SELECT w::text AS text FROM flotilla.webhooks w');
    expect(JSON.stringify(stored)).not.toContain(Buffer.from(secret).toString('hex'));
  });

  it('sends only what was asked for, and writes nothing for the rest', async () => {
    const { receiver, sql, add, make, get, until } = stage;
    const { at, id } = await make({ events: ['alert.*', 'api_key.created'], is_active: true });
    const other = await make({ event_types: ['alert.*', 'gpu.*'] });
    await add('wanted');
    await receiver.wait(at, 1);
    expect((await get(id)).event_types).toEqual(['alert.*', 'api_key.created']);
    await until(
      () => sql('SELECT cursor FROM flotilla.webhooks WHERE id = $1', [other.id]),
      ([row]) => {
        return Number(row!['cursor']) > 0;
      },
    );
    expect(await sql('SELECT 1 FROM flotilla.webhook_deliveries WHERE webhook_id = $1', [other.id])).toEqual([]);
    expect(receiver.at(other.at)).toEqual([]);
  });

  it('tries again under the same id with a new signature, and says how it stands', async () => {
    const { receiver, add, make, get, deliveries, until, hurry } = stage;
    const { at, id, secret } = await make({ secret: OWN_SECRET });
    receiver.answer(at, 503);
    await add('r1');
    await receiver.wait(at, 1);
    const failing = await until(
      () => get(id),
      (one) => one.failures_in_a_row === 1,
    );
    expect(failing).toMatchObject({ status: 'failing', last_failure: expect.stringContaining('answered 503') });
    const [waiting] = await deliveries(id, '?status=pending');
    const waitMs = Date.parse(waiting.next_attempt_at) - Date.parse(waiting.log[0].at);
    expect(waitMs).toBeGreaterThan(3_000);
    expect(waitMs).toBeLessThan(30_000);
    receiver.answer(at, 204);
    await hurry();
    const [first, second] = await receiver.wait(at, 2);
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id']);
    expect(second!.body).toBe(first!.body);
    expect(second!.headers['webhook-signature']).toBeDefined();
    const hex = createHmac('sha256', secret).update(
      `${String(second!.headers['x-flotilla-timestamp'])}.${second!.body}`,
    );
    expect(second!.headers['x-flotilla-signature']).toBe(`sha256=${hex.digest('hex')}`);
    expect(
      (
        await until(
          () => get(id),
          (one) => one.status === 'healthy',
        )
      ).failures_in_a_row,
    ).toBe(0);
  });

  it('waits as long as Retry-After asks, also with all else', async () => {
    const { receiver, add, make, deliveries, until } = stage;
    const { at, id } = await make();
    receiver.answer(at, 429, { 'retry-after': '120' });
    await add('a1');
    const [one] = await until(
      () => deliveries(id),
      ([d]) => d?.attempts === 1 && d.log.length === 1,
    );
    expect(Date.parse(one.next_attempt_at) - Date.now()).toBeGreaterThan(110_000);
    await add('a2');
    await until(
      () => deliveries(id),
      (all) => all.length === 2,
    );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(receiver.at(at)).toHaveLength(1);
  });

  it('turns a webhook off on 410, with an event, and on again where it stopped', async () => {
    const { app, receiver, admin, add, make, get, deliveries, until } = stage;
    const { at, id } = await make();
    receiver.answer(at, 410);
    await add('g1');
    const off = await until(
      () => get(id),
      (one) => one.status === 'disabled',
    );
    expect(off.disabled_reason).toContain('410');
    const told = await until(
      async () =>
        (await app.call('GET', `/api/events?type=webhook.disabled&subject_id=${id}`, { as: admin })).body.data,
      (all) => all.length > 0,
    );
    expect(told[0].data).toMatchObject({ webhook_id: id, reason: off.disabled_reason });
    const audit = await app.call('GET', `/api/audit?event_type=webhook.disabled&subject_id=${id}`, { as: admin });
    expect(audit.body.count).toBe(1);
    await add('g2');
    receiver.answer(at, 200);
    const path = `/api/webhooks/${id}`;
    const [failed] = await deliveries(id, '?status=failed');
    expect((await app.call('POST', `${path}/deliveries/${failed.id}/redeliver`, { as: admin })).status).toBe(409);
    await app.call('PATCH', path, { as: admin, body: { enabled: true } });
    const sent = () => receiver.at(at).map((one) => JSON.parse(one.body).subject.id as string);
    await until(
      async () => sent(),
      (all) => all.includes('g2'),
    );
    expect(sent().filter((name) => name === 'g1')).toHaveLength(1);
    const again = await app.call('POST', `${path}/deliveries/${failed.id}/redeliver`, { as: admin });
    expect(again).toMatchObject({ status: 202, body: { data: { event_id: failed.event_id, redelivery: true } } });
    await until(
      async () => sent(),
      (all) => all.filter((name) => name === 'g1').length === 2,
    );
    await app.call('PATCH', path, { as: admin, body: { enabled: false } });
    await add('g3');
    await app.call('PATCH', path, { as: admin, body: { enabled: true, skip_missed: true } });
    await add('g4');
    await until(
      async () => sent(),
      (all) => all.includes('g4'),
    );
    expect(sent()).not.toContain('g3');
  });

  it('turns off what took nothing for a day', async () => {
    const { receiver, sql, add, make, get, until } = stage;
    const { at, id } = await make();
    receiver.answer(at, 500);
    await sql(
      `UPDATE flotilla.webhooks SET failures_in_a_row = 19, failing_since = now() - interval '25 hours' WHERE id = $1`,
      [id],
    );
    await add('d1');
    expect(
      (
        await until(
          () => get(id),
          (one) => one.status === 'disabled',
        )
      ).disabled_reason,
    ).toContain('for a day');
  });

  it('gives a delivery up after its last attempt', async () => {
    const { receiver, sql, add, make, deliveries, until, hurry } = stage;
    const { at, id } = await make();
    receiver.answer(at, 500);
    await add('e1');
    await until(
      () => deliveries(id),
      ([d]) => d?.log.length === 1,
    );
    await sql('UPDATE flotilla.webhook_deliveries SET attempts = 10 WHERE webhook_id = $1', [id]);
    await hurry();
    const [one] = await until(
      () => deliveries(id),
      ([d]) => d.status === 'failed',
    );
    expect(one).toMatchObject({ attempts: 11, next_attempt_at: null });
  });
});
