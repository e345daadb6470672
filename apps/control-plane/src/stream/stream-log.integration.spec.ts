import pg from 'pg';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { StreamReader } from '../../../../test/support/stream-reader.js';
import { EventLog } from '../events/index.js';

describe('the log of GET /stream', () => {
  let app: TestApp;
  let replica: TestApp;
  let viewer: string;
  const readers: StreamReader[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    replica = await startTestApp({ beside: app });
    viewer = await app.login('viewer');
  });
  afterEach(() => readers.splice(0).forEach((reader) => reader.close()));
  afterAll(async () => {
    await replica.close();
    await app.close();
  });

  const open = async (on: TestApp, options: { query?: string; lastEventId?: string } = {}) => {
    const reader = await StreamReader.open(on, viewer, options);
    readers.push(reader);
    const ready = await reader.find('ready');
    return { reader, ready };
  };
  const data = (name: string) => ({ key_id: name, name, actor: 'ada@example.com' });
  const add = (...names: string[]) =>
    app.db.write(systemActor(app.tenantId, 'test'), async (tx) => {
      tx.withoutAudit('a test');
      const event = (name: string) =>
        ({
          tenantId: app.tenantId,
          type: 'api_key.created',
          subjectType: 'api_key',
          subjectId: name,
          data: data(name),
          simulated: false,
        }) as const;
      await EventLog.addAll(tx, names.map(event));
    });
  const names = (reader: StreamReader) =>
    reader.events.filter((e) => e.name === 'log').map((e) => e.data.subject.id as string);
  const named = (name: string) => (e: { data: { subject?: { id: string } } }) => e.data.subject?.id === name;

  it('tells readers on every replica within a second or two', async () => {
    const [here, there] = [await open(app), await open(replica)];
    await add('k1', 'k2');
    for (const { reader } of [here, there]) {
      const event = await reader.find('log', named('k2'));
      expect(event.data).toEqual(
        expect.objectContaining({ id: expect.stringMatching(/^evt_\d+$/), type: 'api_key.created', data: data('k2') }),
      );
      expect(names(reader)).toEqual(['k1', 'k2']);
    }
  });

  it('resumes on another replica and after a restart, missing nothing and repeating nothing', async () => {
    const { reader: first } = await open(app);
    await add('a1');
    const seen = await first.find('log', named('a1'));
    first.close();
    await add('a2', 'a3');
    const { reader: elsewhere } = await open(replica, { lastEventId: seen.id!, query: '?events=log' });
    await elsewhere.find('log', named('a3'));
    expect(elsewhere.events.map((e) => e.name)).toEqual(['ready', 'log', 'log']);
    const reborn = await startTestApp({ beside: app });
    try {
      await add('a4');
      const { reader } = await open(reborn, { lastEventId: seen.id! });
      await reader.find('log', named('a4'));
      expect(names(reader)).toEqual(['a2', 'a3', 'a4']);
      await reader.find('reset'); // how instances stand may have changed unseen
    } finally {
      await reborn.close();
    }
  });

  it('resumes from the first moment, before any event came', async () => {
    const { reader, ready } = await open(app);
    reader.close();
    await add('b1');
    const { reader: back } = await open(app, { lastEventId: ready.id! });
    await back.find('log', named('b1'));
    expect(names(back)).toEqual(['b1']);
  });

  it('loses nothing that commits after younger events', async () => {
    const slow = new pg.Client({ connectionString: app.databaseUrl });
    await slow.connect();
    const { reader } = await open(app);
    await slow.query('BEGIN');
    await slow.query('SET LOCAL ROLE flotilla_app');
    await slow.query(`SELECT set_config('flotilla.tenant_id', $1, true)`, [app.tenantId]);
    await slow.query(
      `INSERT INTO flotilla.events (tenant_id, type, subject_type, subject_id, data) VALUES ($1, 'api_key.created', 'api_key', 'slow', '{}')`,
      [app.tenantId],
    );
    await add('quick');
    const quick = await reader.find('log', named('quick'));
    reader.close();
    await slow.query('COMMIT');
    await slow.end();
    const { reader: back } = await open(replica, { lastEventId: quick.id! });
    await back.find('log', named('slow'));
    expect(names(back)).toEqual(['slow']);
    const later = await app.call('GET', `/api/events?after=${quick.data.sequence}`, { as: viewer });
    expect(later.body.data.map((e: { subject: { id: string } }) => e.subject.id)).toEqual(['slow']);
  });

  it('sends only types that were asked for, and a long absence in full', async () => {
    const { reader, ready } = await open(app);
    reader.close();
    for (let i = 0; i < 6; i++) await add(...Array.from({ length: 400 }, (_, n) => `m${i * 400 + n}`));
    const { reader: all } = await open(replica, { lastEventId: ready.id!, query: '?events=log' });
    await all.find('log', named('m2399'));
    expect(names(all)).toEqual(Array.from({ length: 2400 }, (_, n) => `m${n}`));
    const { reader: none } = await open(replica, { lastEventId: ready.id!, query: '?events=log&types=alert.*' });
    const { reader: some } = await open(app, {
      lastEventId: ready.id!,
      query: '?events=log&types=alert.*,api_key.created',
    });
    await some.find('log', named('m2399'));
    expect(names(none)).toEqual([]);
  });

  it('says when it does not know the place', async () => {
    const { reader } = await open(app, { lastEventId: 'nonsense', query: '?events=log' });
    await reader.find('reset');
    const { reader: far } = await open(app, { lastEventId: '999999-0123456789ab.1', query: '?events=log' });
    await far.find('reset');
  });

  it('lists events and their types', async () => {
    await add('c1');
    const { reader } = await open(app, { lastEventId: '0-0123456789ab.0', query: '?events=log' });
    await reader.find('log', named('c1'));
    const list = (query: string) => app.call('GET', `/api/events?${query}`, { as: viewer });
    expect((await list('limit=1')).body.data[0].subject).toEqual({ type: 'api_key', id: 'c1' });
    expect((await list('type=api_key.*&subject_id=c1')).body.count).toBe(1);
    expect((await list('type=alert.*')).body.count).toBe(0);
    expect((await list('type=alert%25')).status).toBe(400);
    const page = (await list('limit=2&after=0')).body;
    const next = (await list(`limit=2&after=0&cursor=${page.pagination.next_cursor}`)).body;
    expect([...page.data, ...next.data].map((e: { sequence: number }) => e.sequence)).toEqual([1, 2, 3, 4]);
    const types = (await app.call('GET', '/api/events/types', { as: viewer })).body.data;
    expect(types.find((one: { type: string }) => one.type === 'alert.triggered')).toMatchObject({
      description: 'An alert opened.',
      subject: 'alert',
      example: { alert_id: 1, severity: 'high', subject: { type: 'instance' } },
    });
    const other = await app.newTenant();
    expect((await app.call('GET', '/api/events', { as: await app.login('viewer', other) })).body.data).toEqual([]);
  });
});
