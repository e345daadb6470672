import { idleSince } from './idle-since.js';
import type { UtilizationMinute } from './idle-since.js';

const NOON = new Date('2026-03-01T12:00:00Z');
const threshold = { belowPercent: 5, forMinutes: 10, maxGapSeconds: 180 };

/** One minute after the other, the last one ending at noon; null: no reading in that minute. */
function everyMinute(...percents: (number | null)[]): UtilizationMinute[] {
  return percents.flatMap((gpuPercent, i) => {
    const at = new Date(NOON.getTime() - (percents.length - i) * 60_000);
    return gpuPercent === null ? [] : [{ at, gpuPercent }];
  });
}

describe('idleSince', () => {
  it.each([
    ['eleven quiet minutes', everyMinute(...Array<number>(11).fill(0)), '11:49:00'],
    ['exactly as long as asked', everyMinute(...Array<number>(10).fill(0)), '11:50:00'],
    ['a minute too short', everyMinute(...Array<number>(9).fill(0)), null],
    ['a busy reading 4 minutes ago', everyMinute(0, 0, 0, 0, 0, 0, 0, 97, 0, 0, 0, 0), null],
    ['a busy reading before the run', everyMinute(97, ...Array<number>(12).fill(4.9)), '11:48:00'],
    ['exactly at the threshold', everyMinute(...Array<number>(11).fill(5)), null],
    ['three lost minutes are bridged', everyMinute(0, 0, 0, 0, 0, null, null, null, 0, 0, 0, 0), '11:48:00'],
    ['four lost minutes end the run', everyMinute(0, 0, 0, 0, 0, 0, 0, null, null, null, null, 0, 0), null],
    ['silent for three minutes', everyMinute(...Array<number>(11).fill(0), null, null, null), '11:46:00'],
    [
      'silent for four minutes: not idle, unknown',
      everyMinute(...Array<number>(30).fill(0), null, null, null, null),
      null,
    ],
    ['never seen', [], null],
  ])('%s', (_, minutes, expected) => {
    expect(idleSince(minutes, threshold, NOON)?.toISOString().slice(11, 19) ?? null).toBe(expected);
  });

  it('lets a slow source be silent for twice its own interval', () => {
    const minutes = [45, 40, 35, 30, 25, 20, 15, 10].map((ago) => ({
      at: new Date(NOON.getTime() - ago * 60_000),
      gpuPercent: 0,
      intervalS: 300,
    }));
    expect(idleSince(minutes, threshold, NOON)?.toISOString()).toBe('2026-03-01T11:15:00.000Z');
    const fast = minutes.map(({ at, gpuPercent }) => ({ at, gpuPercent, intervalS: 1 }));
    expect(idleSince(fast, threshold, NOON)).toBeNull();
  });

  it('refuses minutes out of order', () => {
    expect(() => idleSince(everyMinute(0, 0).reverse(), threshold, NOON)).toThrow(RangeError);
  });
});
