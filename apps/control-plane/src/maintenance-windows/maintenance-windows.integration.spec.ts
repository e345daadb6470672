import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { EventsJob } from '../events/index.js';
import { Jobs } from '../platform/index.js';

const HOUR_MS = 3_600_000;

describe('/maintenance-windows', () => {
  let app: TestApp;
  let admin: string;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    [admin, viewer] = await Promise.all([app.login('admin'), app.login('viewer')]);
  });
  afterAll(() => app.close());

  const around = (fromHours: number, toHours: number) => ({
    start_time: new Date(Date.now() + fromHours * HOUR_MS).toISOString(),
    end_time: new Date(Date.now() + toHours * HOUR_MS).toISOString(),
  });
  const make = (body: object, as = admin) =>
    app.call('POST', '/api/maintenance-windows', { as, body: { name: 'w', scope: { all: true }, ...body } });
  const events = async () => {
    await app.app.get(Jobs).runNow('maintenance-windows.tell');
    await app.app.get(EventsJob).seal();
    const answer = await app.call('GET', '/api/events?type=maintenance.*&after=0', { as: viewer });
    return answer.body.data.map((e: { type: string; data: { name: string } }) => `${e.type} ${e.data.name}`);
  };

  it('takes the window of the reference, and shows when it opens', async () => {
    const reference = {
      name: 'Saturday Deploy Window',
      start_time: '2026-03-28T02:00:00Z',
      end_time: '2026-03-28T04:00:00Z',
      suppress_alerts: true,
      suppress_enforcement: true,
      scope: { tags: { environment: 'production' } },
    };
    const made = await app.call('POST', '/api/maintenance-windows', { as: admin, body: reference });
    expect(made.status).toBe(201);
    expect(made.body.data).toMatchObject({
      name: reference.name,
      scope: reference.scope,
      timezone: 'UTC',
      recurrence: null,
    });
    const path = `/api/maintenance-windows/${made.body.data.id}`;
    const weekly = {
      recurrence: 'FREQ=WEEKLY;BYDAY=SA',
      timezone: 'America/New_York',
      start_time: '2099-10-31T04:00:00Z',
      end_time: '2099-10-31T06:00:00Z',
    };
    const changed = await app.call('PUT', path, { as: admin, body: weekly });
    // clocks go back on 2099-11-01: midnight of New York is 04:00 UTC before and 05:00 after
    expect(changed.body.data.next.slice(0, 2)).toEqual([
      { starts_at: '2099-10-31T04:00:00.000Z', ends_at: '2099-10-31T06:00:00.000Z' },
      { starts_at: '2099-11-07T05:00:00.000Z', ends_at: '2099-11-07T07:00:00.000Z' },
    ]);
    expect((await app.call('GET', path, { as: viewer })).body.data).toEqual(changed.body.data);
    expect((await app.call('DELETE', path, { as: admin })).status).toBe(200);
    expect((await app.call('GET', path, { as: viewer })).status).toBe(404);
  });

  it('works openings out for a calendar, also over the night in which clocks change, and previews a window', async () => {
    const body = {
      recurrence: 'FREQ=DAILY',
      timezone: 'Europe/Berlin',
      start_time: '2099-10-23T20:00:00Z',
      end_time: '2099-10-23T22:00:00Z',
    };
    const preview = await app.call('POST', '/api/maintenance-windows/preview', {
      as: viewer,
      body: { name: 'w', scope: { all: true }, ...body },
    });
    expect(preview.body.data.timezone).toBe('Europe/Berlin');
    // clocks go back on 2099-10-25: 22:00 of Berlin is 20:00 UTC before and 21:00 after
    expect(preview.body.data.openings.slice(1, 3)).toEqual([
      { starts_at: '2099-10-24T20:00:00.000Z', ends_at: '2099-10-24T22:00:00.000Z' },
      { starts_at: '2099-10-25T21:00:00.000Z', ends_at: '2099-10-25T23:00:00.000Z' },
    ]);
    const made = await make(body);
    const from = '/api/maintenance-windows/openings?from=2099-10-24T21:00:00Z';
    const answer = await app.call('GET', `${from}&to=2099-10-25T21:00:01Z`, { as: viewer });
    expect(answer.body.data).toEqual({
      openings: preview.body.data.openings.slice(1, 3).map((one: object) => ({ window_id: made.body.data.id, ...one })),
      truncated: false,
    });
    expect((await app.call('GET', `${from}&to=2100-10-25T21:00:01Z`, { as: viewer })).body.details.field).toBe('to');
    const wrong = { name: 'w', scope: { all: true }, ...body, recurrence: 'FREQ=NEVER' };
    const refused = await app.call('POST', '/api/maintenance-windows/preview', { as: viewer, body: wrong });
    expect([refused.status, refused.body.details.field]).toEqual([400, 'recurrence']);
    await app.call('DELETE', `/api/maintenance-windows/${made.body.data.id}`, { as: admin });
  });

  it.each([
    [{ start_time: '2026-03-28T02:00:00Z', end_time: '2026-03-28T02:00:00Z' }, 'end_time', 'ends after it starts'],
    [{ start_time: '2026-03-28T02:00:00Z', end_time: '2028-03-28T02:00:00Z' }, 'end_time', '366 days'],
    [{ ...around(0, 1), recurrence: 'FREQ=WEEKLY;BYDAY=SATURDAY' }, 'recurrence', 'BYDAY=SATURDAY'],
    [{ ...around(0, 1), recurrence: 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30' }, 'recurrence', 'never open'],
    [{ ...around(0, 1), timezone: 'Mars/North' }, 'timezone', 'no time zone'],
    [{ ...around(0, 1), scope: {} }, 'scope', ''],
    [{ ...around(0, 1), scope: { tags: {} } }, 'scope', ''],
    [{ ...around(0, 1), scope: { all: true, tags: { a: 'b' } } }, 'scope', ''],
    [{ ...around(0, 1), colour: 'red' }, 'colour', ''],
  ])('refuses %j at %s', async (body, field, words) => {
    const answer = await make(body);
    expect([answer.status, answer.body.details.field.split('.')[0]]).toEqual([400, field]);
    expect(answer.body.error).toContain(words);
  });

  it('knows instances by number and by provider id, and refuses those of others', async () => {
    const [row] = await app.db.system((tx) =>
      tx.rows<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id) VALUES ($1, 'aws', 'i-0abc') RETURNING id`,
        [app.tenantId],
      ),
    );
    const made = await make({ ...around(1, 2), scope: { instance_ids: ['i-0abc', row!.id] } });
    expect(made.body.data.scope).toEqual({ instance_ids: [row!.id] });
    expect((await make({ ...around(1, 2), scope: { instance_ids: [999_999] } })).status).toBe(404);
    const stranger = await app.login('admin', await app.newTenant());
    expect((await make({ ...around(1, 2), scope: { instance_ids: ['i-0abc'] } }, stranger)).status).toBe(404);
    const path = `/api/maintenance-windows/${made.body.data.id}`;
    expect((await app.call('PUT', path, { as: stranger, body: { name: 'mine' } })).status).toBe(404);
    expect((await make(around(0, 1), viewer)).status).toBe(403);
  });

  it('tells once that a window opens and closes, and lists what is open', async () => {
    const open = await make({ name: 'now', ...around(-1, 1) });
    await make({ name: 'later', ...around(1, 2) });
    await make({ name: 'over', ...around(-2, -1) });
    expect(await events()).toEqual(['maintenance.started now']);
    expect(await events()).toEqual(['maintenance.started now']);
    const active = await app.call('GET', '/api/maintenance-windows/active', { as: viewer });
    expect(active.body.data.map((one: { name: string }) => one.name)).toEqual(['now']);
    expect(active.body.data[0].current.starts_at).toBe(open.body.data.start_time);
    const path = `/api/maintenance-windows/${open.body.data.id}`;
    await app.call('PUT', path, { as: admin, body: { end_time: around(0, 3).end_time } });
    expect(await events()).toEqual(['maintenance.started now']);
    await app.call('PUT', path, { as: admin, body: { end_time: around(0, -0.1).end_time } });
    expect(await events()).toEqual(['maintenance.started now', 'maintenance.ended now']);
    const again = await make({ name: 'again', ...around(-1, 1) });
    await events();
    await app.call('DELETE', `/api/maintenance-windows/${again.body.data.id}`, { as: admin });
    expect((await events()).slice(2)).toEqual(['maintenance.started again', 'maintenance.ended again']);
  });

  it('stands with the instances that are in it, by their ids or tags, and with no other', async () => {
    const rows = await app.db.system((tx) =>
      tx.rows<{ id: number }>(
        `INSERT INTO flotilla.instances (tenant_id, cloud_provider, provider_id, tags)
         VALUES ($1, 'aws', 'i-within', '{"environment": "lab"}'), ($1, 'aws', 'i-without', '{}') RETURNING id`,
        [app.tenantId],
      ),
    );
    const [within, without] = rows.map(({ id }) => id);
    const windowOf = async (id: number | undefined) =>
      (await app.call('GET', `/api/instances/${id}`, { as: viewer })).body.data.maintenance_window;
    expect(await windowOf(within)).toBeNull();
    const made = await make({ name: 'lab', ...around(-1, 1), scope: { tags: { environment: 'lab' } } });
    expect(await windowOf(within)).toMatchObject({
      id: made.body.data.id,
      name: 'lab',
      suppress_alerts: made.body.data.suppress_alerts,
      starts_at: made.body.data.start_time,
    });
    expect(await windowOf(without)).toBeNull();
  });
});
