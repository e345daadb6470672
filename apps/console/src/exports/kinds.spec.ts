import { KINDS, dayBefore, exportAddress, exportForm } from './kinds';

const kind = (id: string) => KINDS.find((one) => one.id === id)!;
const wanted = { format: 'csv', bom: false, from: '2026-10-01', to: '2026-10-31', filters: {} } as const;

describe('the address of a file', () => {
  it('has days as days, and moments from the begin of the first to the end of the last', () => {
    expect(exportAddress(kind('costs'), wanted)).toBe(
      '/api/exports/costs?format=csv&start_date=2026-10-01&end_date=2026-10-31',
    );
    const alerts = new URL(exportAddress(kind('alerts'), wanted), 'http://x').searchParams;
    expect([alerts.get('from'), alerts.get('to')]).toEqual(['2026-10-01T00:00:00Z', '2026-11-01T00:00:00Z']);
    expect(exportAddress(kind('instances'), wanted)).toBe('/api/exports/instances?format=csv');
  });

  it('sends only what this file knows, whatever was written for another', () => {
    const filters = { service: 'A & B', severity: 'high', tag: '' };
    expect(exportAddress(kind('costs'), { ...wanted, from: '', to: '', filters })).toBe(
      '/api/exports/costs?format=csv&service=A+%26+B',
    );
  });

  it('marks the byte order only where there is one', () => {
    expect(exportAddress(kind('actions'), { ...wanted, bom: true })).toContain('bom=true');
    expect(exportAddress(kind('actions'), { ...wanted, bom: true, format: 'pdf' })).not.toContain('bom');
  });
});

describe('the form for a file', () => {
  it('is filled with what a screen shows, and nothing that the file has no filter for', () => {
    const asked = { limit: 50, page: 2, status: ['failed', 'refused'], type: 'stop', dry_run: false, instance_id: 7 };
    const form = new URL(exportForm('actions', asked), 'http://x').searchParams;
    expect(Object.fromEntries(form)).toEqual({
      of: 'actions',
      status: 'failed,refused',
      type: 'stop',
      dry_run: 'false',
      instance_id: '7',
    });
  });

  it('has days, the last of them included', () => {
    const days = { first: '2026-11-01', last: dayBefore('2026-12-01') };
    expect(exportForm('audit', { actor: 'a & b' }, days)).toBe(
      '/exports?of=audit&actor=a+%26+b&first=2026-11-01&last=2026-11-30',
    );
    expect(dayBefore('')).toBe('');
  });
});
