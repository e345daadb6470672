import { Counters } from './counters.js';

describe('a counter of the driver', () => {
  it('tells what it grew by since the reading before', () => {
    const counters = new Counters();
    expect(counters.since('rx', 1_000, 10_000)).toBeNull();
    expect(counters.since('rx', 4_000, 12_000)).toEqual({ by: 3_000, ms: 2_000 });
    expect(counters.since('rx', 4_000, 13_000)).toEqual({ by: 0, ms: 1_000 });
  });

  it('tells nothing after it began anew, and goes on from there', () => {
    const counters = new Counters();
    counters.since('rx', 1_000_000, 0);
    expect(counters.since('rx', 7, 1_000)).toBeNull();
    expect(counters.since('rx', 9, 2_000)).toEqual({ by: 2, ms: 1_000 });
  });

  it('keeps counters apart', () => {
    const counters = new Counters();
    counters.since('rx', 5, 0);
    expect(counters.since('tx', 9, 1_000)).toBeNull();
  });
});
