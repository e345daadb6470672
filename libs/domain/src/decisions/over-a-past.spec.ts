import fc from 'fast-check';
import { CostSeries } from './cost-series.js';
import { emptyHolds, holdMinute, holdsAt, holdsOver } from './hold.js';
import { operatorCode, verdictOf, verdictsOf } from './verdict.js';
import type { MinuteVerdict } from './verdict.js';

const FIRST = 29_000_000;
const MINUTE_MICROS = 60_000_000;

describe('a whole past at once', () => {
  it('holds as minute after minute does', () => {
    const verdicts = fc
      .array(fc.tuple(fc.constantFrom(0, 1, 2), fc.integer({ min: 1, max: 9 })), { minLength: 1, maxLength: 30 })
      .map((runs) => Uint8Array.from(runs.flatMap(([verdict, length]) => Array<number>(length).fill(verdict))));
    const durations = fc.integer({ min: 1, max: 12 });
    fc.assert(
      fc.property(verdicts, durations, fc.integer({ min: 0, max: 5 }), (all, duration, gap) => {
        const holds = emptyHolds(1);
        const expected = Uint8Array.from(all, (verdict, m) => {
          holdMinute(holds, 0, FIRST + m, verdict as MinuteVerdict, gap);
          return holdsAt(holds, 0, FIRST + m, duration, gap);
        });
        const out = new Uint8Array(all.length);
        holdsOver(all, FIRST, all.length, duration, gap, out);
        expect(out).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it('compares as minute after minute does', () => {
    const values = fc.array(fc.constantFrom(0, -0, 4.9, 5, 5.1, NaN, Infinity, -Infinity), { maxLength: 20 });
    const operator = fc.constantFrom('gt', 'lt', 'gte', 'lte', 'eq', 'not_eq').map(operatorCode);
    fc.assert(
      fc.property(values, operator, fc.constantFrom(0, 5), (all, code, threshold) => {
        const out = new Uint8Array(all.length);
        verdictsOf(all, code, threshold, all.length, out);
        expect([...out]).toEqual(all.map((value) => verdictOf(value, code, threshold)));
      }),
    );
  });

  it('is priced as minute after minute is, wherever in a minute a price begins', () => {
    const span = fc.record({
      state: fc.constantFrom('running', 'stopped', 'unknown'),
      hourlyCost: fc.constantFrom('1.5', '2', null),
      since: fc.integer({ min: -5 * MINUTE_MICROS, max: 30 * MINUTE_MICROS }),
      minutes: fc.option(fc.integer({ min: 0, max: 12 })),
      onTheMinute: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(span, { maxLength: 6 }), (drawn) => {
        const spans = drawn.map(({ state, hourlyCost, since, minutes, onTheMinute }) => {
          const whole = onTheMinute ? Math.floor(since / MINUTE_MICROS) * MINUTE_MICROS : since;
          const sinceMicros = FIRST * MINUTE_MICROS + whole;
          const untilMicros = minutes === null ? null : sinceMicros + minutes * MINUTE_MICROS;
          return { state, hourlyCost, currency: 'USD', sinceMicros, untilMicros };
        });
        const costs = new CostSeries(spans, 'running', 'USD');
        const out = new Float64Array(25);
        costs.hourlyOver(FIRST, out);
        expect([...out]).toEqual(Array.from(out, (_, m) => costs.hourlyAt(FIRST + m)));
      }),
      { numRuns: 500 },
    );
  });
});
