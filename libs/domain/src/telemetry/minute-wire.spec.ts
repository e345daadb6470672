import fc from 'fast-check';
import type { DeviceMinute } from './device-minute.js';
import { packFloats, packMinute, unpackFloats, unpackMinute } from './minute-wire.js';
import type { ReadMinute, WireMinute } from './minute-wire.js';

const minute: DeviceMinute = {
  minuteS: 1_772_366_400,
  intervalS: 5,
  metrics: [1, 6, 7],
  seconds: Uint8Array.of(0, 5),
  values: Float32Array.of(97, 98, 61, NaN, 71.85, 312.5),
};
const wire = packMinute(minute);
const floats = (...values: number[]) => packFloats(Float32Array.from(values));

describe('minutes on the wire', () => {
  it('gives back what was packed, bit by bit', () => {
    expect((unpackMinute(wire) as ReadMinute).minute).toEqual(minute);
    fc.assert(
      fc.property(fc.float32Array(), (values) => {
        expect(unpackFloats(packFloats(values))).toEqual(values);
      }),
    );
  });

  it('is little-endian: 71.85 is 33 b3 8f 42', () => {
    expect(Buffer.from(floats(71.85)).toString('hex')).toBe('33b38f42');
  });

  it('reads from any alignment and leaves the bytes it was given alone', () => {
    const unaligned = new Uint8Array(wire.values.length + 1);
    unaligned.set(wire.values, 1);
    const before = unaligned.slice();
    const read = unpackMinute({ ...wire, values: unaligned.subarray(1) }) as ReadMinute;
    read.minute.values.fill(0);
    expect(unaligned).toEqual(before);
  });

  it.each<[string, Partial<WireMinute>, RegExp]>([
    [
      'an infinite value',
      { values: floats(1, 2, 3, Infinity, 5, 6) },
      /temperature is not a finite number in second 5/,
    ],
    [
      'a double that became infinite',
      { values: floats(1e308, 2, 3, 4, 5, 6) },
      /gpu_utilization is not a finite number/,
    ],
    ['too few values', { values: floats(1, 2, 3) }, /12 bytes of values do not fit 3 metrics × 2 seconds × 4/],
    ['a cut value', { values: wire.values.subarray(0, 23) }, /23 bytes/],
    ['second 60', { seconds: Uint8Array.of(0, 60) }, /60 is no second/],
    ['seconds twice', { seconds: Uint8Array.of(5, 5) }, /not in ascending order/],
    ['metrics out of order', { metrics: [6, 1, 7] }, /metrics are not in ascending order/],
    ['a metric twice', { metrics: [1, 1, 7] }, /metrics are not in ascending order/],
    ['metric 0', { metrics: [0, 1, 7] }, /0 is no metric number/],
    ['no metrics', { metrics: [], values: new Uint8Array() }, /no metrics/],
    ['no seconds', { seconds: new Uint8Array(), values: new Uint8Array() }, /no samples/],
    ['within a minute', { minuteS: 1_772_366_401 }, /not the start of a minute/],
    ['2^63', { minuteS: 2 ** 63 }, /no time/],
    ['before 1970', { minuteS: -60 }, /no time/],
    ['no time', { minuteS: NaN }, /no time/],
    ['a negative interval', { intervalS: -1 }, /interval of -1 s/],
    ['a bomb of metrics', { metrics: Array.from({ length: 257 }, (_, i) => i + 1) }, /257 metrics are more than 256/],
  ])('refuses %s', (_, change, reason) => {
    expect(unpackMinute({ ...wire, ...change })).toMatch(reason);
  });

  it('takes readings that no sensor can give as missing, and says so', () => {
    const read = unpackMinute({ ...wire, values: floats(107, 98, -300, 61, 71.85, NaN) }) as ReadMinute;
    expect(read.outOfRange).toBe(2);
    expect(read.firstOutOfRange).toBe('gpu_utilization is 107 in second 0, possible is 0 to 100');
    expect([...read.minute.values]).toEqual([NaN, 98, NaN, 61, Math.fround(71.85), NaN]);
  });

  it('leaves out metrics of a newer agent and names them', () => {
    const read = unpackMinute({ ...wire, metrics: [1, 6, 9_999] }) as ReadMinute;
    expect(read.unknownMetrics).toEqual([9_999]);
    expect(read.minute.metrics).toEqual([1, 6]);
    expect([...read.minute.values]).toEqual([97, 98, 61, NaN]);
  });
});
