import { metricId } from '@flotilla/domain';
import type { CollectorEvent, GpuSignals, Reading } from '../collector.js';
import { CounterBook } from './counters.js';
import { memoryShare } from './faults.js';
import { firstLook } from './first-look.js';
import { Incidents } from './incidents.js';

const ENERGY = metricId('energy');
const POWER_CAP = metricId('throttled_power_cap');

it('the share of memory in use needs both of its numbers', () => {
  expect(memoryShare(1, 4)).toBe(25);
  expect(memoryShare('fault', 4)).toBe('fault');
  expect(memoryShare(1, 'forbidden')).toBe('forbidden');
  expect(memoryShare(0, 0)).toBe('unsupported');
});

describe('counters of the driver become what happened since the sample before', () => {
  const since = (...steps: [atMs: number, metric: number, value: Reading][]) => {
    const book = new CounterBook();
    return steps.map(([atMs, metric, value]) => book.since('GPU-a', atMs, new Map([[metric, value]])).get(metric));
  };

  it.each([
    ['millijoules are joules', ENERGY, 9e12, 9e12 + 1_500_000, 1500],
    ['a second of five is a fifth', POWER_CAP, 7, 1_000_007, 20],
    ['nothing happened', POWER_CAP, 7, 7, 0],
    ["the whole time, and a hair more by the driver's clock", POWER_CAP, 0, 5_000_100, 100],
  ])('%s', (_, metric, before, now, expected) => {
    expect(since([1_000, metric, before], [6_000, metric, now])).toEqual([undefined, expected]);
  });

  it('a counter that began anew, and one after a long silence, say nothing', () => {
    expect(since([0, ENERGY, 900], [5_000, ENERGY, 100], [10_000, ENERGY, 1100])).toEqual([undefined, undefined, 1]);
    expect(since([0, ENERGY, 900], [600_000, ENERGY, 1900])).toEqual([undefined, undefined]);
  });

  it('an absence stays one, and the reading after it has nothing to compare with', () => {
    expect(since([0, ENERGY, 1], [5_000, ENERGY, 'fault'], [10_000, ENERGY, 2])).toEqual([
      undefined,
      'fault',
      undefined,
    ]);
  });
});

it.each<[string, Partial<Record<'pages' | 'pending' | 'failure', number>>, GpuSignals]>([
  ['healthy', {}, { recoveryAction: 'None' }],
  ['healthy', { pages: 0, pending: 0, failure: 0 }, {}],
  ['unhealthy', {}, { recoveryAction: 'GPU Reset' }],
  ['unhealthy', {}, { recoveryAction: 'A word of a later driver' }],
  ['unhealthy', {}, { unanswered: '[GPU is lost]' }],
  ['unhealthy', {}, { resetRequired: true }],
  ['unhealthy', { failure: 1 }, {}],
  ['degraded', { pending: 1 }, {}],
  ['unhealthy', { pending: 1, failure: 1 }, {}],
  ['degraded', { pages: 1 }, {}],
  ['degraded', {}, { repairPending: true }],
])('%s at first look: %j %j', (health, { pages, pending, failure }, signals) => {
  const values = new Map<number, Reading>([
    [metricId('retired_pages_pending'), pages ?? 'unsupported'],
    [metricId('remapped_rows_pending'), pending ?? 'unsupported'],
    [metricId('remapped_rows_failure'), failure ?? 'unsupported'],
  ]);
  expect(firstLook(values, signals).health).toBe(health);
});

describe('incidents', () => {
  function setUp() {
    const events: CollectorEvent[] = [];
    const incidents = new Incidents({ event: (e) => events.push(e) });
    const give = (signals: GpuSignals) => incidents.reading('GPU-a', signals);
    return { events, give };
  }

  it('a fault must last three readings, is told once, and so is its end', () => {
    const { events, give } = setUp();
    give({ fault: '[Unknown Error]' });
    give({ fault: '[Unknown Error]' });
    give({});
    expect(events).toEqual([]);
    for (let i = 0; i < 10; i += 1) give({ fault: '[Unknown Error]' });
    give({});
    give({});
    expect(events.map((e) => [e.kind, e.severity])).toEqual([
      ['gpu_fault', 'high'],
      ['gpu_recovered', 'low'],
    ]);
  });

  it('a lost GPU leaves no doubt at once', () => {
    const { events, give } = setUp();
    give({ unanswered: '[GPU is lost]' });
    expect(events.map((e) => [e.kind, e.severity])).toEqual([['gpu_fault', 'critical']]);
  });
});
