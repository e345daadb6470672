import fc from 'fast-check';
import { idleSince, MAX_GAP_SECONDS } from './idle-since.js';
import type { UtilizationMinute } from './idle-since.js';
import { append, climb, foldMinutes, idleSinceByStairs, STAIRCASE_STEPS_MAX } from './staircase.js';
import type { Staircase } from './staircase.js';

const START_S = Date.parse('2026-03-01T00:00:00Z') / 1000;

/** Histories with gaps of 0 to 7 minutes, slow and fast sources, whole and broken percents. */
const history = fc
  .array(
    fc.record({
      skip: fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(7) }),
      percent: fc.oneof(
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 100 }),
        fc.float({ min: 0, max: 9, noNaN: true }),
      ),
      intervalS: fc.constantFrom(1, 1, 1, 5, 300),
    }),
    { maxLength: 90 },
  )
  .map((steps) => {
    let atS = START_S;
    return steps.map(({ skip, percent, intervalS }): UtilizationMinute => {
      atS += 60 * (skip + 1);
      return { at: new Date(atS * 1000), gpuPercent: percent, intervalS };
    });
  });
const asked = fc.record({
  belowPercent: fc.oneof(fc.constant(5), fc.integer({ min: 1, max: 100 })),
  forMinutes: fc.integer({ min: 0, max: 40 }),
});
const laterS = fc.integer({ min: 60, max: 600 });

const build = (minutes: readonly UtilizationMinute[]) =>
  minutes.reduce<Staircase | null>((stairs, minute) => climb(stairs, minute), null);
const nowAfter = (minutes: readonly UtilizationMinute[], seconds: number) =>
  new Date((minutes.at(-1)?.at.getTime() ?? START_S * 1000) + seconds * 1000);

describe('staircase', () => {
  it('says the same as the whole history, for every threshold and duration', () => {
    fc.assert(
      fc.property(history, asked, laterS, (minutes, threshold, seconds) => {
        const now = nowAfter(minutes, seconds);
        const expected = idleSince(minutes, { ...threshold, maxGapSeconds: MAX_GAP_SECONDS }, now);
        expect(idleSinceByStairs(build(minutes), threshold, now)).toEqual(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it('is the same when a backlog is folded first, wherever it is cut', () => {
    fc.assert(
      fc.property(history, fc.nat(90), fc.nat(90), (minutes, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)];
        const parts = [minutes.slice(0, from), minutes.slice(from, to), minutes.slice(to)];
        const stairs = parts.reduce<Staircase | null>((before, part) => {
          const folded = foldMinutes(part);
          return folded ? append(before, folded) : before;
        }, null);
        expect(stairs).toEqual(build(minutes));
      }),
      { numRuns: 1_000 },
    );
  });

  it('keeps few steps: whole percents never need more than 101', () => {
    const falling = Array.from({ length: 500 }, (_, i) => ({
      at: new Date((START_S + i * 60) * 1000),
      gpuPercent: 100 - (i % 101),
    }));
    expect(build(falling)!.levels.length).toBeLessThanOrEqual(101);
  });

  it('forgets the oldest step of an endless fall, and then claims less idleness, never more', () => {
    const steps = STAIRCASE_STEPS_MAX + 50;
    const falling = Array.from({ length: steps }, (_, i) => ({
      at: new Date((START_S + i * 60) * 1000),
      gpuPercent: 90 - i / 10,
    }));
    const stairs = build(falling)!;
    expect(stairs.levels).toHaveLength(STAIRCASE_STEPS_MAX);
    const since = idleSinceByStairs(stairs, { belowPercent: 95, forMinutes: 1 }, nowAfter(falling, 60));
    expect(since!.getTime() / 1000).toBe(START_S + 50 * 60);
  });

  it('raises the newest minute when late samples of it arrive', () => {
    const quiet = [1, 1, 1].map((gpuPercent, i) => ({ at: new Date((START_S + i * 60) * 1000), gpuPercent }));
    const raised = climb(build(quiet), { at: quiet[2]!.at, gpuPercent: 80 })!;
    expect(idleSinceByStairs(raised, { belowPercent: 5, forMinutes: 0 }, nowAfter(quiet, 60))).toBeNull();
    expect(raised).toEqual(build([...quiet.slice(0, 2), { at: quiet[2]!.at, gpuPercent: 80 }]));
  });

  it('asks for the history when an older minute arrives', () => {
    const minutes = [0, 1].map((i) => ({ at: new Date((START_S + i * 60) * 1000), gpuPercent: 1 }));
    expect(climb(build(minutes), minutes[0]!)).toBeNull();
  });
});
