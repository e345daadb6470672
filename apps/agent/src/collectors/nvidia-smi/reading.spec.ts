import { ManualClock } from '../../../../../test/support/manual-clock.js';
import type { CollectorEvent } from '../collector.js';
import { readCell } from './cells.js';
import { Incidents } from './incidents.js';
import { assessHealth, memoryShare, readMetrics } from './reading.js';
import type { Row } from './rows.js';

const row = (cells: Record<string, string>): Row =>
  new Map(Object.entries(cells).map(([name, cell]) => [name, readCell(cell)]));

it('the share of memory in use needs both of its numbers', () => {
  expect(memoryShare(1, 4)).toBe(25);
  expect(memoryShare('fault', 4)).toBe('fault');
  expect(memoryShare(1, 'forbidden')).toBe('forbidden');
  expect(memoryShare(0, 0)).toBe('unsupported');
});

it('the momentary power stands in where the average is not to be had', () => {
  expect(readMetrics(row({ 'power.draw': '[N/A]', 'power.draw.instant': '97.43' })).get(7)).toBe(97.43);
  expect(readMetrics(row({ 'power.draw': '[Unknown Error]', 'power.draw.instant': '[N/A]' })).get(7)).toBe('fault');
});

it.each([
  [{ gpu_recovery_action: 'None' }, 'healthy'],
  [{ gpu_recovery_action: '[N/A]' }, 'healthy'],
  [{ gpu_recovery_action: 'GPU Reset' }, 'unhealthy'],
  [{ gpu_recovery_action: 'A word of a later driver' }, 'unhealthy'],
  [{ 'remapped_rows.failure': 'Yes' }, 'unhealthy'],
  [{ 'remapped_rows.pending': 'Yes' }, 'degraded'],
  [{ 'remapped_rows.pending': 'Yes', 'remapped_rows.failure': 'Yes' }, 'unhealthy'],
  [{ 'retired_pages.pending': 'Yes' }, 'degraded'],
  [{ 'retired_pages.pending': 'No' }, 'healthy'],
] as const)('%j is %s', (cells, health) => {
  const subject = row({ 'utilization.gpu': '0', ...cells });
  expect(assessHealth(subject, readMetrics(subject)).health).toBe(health);
});

describe('incidents', () => {
  function setUp() {
    const events: CollectorEvent[] = [];
    const clock = new ManualClock();
    const incidents = new Incidents({ event: (e) => events.push(e) }, clock);
    const give = (cell: string) => {
      const subject = row({ 'utilization.gpu': cell, 'fan.speed': '30' });
      incidents.row('GPU-a', subject, readMetrics(subject));
    };
    return { events, clock, incidents, give };
  }

  it('a fault must last three rows, is told once, and so is its end', () => {
    const { events, give } = setUp();
    give('[Unknown Error]');
    give('[Unknown Error]');
    give('1');
    expect(events).toEqual([]);
    for (let i = 0; i < 10; i += 1) give('[Unknown Error]');
    give('1');
    give('1');
    expect(events.map((e) => [e.kind, e.severity])).toEqual([
      ['gpu_fault', 'high'],
      ['gpu_recovered', 'low'],
    ]);
  });

  it('a lost GPU leaves no doubt at once', () => {
    const { events, give } = setUp();
    give('[GPU is lost]');
    expect(events.map((e) => e.kind)).toEqual(['gpu_fault']);
  });

  it('a flood of one Xid is an event a minute, with its count', async () => {
    const { events, clock, incidents } = setUp();
    for (let i = 0; i < 629; i += 1) incidents.xid('GPU-a', '0000:01:00', 13, 'line');
    await clock.advance(61_000);
    incidents.xid('GPU-a', '0000:01:00', 13, 'line');
    incidents.xid('GPU-a', '0000:01:00', 79, 'line');
    expect(events.map((e) => [e.details?.['xid'], e.details?.['repeated']])).toEqual([
      [13, 0],
      [13, 628],
      [79, 0],
    ]);
  });
});
