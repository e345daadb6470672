import { costRecord } from '@flotilla/domain';
import type { CostRecord } from '@flotilla/domain';
import { systemActor } from '@flotilla/persistence';
import { startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';
import { CostLedger } from '../costs/index.js';

const TODAY = new Date().toISOString().slice(0, 10);
const charge = (more: Partial<CostRecord> = {}) =>
  costRecord({
    origin: 'reported',
    source: 'sync',
    chargeStart: `${TODAY}T00:00:00.000Z`,
    chargeEnd: `${TODAY}T01:00:00.000Z`,
    provider: 'aws',
    service: 'Amazon EC2',
    billedCost: '1.5',
    currency: 'USD',
    ...more,
  });

describe('GET /exports', () => {
  let app: TestApp;
  let viewer: string;

  beforeAll(async () => {
    app = await startTestApp();
    viewer = await app.login('viewer');
  });
  afterAll(() => app.close());
  beforeEach(() => app.db.system((tx) => tx.rows('DELETE FROM flotilla.costs')));

  const keep = (...records: CostRecord[]) =>
    app.db.write(systemActor(app.tenantId, 'test'), (tx) => {
      tx.withoutAudit('test');
      return new CostLedger().store(tx, { tenantId: app.tenantId }, records);
    });
  const get = async (path: string, as = viewer) => {
    const answer = await fetch(`${app.url}/api/exports/${path}`, { headers: { authorization: `Bearer ${as}` } });
    return { status: answer.status, headers: answer.headers, text: Buffer.from(await answer.arrayBuffer()).toString() };
  };
  /** A reader that knows nothing of ours: RFC 4180, by the letter. */
  const records = (csv: string) => {
    const rows: string[][] = [[]];
    for (let at = 0; at < csv.length;) {
      const cell = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;
      cell.lastIndex = at;
      const match = cell.exec(csv)!;
      rows.at(-1)!.push(match[1] === undefined ? match[2]! : match[1].replaceAll('""', '"'));
      at = cell.lastIndex;
      if (csv.startsWith('\r\n', at)) {
        at += 2;
        if (at < csv.length) rows.push([]);
      } else if (csv[at] === ',') at++;
      else if (at < csv.length) throw new Error(`no RFC 4180 at ${at}: ${JSON.stringify(csv.slice(at, at + 20))}`);
    }
    const [head, ...rest] = rows;
    return rest.map((row) => Object.fromEntries(row.map((value, index) => [head![index]!, value])));
  };

  it('writes a CSV that any reader takes, and a spreadsheet does not execute', async () => {
    const hostile = [
      '=cmd|calc',
      '+1',
      '-1',
      '@sum',
      '\t=1',
      '\r=1',
      ' =1',
      '＝1',
      '"quoted", and\nlines',
      'plain',
      '-12 MB',
    ];
    await keep(
      ...hostile.map((resourceId, i) => charge({ resourceId, recordId: String(i) })),
      charge({ billedCost: '-12.50', effectiveCost: '-12.50', chargeCategory: 'Credit' }),
    );
    const { status, headers, text } = await get('costs');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(headers.get('content-disposition')).toBe(`attachment; filename="flotilla-costs-${TODAY}.csv"`);
    const rows = records(text);
    const resources = rows.map((row) => row['resource_id']!);
    expect(resources).toEqual([...hostile.map((cell) => (/^(plain|")/.test(cell) ? cell : `'${cell}`)), '']);
    expect(rows.at(-1)).toMatchObject({ amount: '-12.50', charge_category: 'Credit', simulated: 'false' });
    // each record ends with CRLF; the line break within a cell stays what it was
    expect(text.split('\r\n')).toHaveLength(rows.length + 2);
  });

  it('keeps every digit, and says when, by whom, with which filter', async () => {
    await keep(charge({ billedCost: '0.000000000000000001', service: 'Amazon S3' }), charge({ service: 'Amazon EC2' }));
    const { headers, text } = await get('costs?service=Amazon%20S3&days=2');
    expect(records(text)).toMatchObject([{ service: 'Amazon S3', amount: '0.000000000000000001', date: TODAY }]);
    expect(Date.parse(headers.get('x-flotilla-export-at')!)).toBeGreaterThan(Date.now() - 60_000);
    expect(decodeURIComponent(headers.get('x-flotilla-export-by')!)).toContain('@');
    expect(new URLSearchParams(headers.get('x-flotilla-export-filter')!).get('service')).toBe('Amazon S3');
    expect(headers.get('x-flotilla-export-simulated')).toBe('false');
  });

  it('marks made-up rows in the name, the headers and a column', async () => {
    await keep(charge({ simulated: true }));
    const { headers, text } = await get('costs');
    expect(headers.get('content-disposition')).toContain('-simulated.csv"');
    expect(headers.get('x-flotilla-export-simulated')).toBe('true');
    expect(records(text)[0]).toMatchObject({ simulated: 'true' });
  });

  it('writes JSON a line an object, with exact numbers', async () => {
    await keep(charge({ billedCost: '0.1', tags: { note: 'back\\slash "quote"\nline' } }));
    const { headers, text } = await get('costs?format=json');
    expect(headers.get('content-disposition')).toContain('.jsonl"');
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain('"amount" : 0.1');
    expect(JSON.parse(lines[0]!)).toMatchObject({ tags: { note: 'back\\slash "quote"\nline' }, simulated: false });
  });

  it('begins with a byte order mark where one is asked for', async () => {
    expect((await get('costs?bom=true')).text.startsWith('\uFEFFdate,')).toBe(true);
    expect((await get('costs')).text.startsWith('date,')).toBe(true);
  });

  it('gives nobody the rows of another tenant', async () => {
    await keep(charge());
    const stranger = await app.login('owner', await app.newTenant());
    expect(records((await get('costs', stranger)).text)).toEqual([]);
  });

  it.each([
    ['costs?days=0', 'days'],
    ['costs?planet=mars', 'planet'],
    ['costs?format=xls', 'format'],
    ['costs?start_date=2026-11-02&end_date=2026-11-01', 'end_date'],
    ['metrics?metric=happiness', 'metric'],
  ])('refuses %s and names the field', async (path, field) => {
    const { status, text } = await get(path);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ code: 'VALIDATION_ERROR', details: { field } });
  });

  it('answers 404 for an instance that is not there, and 403 for the audit to a viewer', async () => {
    expect((await get('metrics?instance_id=i-nowhere')).status).toBe(404);
    expect((await get('audit')).status).toBe(403);
  });

  it.each(['instances', 'alerts', 'actions', 'audit', 'metrics', 'costs'])(
    'writes %s in every format',
    async (name) => {
      const admin = await app.login('admin');
      for (const format of ['csv', 'json', 'pdf']) {
        const { status, headers, text } = await get(`${name}?format=${format}`, admin);
        expect([format, status]).toEqual([format, 200]);
        expect(headers.get('x-flotilla-export')).toBe(name);
        if (format === 'pdf') expect(text.slice(0, 8)).toBe('%PDF-1.7');
        if (format === 'csv') expect(text.split('\r\n')[0]).toContain(',simulated');
      }
    },
  );

  it('writes each export into the audit', async () => {
    await get('costs?service=Amazon%20S3');
    const [row] = await app.db.system((tx) =>
      tx.rows(
        `SELECT a.details FROM flotilla.audit_log a WHERE a.event_type = 'export.created' ORDER BY a.id DESC LIMIT 1`,
      ),
    );
    expect(row).toMatchObject({ details: { format: 'csv', filters: { service: 'Amazon S3' } } });
  });
});
