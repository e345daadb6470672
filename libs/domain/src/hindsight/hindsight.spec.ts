import fc from 'fast-check';
import { HistoryEvaluator, planDecisions, replayTriggers } from '../decisions/index.js';
import type { MeterSpan } from '../metering/meter-spans.js';
import { Afterwards, AvoidedTime, avoidedBy, RunningTime, stopsOf, Sweep } from './index.js';

const FIRST = 29_000_000;
const micros = (minute: number) => (FIRST + minute) * 60_000_000;
const span = (state: string, since: number, until: number | null, hourlyCost: string | null = '6'): MeterSpan => ({
  state,
  hourlyCost,
  currency: 'USD',
  sinceMicros: micros(since),
  untilMicros: until === null ? null : micros(until),
});
const always = (hourlyCost: string | null = '6') =>
  new RunningTime([span('running', -1_000, null, hourlyCost)], 'running', 'price');
const loaded = (gpus: readonly number[][], busy = 5) => {
  const after = new Afterwards(gpus[0]!.length);
  after.load(FIRST, gpus[0]!.length, gpus, busy);
  return after;
};
const quiet = (minutes: number) => Array<number>(minutes).fill(0);

describe('how a would-be stop turned out', () => {
  it.each([
    ['busy 59 minutes later', [...quiet(70), 50, ...quiet(40)], 10, 'false_stop', 70],
    ['busy 60 minutes later', [...quiet(71), 50, ...quiet(40)], 10, 'right', 71],
    ['quiet for the hour', quiet(71), 10, 'right', null],
    ['the hour is not over', quiet(70), 10, 'undecided', null],
    ['six minutes of it unknown', [...quiet(20), ...Array<number>(6).fill(NaN), ...quiet(50)], 10, 'right', null],
    ['seven minutes of it unknown', [...quiet(20), ...Array<number>(7).fill(NaN), ...quiet(50)], 10, 'undecided', null],
    ['at the threshold is busy', [...quiet(11), 5, ...quiet(90)], 10, 'false_stop', 11],
  ])('%s', (_, minutes, trigger, outcome, busyAt) => {
    const [stop] = stopsOf([FIRST + trigger], loaded([minutes]), always());
    expect([stop!.outcome, stop!.busyAt]).toEqual([outcome, busyAt === null ? null : FIRST + busyAt]);
  });

  it('needs no readings of a machine that somebody switched off himself', () => {
    const minutes = [...quiet(20), ...Array<number>(80).fill(NaN)];
    const running = new RunningTime([span('running', -10, 20), span('stopped', 20, null)], 'running', 'price');
    expect(stopsOf([FIRST + 10], loaded([minutes]), running)[0]!.outcome).toBe('right');
  });
});

describe('what a stop avoids', () => {
  const avoidedOf = (running: RunningTime, minutes = [...quiet(71), 50, ...quiet(40)]) => {
    const stops = stopsOf([FIRST + 10, FIRST + 40, FIRST + 100], loaded([minutes]), running);
    const sum = new AvoidedTime();
    for (const stop of stops) sum.add(avoidedBy(stop, running));
    return { stops: stops.length, sum };
  };

  it('is the price of the time until it is busy again, counted once however often it triggers', () => {
    // off from 11 to 71 = 60 minutes and from 101 to 112 = 11 minutes: 71 ÷ 60 × 6 USD
    expect(avoidedOf(always()).sum.amounts()).toEqual([{ currency: 'USD', amount: '7.1' }]);
    expect(avoidedOf(always()).stops).toBe(2);
  });

  it('is apart where nobody knows the price, and nothing where the capacity is paid for anyhow', () => {
    const { sum } = avoidedOf(always(null));
    expect([sum.amounts(), sum.unpriced / 60e6]).toEqual([[], 71]);
    const reserved = new RunningTime([span('running', -1_000, null)], 'running', 'reserved');
    expect([avoidedOf(reserved).sum.amounts(), avoidedOf(reserved).sum.unsaved / 60e6]).toEqual([[], 71]);
  });

  it('ends when somebody starts the machine, and leaves out the time in which it was off anyway', () => {
    const running = new RunningTime(
      [span('running', -10, 30), span('stopped', 30, 50), span('running', 50, null, '12')],
      'running',
      'price',
    );
    const stops = stopsOf([FIRST + 10], loaded([quiet(100)]), running);
    expect(stops[0]!.offUntil).toBe(FIRST + 50);
    // 11 to 30 at 6 USD: 19 ÷ 60 × 6
    expect(avoidedBy(stops[0]!, running).amounts()).toEqual([{ currency: 'USD', amount: '1.9' }]);
  });

  it('is exact: a third of an hour at 0.1 three times is a tenth', () => {
    const sum = new AvoidedTime();
    for (let i = 0; i < 3; i++) sum.addPriced('0.1 USD', 1_200_000_000);
    expect(sum.amounts()).toEqual([{ currency: 'USD', amount: '0.1' }]);
  });
});

