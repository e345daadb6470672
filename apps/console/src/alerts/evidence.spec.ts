import { setLocale } from '../ui/format';
import { asWords, readEvidence, withUnit } from './evidence';

beforeAll(() => setLocale('en-US'));

describe('the numbers that made an alert fire', () => {
  it('tells what a rule compared, and each GPU by itself', () => {
    const evidence = readEvidence({
      metric: 'temperature',
      operator: 'gt',
      threshold: 85,
      value: 93.5,
      unit: 'celsius',
      minute: '2026-11-23T02:34:00.000Z',
      met_since: null,
      duration_minutes: 10,
      gpus: [
        { gpu_index: 0, gpu_uuid: 'GPU-a', value: 93.5 },
        { gpu_index: null, gpu_uuid: 'GPU-b', value: null },
      ],
    });
    expect(evidence.compared).toEqual({
      metric: 'temperature',
      operator: 'gt',
      threshold: 85,
      value: 93.5,
      unit: 'celsius',
    });
    expect(evidence.gpus).toEqual([
      { index: 0, uuid: 'GPU-a', value: 93.5 },
      { index: null, uuid: 'GPU-b', value: null },
    ]);
    expect(evidence.lines).toEqual([
      { label: 'Minute', value: '2026-11-23T02:34:00.000Z', at: '2026-11-23T02:34:00.000Z' },
      { label: 'Has to hold, minutes', value: '10' },
    ]);
  });

  it('reads whatever else raised an alert wrote, and leaves out what is missing', () => {
    const evidence = readEvidence({ value: 3, spool: { used_bytes: 1_000, ratio: null }, tags: ['a', 'b'], ok: false });
    expect(evidence.compared).toBeUndefined();
    expect(evidence.lines).toEqual([
      { label: 'Value', value: '3' },
      { label: 'Spool: used bytes', value: '1,000' },
      { label: 'Tags', value: 'a, b' },
      { label: 'Ok', value: 'no' },
    ]);
  });

  it('writes units, and a missing value is no 0', () => {
    expect(withUnit(93.5, 'celsius')).toBe('93.5 °C');
    expect(withUnit(3, 'currency', 'EUR')).toBe('3 EUR');
    expect(withUnit(null, 'percent')).toBe('not reported');
    expect(asWords('disconnect_reason')).toBe('Disconnect reason');
  });
});
