import fc from 'fast-check';
import { Big } from 'big.js';
import type { MeterSpan } from '../metering/meter-spans.js';
import { disjointClaims, observedSaving, promisedSaving, realisationRatio, verifiedOfDay } from './index.js';
import type { SavingClaim } from './index.js';

const HOUR = 3_600_000_000;
const DAY = 24 * HOUR;
const T0 = Date.UTC(2026, 2, 1) * 1000;
const claim: SavingClaim = {
  startMicros: T0 + 10 * HOUR,
  capMicros: T0 + 40 * DAY,
  model: 'running',
  committedShare: 0,
};
const span = (from: number, to: number | null, state: string, hourlyCost: string | null = '2'): MeterSpan => ({
  state,
  hourlyCost,
  currency: 'USD',
  sinceMicros: T0 + from * HOUR,
  untilMicros: to === null ? null : T0 + to * HOUR,
});
const at = (hours: number) => T0 + hours * HOUR;
const sum = (days: readonly { amount: string }[]) =>
  days.reduce((total, { amount }) => total.plus(amount), new Big(0)).toFixed();

describe('what a stop saved', () => {
  it('is its price for each hour off, day by day, until it starts again', () => {
    // off from 10:00 to 30:00 (06:00 of the next day): 14 h × 2 + 6 h × 2
    const saved = observedSaving(
      claim,
      [span(0, 10, 'running'), span(10, 30, 'stopped'), span(30, null, 'running')],
      at(50),
    );
    expect(saved.days.map(({ amount }) => amount)).toEqual(['28', '12']);
    expect(saved.end).toEqual({ atMicros: at(30), reason: 'started' });
  });

  it.each<[string, Partial<SavingClaim>, MeterSpan[], string, object]>([
    ['grows while it is off', {}, [span(10, null, 'stopped')], '80', { end: null }],
    ['follows a price that changes', {}, [span(10, 20, 'stopped', '2'), span(20, null, 'stopped', '4')], '140', {}],
    ['is nothing for owned machines', { model: 'always_on' }, [span(10, null, 'stopped')], '0', {}],
    ['is what no commitment pays', { committedShare: 0.75 }, [span(10, null, 'stopped')], '20', {}],
    ['is unknown without a price', {}, [span(10, null, 'stopped', null)], '0', { unpricedMicros: 40 * HOUR }],
    [
      'leaves out what nobody knows',
      {},
      [span(10, 20, 'stopped'), span(20, 30, 'unknown'), span(30, null, 'stopped')],
      '60',
      { unknownMicros: 10 * HOUR, end: null },
    ],
    [
      'ends with the machine',
      {},
      [span(10, 12, 'stopped'), span(12, null, 'terminated')],
      '4',
      { end: { atMicros: at(12), reason: 'terminated' } },
    ],
    [
      'ends at the horizon',
      { capMicros: at(15) },
      [span(10, null, 'stopped')],
      '10',
      { end: { atMicros: at(15), reason: 'horizon' } },
    ],
    [
      'is nothing where it never was off',
      {},
      [span(0, null, 'running')],
      '0',
      { end: { atMicros: at(10), reason: 'started' } },
    ],
  ])('%s', (_, more, spans, total, expected) => {
    const saved = observedSaving({ ...claim, ...more }, spans, at(50));
    expect(sum(saved.days)).toBe(total);
    expect(saved).toMatchObject(expected);
  });

  const states = fc.constantFrom('running', 'stopped', 'stopped', 'unknown', 'stopping', 'pending');
  const history = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 40 * 3600 }), states, fc.option(fc.integer({ min: 0, max: 99_999 }))), {
      minLength: 1,
      maxLength: 12,
    })
    .map((parts) => {
      let from = T0;
      return parts.map(([seconds, state, cents], i): MeterSpan => {
        const since = from;
        from += seconds * 1_000_000;
        const hourlyCost = cents === null ? null : new Big(cents).div(1000).toFixed();
        return {
          state,
          hourlyCost,
          currency: 'USD',
          sinceMicros: since,
          untilMicros: i === parts.length - 1 ? null : from,
        };
      });
    });
  const anyClaim = fc.record({
    startMicros: fc.integer({ min: 0, max: 100 }).map((h) => at(h)),
    model: fc.constant('running' as const),
    committedShare: fc.constant(0),
  });

  it('property: pieces add up to the whole, however the time is cut, and nothing is negative', () => {
    fc.assert(
      fc.property(
        history,
        anyClaim,
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 }),
        (spans, base, cuts) => {
          const now = at(300);
          const whole = observedSaving({ ...base, capMicros: now }, spans, now);
          const edges = [...new Set([base.startMicros, ...cuts.map(at).filter((x) => x > base.startMicros), now])].sort(
            (a, b) => a - b,
          );
          const stop = whole.end?.atMicros ?? now;
          const pieces = edges.slice(1).flatMap((to, i) => {
            const from = edges[i]!;
            if (from >= stop) return [];
            return observedSaving(
              { ...base, startMicros: from, capMicros: Math.min(to, stop) },
              spans,
              Math.min(to, stop),
            ).days;
          });
          expect(sum(pieces)).toBe(sum(whole.days));
          for (const { amount, offMicros } of whole.days) {
            expect(new Big(amount).gte(0)).toBe(true);
            expect(offMicros).toBeLessThanOrEqual(DAY);
          }
        },
      ),
    );
  });

  it('property: it never shrinks as time passes, and claims of one machine never share a moment', () => {
    fc.assert(
      fc.property(
        history,
        fc.array(fc.integer({ min: 0, max: 200 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 300 }),
        (spans, hours, now) => {
          const claims = disjointClaims(hours.map(at), 5);
          for (const [i, one] of claims.entries()) {
            expect(one.capMicros).toBeLessThanOrEqual(claims[i + 1]?.startMicros ?? Infinity);
          }
          const total = (nowMicros: number) =>
            claims.reduce(
              (all, one) => all.plus(sum(observedSaving({ ...claim, ...one }, spans, nowMicros).days)),
              new Big(0),
            );
          expect(total(at(now + 7)).gte(total(at(now)))).toBe(true);
          // all claims together: at most the price of all time off
          const ceiling = sum(
            observedSaving(
              { ...claim, startMicros: T0, capMicros: at(400) },
              spans.map((s) => ({ ...s, state: s.state === 'stopped' ? 'stopped' : 'unknown' })),
              at(400),
            ).days,
          );
          expect(total(at(400)).lte(ceiling)).toBe(true);
        },
      ),
    );
  });
});

