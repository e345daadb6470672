import fc from 'fast-check';
import { aggregateMinute } from './minute-aggregates.js';
import { coverage } from './coverage.js';
import type { DeviceMinute } from './device-minute.js';
import { countValues, mergeMinutes } from './minute-merge.js';

const minute = (metrics: number[], seconds: number[], ...values: number[]): DeviceMinute => ({
  minuteS: 60,
  intervalS: 1,
  metrics,
  seconds: Uint8Array.from(seconds),
  values: Float32Array.from(values),
});
const anyMinute = fc
  .record({
    metrics: fc.uniqueArray(fc.constantFrom(1, 2, 6, 7, 17), { minLength: 1 }),
    seconds: fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 8 }),
  })
  .chain(({ metrics, seconds }) =>
    fc
      .array(fc.constantFrom(0, 1, 2, NaN), {
        minLength: metrics.length * seconds.length,
        maxLength: metrics.length * seconds.length,
      })
      .map((values) =>
        minute(
          metrics.sort((a, b) => a - b),
          seconds.sort((a, b) => a - b),
          ...values,
        ),
      ),
  );

describe('mergeMinutes', () => {
  it('fills what was missing, keeps the first value, counts the rest', () => {
    const stored = minute([1, 7], [0, 1], 10, NaN, 70, 71);
    const late = minute([1, 6], [0, 1, 2], 10, 20, 30, 50, 51, NaN);
    const merged = mergeMinutes(stored, late);
    expect(merged.minute).toEqual(minute([1, 6, 7], [0, 1, 2], 10, 20, 30, 50, 51, NaN, 70, 71, NaN));
    expect(merged).toMatchObject({ accepted: 4, duplicates: 1, conflicts: 0 });
    expect(mergeMinutes(stored, minute([1], [0], 11))).toMatchObject({ minute: stored, accepted: 0, conflicts: 1 });
  });

  it('changes nothing when the same report comes twice', () => {
    fc.assert(
      fc.property(anyMinute, anyMinute, (a, b) => {
        const once = mergeMinutes(a, b);
        const twice = mergeMinutes(once.minute, b);
        expect(twice.minute).toEqual(once.minute);
        expect(twice.accepted).toBe(0);
        expect(once.accepted + once.duplicates + once.conflicts).toBe(countValues(b));
        expect(countValues(once.minute)).toBe(countValues(a) + once.accepted);
      }),
    );
  });

  it('refuses to mix two minutes', () => {
    expect(() => mergeMinutes(minute([1], [0], 1), { ...minute([1], [0], 1), minuteS: 120 })).toThrow(RangeError);
  });
});

describe('aggregateMinute', () => {
  it('keeps min, avg, max and count, and leaves out a metric without values', () => {
    const { metrics, stats, rows, sampleCount } = aggregateMinute(
      minute([1, 6, 7], [0, 1, 2, 3], 0, 100, NaN, 20, NaN, NaN, NaN, NaN, 1, 2, NaN, NaN),
    );
    expect(metrics).toEqual([1, 7]);
    expect(rows).toEqual([0, 2]);
    expect([...stats]).toEqual([0, 40, 100, 3, 1, 1.5, 2, 2]); // (0 + 100 + 20) ÷ 3 = 40
    expect(sampleCount).toBe(3); // second 2 has no value at all
  });

  it('does not average bits: AND, OR, OR', () => {
    const { stats } = aggregateMinute(minute([17], [0, 1, 2], 0b101, 0b100, 0b110));
    expect([...stats]).toEqual([0b100, 0b111, 0b111, 3]);
  });
});

describe('coverage', () => {
  const full = { sampleCount: 12, intervalS: 5 };
  it.each([
    ['all samples of a 5 s source', [full, full], 2, 1],
    ['half of the samples', [{ sampleCount: 6, intervalS: 5 }, full], 2, 0.75], // (0.5 + 1) ÷ 2
    ['a missing minute', [full], 2, 0.5],
    ['no interval: any sample covers its minute', [{ sampleCount: 1, intervalS: 0 }], 1, 1],
    ['a source every five minutes covers five', [{ sampleCount: 1, intervalS: 300 }], 5, 1],
    ['a jittering clock covers no more than its minute', [{ sampleCount: 14, intervalS: 5 }], 2, 0.5],
    ['nothing', [], 60, 0],
  ])('%s', (_, minutes, span, expected) => {
    expect(coverage(minutes, span)).toBe(expected);
  });
});
