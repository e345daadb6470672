import { systemActor } from '@flotilla/persistence';
import { EventLog, EventsJob } from '../../apps/control-plane/src/events/index.js';
import { startTestApp } from './app.js';
import type { TestApp } from './app.js';
import { FakeWebhookReceiver } from './fake-webhook-receiver.js';

export type WebhookStage = Awaited<ReturnType<typeof webhookStage>>;

/** The application beside a receiver of webhooks on loopback, which it may call. */
export async function webhookStage() {
  const receiver = await FakeWebhookReceiver.start();
  const logged: string[] = [];
  const app: TestApp = await startTestApp({
    log: (line) => logged.push(line),
    config: { outboundAllow: ['127.0.0.0/8'] },
  });
  const admin = await app.login('admin');
  let path = 0;
  const sql = (text: string, values: readonly unknown[] = []) => app.db.system((tx) => tx.rows(text, values));
  const add = async (...names: string[]) => {
    await app.db.write(systemActor(app.tenantId, 'test'), async (tx) => {
      tx.withoutAudit('a test');
      for (const name of names) {
        const data = { key_id: name, name, actor: 'ada@example.com' };
        const subject = { subjectType: 'api_key', subjectId: name };
        await EventLog.add(tx, { tenantId: app.tenantId, type: 'api_key.created', ...subject, data, simulated: false });
      }
    });
    await app.app.get(EventsJob).seal();
  };
  const make = async (body: object = {}) => {
    const at = `/hook${++path}`;
    const made = await app.call('POST', '/api/webhooks', { as: admin, body: { url: receiver.url(at), ...body } });
    expect(made.status).toBe(201);
    return { at, id: made.body.data.id as number, secret: made.body.data.secret as string };
  };
  const get = async (id: number) => (await app.call('GET', `/api/webhooks/${id}`, { as: admin })).body.data;
  const deliveries = async (id: number, query = '') =>
    (await app.call('GET', `/api/webhooks/${id}/deliveries${query}`, { as: admin })).body.data;
  const until = async <T>(read: () => Promise<T>, is: (value: T) => boolean): Promise<T> => {
    for (const end = performance.now() + 30_000; performance.now() < end;) {
      const value = await read();
      if (is(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 40));
    }
    throw new Error(`still ${JSON.stringify(await read())}`);
  };
  /** Brings every wait forward to now. */
  const hurry = () =>
    sql(
      `WITH w AS (UPDATE flotilla.webhooks SET blocked_until = NULL) UPDATE flotilla.webhook_deliveries SET next_at = now() WHERE status = 'pending'`,
    );

  const close = async () => {
    await app.close();
    await receiver.close();
    expect(logged.filter((line) => /"level":"error"/.test(line))).toEqual([]);
  };
  return { app, receiver, admin, sql, add, make, get, deliveries, until, hurry, close };
}