describe('what a stop promises', () => {
  it.each([
    ['a day where nothing is known', [], '48', 'default'],
    ['the median of what it stayed off before', [2, 60, 5].map((h) => h * HOUR), '10', 'history'],
    ['never more than the horizon', [90, 90, 90].map((d) => d * DAY), '1900', 'history'],
  ])('is %s', (_, past, amount, basis) => {
    const capped = { ...claim, capMicros: claim.startMicros + 950 * HOUR };
    expect(promisedSaving(capped, '2', past)).toMatchObject({ amount, basis });
  });
  it('is unknown without a price', () => expect(promisedSaving(claim, null, []).amount).toBeNull());
});

describe('what the bill confirms', () => {
  const day = { hourlyRate: '2', onMicros: 10 * HOUR, offMicros: 14 * HOUR, factor: '1' };
  it.each([
    ['all of it', { billed: '20' }, '28'], // (10 + 14) × 2 - 20
    ['less where more was charged than it ran', { billed: '30' }, '18'],
    ['nothing where it was charged all day', { billed: '48' }, '0'],
    ['never less than nothing', { billed: '90' }, '0'],
    ['never more than its time off', { billed: '0' }, '28'],
    ['by the rate of the bill', { billed: '16', hourlyRate: '1.6' }, '22.4'], // (24 × 1.6) - 16
    ['what no commitment pays', { billed: '20', factor: '0.25' }, '7'],
  ])('%s', (_, more, expected) => expect(verifiedOfDay({ ...day, ...more })).toBe(expected));

  it('is held against what was promised', () => {
    expect(realisationRatio('40', '30')).toBe(0.75);
    expect(realisationRatio('0', '30')).toBeNull();
    expect(realisationRatio(null, '30')).toBeNull();
  });
});
