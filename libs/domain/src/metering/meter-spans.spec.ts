import fc from 'fast-check';
import { billingModelOf, billsIn, DAY_MICROS, meterSpans, secondsText } from './meter-spans.js';
import type { MeterSpan } from './meter-spans.js';

const HOUR = 3_600_000_000;
const DAY = Date.UTC(2026, 10, 1) * 1000;
const span = (sinceH: number, untilH: number | null, more: Partial<MeterSpan> = {}): MeterSpan => ({
  state: 'running',
  hourlyCost: '3.06',
  currency: 'USD',
  sinceMicros: DAY + sinceH * HOUR,
  untilMicros: untilH === null ? null : DAY + untilH * HOUR,
  ...more,
});
const amounts = (spans: readonly MeterSpan[], untilH = 48) =>
  meterSpans(spans, 'running', DAY, DAY + untilH * HOUR).charges.map(({ dayMicros, amount }) => [
    (dayMicros - DAY) / DAY_MICROS,
    amount,
  ]);

describe('what an instance costs', () => {
  it.each<[string, MeterSpan[], [number, string][]]>([
    ['half an hour: 3.06 × 0.5', [span(1, 1.5)], [[0, '1.53']]],
    // 2 h before midnight, 1 h after it
    ['over midnight', [span(22, 25)], [[0, '6.12'], [1, '3.06']]], // prettier-ignore
    ['still running at the end of the window', [span(47, null)], [[1, '3.06']]],
    ['stopped machines nothing', [span(0, 5, { state: 'stopped' })], []],
    ['stopping ones until they are off', [span(0, 1, { state: 'stopping' })], [[0, '3.06']]],
    ['what is at no price nothing, not 0', [span(0, 5, { hourlyCost: null })], []],
    ['a price of nothing: a charge of 0', [span(0, 1, { hourlyCost: '0.0000000000' })], [[0, '0']]],
    // 1 h at 3.06, 1 h at 4
    ['two prices in one day', [span(0, 1), span(1, 2, { hourlyCost: '4' })], [[0, '3.06'], [0, '4']]], // prettier-ignore
    ['an hour that two spans claim once', [span(0, 2), span(1, 3)], [[0, '9.18']]],
  ])('%s', (_, spans, expected) => expect(amounts(spans)).toEqual(expected));

  it('counts the time that it cannot price', () => {
    const spans = [span(0, 2, { hourlyCost: null }), span(2, 3, { state: 'unknown' }), span(3, 4)];
    const metered = meterSpans(spans, 'running', DAY, DAY + DAY_MICROS);
    expect(metered).toMatchObject({ unpricedMicros: 2 * HOUR, unknownMicros: HOUR, charges: [{ billedMicros: HOUR }] });
  });

  it('goes on for owned machines that are off, until they are gone', () => {
    const spans = [
      span(0, 1, { state: 'stopped' }),
      span(1, 2, { state: 'unknown' }),
      span(2, 9, { state: 'terminated' }),
    ];
    const [charge] = meterSpans(spans, 'always_on', DAY, DAY + DAY_MICROS).charges;
    expect(charge).toMatchObject({ amount: '6.12', billedMicros: 2 * HOUR });
  });

  it('refuses a price that it could not keep whole', () =>
    expect(() => amounts([span(0, 1, { hourlyCost: '0.00000000001' })])).toThrow(RangeError));
});

describe('sums', () => {
  const micros = (text: string) => {
    const [whole, fraction = ''] = text.split('.');
    return BigInt(whole! + fraction.padEnd(12, '0'));
  };
  const total = (spans: readonly MeterSpan[], from: number, to: number) => {
    const { charges, unpricedMicros, unknownMicros } = meterSpans(spans, 'running', from, to);
    return {
      amount: charges.reduce((sum, charge) => sum + micros(charge.amount), 0n),
      micros: charges.reduce((sum, charge) => sum + charge.billedMicros, unpricedMicros + unknownMicros),
    };
  };
  const WINDOW = 3 * DAY_MICROS;
  const moment = fc.integer({ min: 0, max: WINDOW });
  const anySpan = fc
    .record({
      state: fc.constantFrom('running', 'stopped', 'stopping', 'unknown'),
      price: fc.option(fc.integer({ min: 0, max: 10 ** 12 })),
      at: fc.tuple(moment, moment),
      open: fc.boolean(),
    })
    .map(({ state, price, at, open }): MeterSpan => {
      const [since, until] = at[0] < at[1] ? at : [at[1], at[0]];
      const digits = price?.toString().padStart(11, '0');
      const hourlyCost = digits === undefined ? null : `${digits.slice(0, -10)}.${digits.slice(-10)}`;
      return { state, hourlyCost, currency: 'USD', sinceMicros: DAY + since, untilMicros: open ? null : DAY + until };
    });

  it('over any partition of a time are those of the whole, to the last digit and microsecond', () =>
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 6 }), fc.array(moment, { maxLength: 8 }), (spans, cuts) => {
        const ends = [0, ...cuts.sort((a, b) => a - b), WINDOW].map((cut) => DAY + cut);
        const parts = ends.slice(1).map((end, index) => total(spans, ends[index]!, end));
        const whole = total(spans, DAY, DAY + WINDOW);
        expect(parts.reduce((sum, part) => sum + part.amount, 0n)).toBe(whole.amount);
        expect(parts.reduce((sum, part) => sum + part.micros, 0)).toBe(whole.micros);
      }),
    ));

  it('of time are never longer than the time, whatever overlaps', () =>
    fc.assert(
      fc.property(fc.array(anySpan, { maxLength: 6 }), (spans) => {
        expect(total(spans, DAY, DAY + WINDOW).micros).toBeLessThanOrEqual(WINDOW);
      }),
    ));
});

describe('the billing model', () => {
  it.each([
    ['aws', {}, 'running'],
    ['on_prem', {}, 'always_on'],
    ['on_prem', { billing_model: 'running' }, 'running'],
    ['aws', { billing_model: 'always_on' }, 'always_on'],
    ['aws', { billing_model: 'often' }, 'running'],
  ] as const)('of %s with %j is %s', (provider, tags, model) => expect(billingModelOf(provider, tags)).toBe(model));

  it('does not guess what nobody knows', () => expect(billsIn('unknown', 'running')).toBeNull());
});

it('writes microseconds as seconds', () =>
  expect([secondsText(1), secondsText(3_600_000_000)]).toEqual(['0.000001', '3600']));
