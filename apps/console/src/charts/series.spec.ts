import { alignSeries, downsample, emptySpans, nearest, stack, summarise, valueAt, zoomed } from './series';

const minutes = (...at: number[]) => at.map((minute) => minute * 60_000);

describe('what a chart draws', () => {
  it('breaks a line where samples are missing, and nowhere else', () => {
    const one = { times: minutes(0, 1, 2, 7, 8), values: [1, 2, 3, 4, 5] };
    const { times, columns } = alignSeries([one], 60_000);
    expect(times).toEqual(minutes(0, 1, 2, 4.5, 7, 8));
    expect(columns).toEqual([[1, 2, 3, null, 4, 5]]);
  });

  it('passes over moments that only another series has, without a gap and without a made-up value', () => {
    const fast = { times: minutes(0, 1, 2, 3, 4), values: [1, 1, 1, 1, 1] };
    const slow = { times: minutes(0, 2, 4), values: [10, 20, 30] };
    const { columns } = alignSeries([fast, slow], 60_000);
    expect(columns[1]).toEqual([10, undefined, 20, undefined, 30]);
    expect(valueAt(columns[1]!, 1)).toBe(10);
  });

  it('has no value before the first and after the last of its own', () => {
    const long = { times: minutes(0, 1, 2, 3), values: [1, 1, 1, 1] };
    const short = { times: minutes(1, 2), values: [5, 6] };
    expect(alignSeries([long, short], 60_000).columns[1]).toEqual([null, 5, 6, null]);
  });

  it('takes the usual distance where samples come more seldom than the step says', () => {
    const times = Array.from({ length: 20 }, (_, i) => i * 10_000);
    const sparse = { times: [...times, 400_000, 410_000], values: [...times.map(() => 1), 2, 3] };
    expect(alignSeries([sparse], 1_000).columns[0]!.filter((value) => value === null)).toHaveLength(1);
  });

  it('keeps a missing value missing', () => {
    expect(alignSeries([{ times: minutes(0, 1, 2), values: [1, NaN, 3] }], 60_000).columns).toEqual([[1, null, 3]]);
    expect(valueAt([1, null, 3], 1)).toBeNull();
  });

  it('knows the spans without any value, before the first and after the last too', () => {
    const aligned = alignSeries([{ times: minutes(10, 11, 12, 20, 21, 22), values: [1, 2, 3, 4, 5, 6] }], 60_000);
    expect(emptySpans(aligned, { fromMs: 0, toMs: 30 * 60_000 }, 60_000)).toEqual([
      { fromMs: 0, toMs: 10 * 60_000 },
      { fromMs: 12 * 60_000, toMs: 20 * 60_000 },
      { fromMs: 22 * 60_000, toMs: 30 * 60_000 },
    ]);
    expect(emptySpans({ times: [], columns: [[]] }, { fromMs: 0, toMs: 5 }, 1)).toEqual([{ fromMs: 0, toMs: 5 }]);
  });

  it('loses no spike and no gap when it takes fewer points', () => {
    const times = Array.from({ length: 10_000 }, (_, i) => i);
    const values = times.map((i) => (i === 4_321 ? 99 : i === 7_777 ? -5 : i >= 2_000 && i < 3_000 ? null : 10));
    const fewer = downsample({ times, values }, 400);
    expect(fewer.times.length).toBeLessThanOrEqual(400);
    expect(fewer.values).toEqual(expect.arrayContaining([99, -5, null]));
    expect(fewer.times[fewer.values.indexOf(99)]).toBe(4_321);
    expect([...fewer.times].sort((a, b) => a - b)).toEqual(fewer.times);
    expect(downsample({ times: [1, 2], values: [1, null] }, 10)).toEqual({ times: [1, 2], values: [1, null] });
  });

  it('stacks what is shown; what is missing stays missing and lifts nothing', () => {
    expect(stack([[1, null], [2, 5], [3, 7]])).toEqual([[1, null], [3, 5], [6, 12]]); // prettier-ignore
    expect(stack([[1], [2], [3]], (i) => i !== 1)).toEqual([[1], [null], [4]]);
  });

  it('says nothing of nothing', () => {
    expect(summarise([null, NaN, undefined])).toEqual({ min: null, max: null, mean: null, last: null });
    expect(summarise([4, null, 8, 0])).toEqual({ min: 0, max: 8, mean: 4, last: 0 });
  });

  it('finds the nearest moment', () => {
    expect([4, 14, 16, 100, -3].map((at) => nearest([0, 10, 20], at))).toEqual([0, 1, 2, 2, 0]);
    expect(nearest([], 1)).toBe(-1);
  });

  it('zooms around a place, which stays where it is, down to two seconds', () => {
    expect(zoomed({ fromMs: 0, toMs: 100_000 }, 25_000, 0.5)).toEqual({ fromMs: 12_500, toMs: 62_500 });
    expect(zoomed({ fromMs: 0, toMs: 2_000 }, 1_000, 0.5)).toEqual({ fromMs: 0, toMs: 2_000 });
  });
});