describe('a sweep', () => {
  const MINUTES = 300;
  const gpu = fc
    .array(fc.tuple(fc.constantFrom(0, 0, 1, 3, 4.9, 5, 7, 12, 80, NaN), fc.integer({ min: 1, max: 40 })), {
      minLength: 3,
      maxLength: 20,
    })
    .map((runs) => {
      const out = new Float32Array(MINUTES);
      let at = 0;
      for (const [value, length] of runs) out.fill(value, at, (at += length));
      return out;
    });
  const mask = fc
    .array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 12 })
    .map((runs) => Uint8Array.from({ length: MINUTES }, (_, m) => (m % (runs[0]! + 7) < runs[0]! ? 1 : 0)));
  const grid = { thresholds: [1, 3, 5, 10, 30], durations: [1, 2, 5, 15, 60] };

  it('says of each pair what a simulation of that pair says', () => {
    let stopsSeen = 0;
    fc.assert(
      fc.property(
        fc.array(fc.array(gpu, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 }),
        fc.record({
          cooldownMinutes: fc.constantFrom(0, 1, 2, 10, 45),
          startMinute: fc.integer({ min: FIRST, max: FIRST + 60 }),
          schedule: fc.option(mask),
        }),
        fc.option(mask),
        (machines, rule, rest) => {
          const running = new RunningTime(
            [span('running', -10, 250), span('stopped', 250, 260), span('running', 260, null, '9')],
            'running',
            'price',
          );
          const sweep = new Sweep(grid, rule, MINUTES);
          const past = machines.map((gpus) => {
            const after = new Afterwards(MINUTES);
            after.load(FIRST, MINUTES, gpus, 5);
            sweep.add({ firstMinute: FIRST, minutes: MINUTES, gpus, rest, after, running });
            return { gpus, after };
          });
          for (const cell of sweep.cells()) {
            const leaf = {
              metric: 'gpu_utilization',
              operator: 'lt',
              threshold: cell.threshold,
              durationMinutes: cell.durationMinutes,
            } as const;
            const evaluator = new HistoryEvaluator(planDecisions([leaf], { idleBelowPercent: 5 }), MINUTES);
            const avoided = new AvoidedTime();
            let [triggers, stops, falseStops, undecided] = [0, 0, 0, 0];
            for (const { gpus, after } of past) {
              evaluator.load({ firstMinute: FIRST, minutes: MINUTES, series: [gpus] });
              const truths = evaluator.truths(0, MINUTES).map((t, m) => (rest === null || rest[m] === 1 ? t : 0));
              const replay = replayTriggers(truths, FIRST, MINUTES, rule);
              triggers += replay.triggers.length;
              for (const stop of stopsOf(replay.triggers, after, running)) {
                stops++;
                if (stop.outcome === 'false_stop') falseStops++;
                if (stop.outcome === 'undecided') undecided++;
                avoided.add(avoidedBy(stop, running));
              }
            }
            stopsSeen += stops;
            expect({ ...cell, avoided: cell.avoided.amounts(), avoidedByFalse: null }).toEqual({
              threshold: cell.threshold,
              durationMinutes: cell.durationMinutes,
              avoidedByFalse: null,
              triggers,
              stops,
              falseStops,
              undecided,
              avoided: avoided.amounts(),
            });
          }
        },
      ),
      { numRuns: 80 },
    );
    expect(stopsSeen).toBeGreaterThan(2_000);
  });
});
