import { tickWords, valueRange } from './axis';
import { sparkPaths } from './spark-paths';

describe('the axes', () => {
  const at = (time: string) => Date.parse(`2026-11-22T${time}Z`);

  it('write the day under the first tick and where another day begins', () => {
    const words = tickWords([at('22:00'), at('23:00'), at('23:00') + 3_600_000], 3_600_000, 'UTC');
    expect(words.map((word) => word.split('\n').length)).toEqual([2, 1, 2]);
    expect(words[1]).toBe('23:00');
  });

  it('write seconds where the steps are seconds, in the zone that was chosen', () => {
    expect(tickWords([at('22:00:05')], 5_000, 'Asia/Kolkata')[0]).toMatch(/^03:30:05\n/);
  });

  it('begin at 0, keep their bounds, and give way to values beyond them', () => {
    expect(valueRange(40, 90, { min: 0, max: 100 })).toEqual([0, 100]);
    expect(valueRange(0, 130, { min: 0, max: 100 })[1]).toBeGreaterThan(130);
    expect(valueRange(50, 60, {})[0]).toBe(0);
    expect(valueRange(-5, 10, {})[0]).toBeLessThan(-5);
    expect(valueRange(null, null, {})).toEqual([0, 1]);
    expect(valueRange(0, 0, {})[1]).toBeGreaterThan(0);
  });
});

describe('sparkPaths', () => {
  const box = { width: 100, height: 20, min: 0, max: 100 };

  it('draws a piece per run, and a dot for what stands alone', () => {
    const { line, dots } = sparkPaths([10, 20, null, 30, NaN, 40, 50], box);
    expect(line.match(/M/g)).toHaveLength(2);
    expect(dots).toHaveLength(1);
  });

  it('draws nothing of nothing, and a flat line in its middle', () => {
    expect(sparkPaths([null, null], box)).toEqual({ line: '', area: '', dots: [] });
    expect(sparkPaths([5, 5], { ...box, min: undefined, max: undefined }).line).toBe('M0 10L100 10');
  });
});
