import { eventually } from '../../../../test/support/fake-receivers/index.js';
import { NotificationStage } from '../../../../test/support/notifications.js';

const CANARY = /(Slack|PagerDuty|Opsgenie|Teams|Discord|Webhook)Secret0001/;
const TYPES = ['slack', 'pagerduty', 'opsgenie', 'teams', 'discord', 'webhook'];

describe('the secrets of channels', () => {
  const lines: string[] = [];
  let stage: NotificationStage;
  beforeAll(async () => {
    stage = await NotificationStage.start({ log: (line) => lines.push(line) });
  });
  afterAll(() => stage.stop());

  it('are nowhere but sealed: not in answers, errors, audit, exports, metrics, logs or the database', async () => {
    const seen: string[] = [];
    const call = async (method: string, path: string, body?: unknown) => {
      const answer = await stage.app.call(method, path, {
        as: stage.admin,
        body,
        headers: { 'idempotency-key': `${Math.random()}` },
      });
      seen.push(JSON.stringify(answer.body), JSON.stringify([...answer.headers]));
      return answer.body.data;
    };
    for (const type of TYPES) {
      const config = stage.config(type);
      const { id } = await call('POST', '/api/notification-channels', { name: type, channel_type: type, config });
      await call('GET', `/api/notification-channels/${id}`);
      await call('POST', '/api/notification-channels', { name: type, channel_type: type, config }); // a conflict
      await call('POST', '/api/notification-channels', {
        name: `${type} 2`,
        channel_type: type,
        config: { ...config, more: 1 },
      });
      await call('PATCH', `/api/notification-channels/${id}`, { config, name: `${type} again` });
      await call('POST', `/api/notification-channels/${id}/test`);
      stage.receivers.faults.push({ status: 400, body: stage.receivers.said.at(-1)!.raw }); // echoes what it was told
      await stage.tell({ channelIds: [id], dedupKey: type });
      await eventually(
        async () => (await stage.deliveries(id)).some((one) => one.status === 'failed'),
        `${type} failed`,
      );
      await call('GET', `/api/notification-channels/${id}/deliveries`);
    }
    await call('GET', '/api/notification-channels');
    await call('GET', '/api/audit?limit=200');
    await call('GET', '/api/exports/audit?format=csv');
    await call('GET', '/metrics');
    expect(
      stage.receivers.said.filter((one) => CANARY.test(`${one.path}${JSON.stringify(one.headers)}${one.raw}`)).length,
    ).toBeGreaterThan(9);
    expect(seen.length).toBeGreaterThan(80);
    expect(seen.filter((text) => CANARY.test(text))).toEqual([]);
    expect(lines.filter((line) => CANARY.test(line))).toEqual([]);
    const found = await stage.app.db.system(async (tx) => {
      const tables = await tx.rows<{ name: string }>(
        `SELECT format('%I.%I', n.nspname, c.relname) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = 'flotilla' AND c.relkind = 'r' AND has_table_privilege(c.oid, 'SELECT')`,
      );
      const hits: string[] = [];
      for (const { name } of tables) {
        const rows = await tx.rows<{ text: string }>(
          `SELECT t::text AS text FROM ${name} t WHERE t::text ~ 'Secret0001'`,
        );
        if (rows.length > 0) hits.push(name);
      }
      return { hits, tables: tables.length };
    });
    expect(found.tables).toBeGreaterThan(30);
    expect(found.hits).toEqual([]);
  });
});
