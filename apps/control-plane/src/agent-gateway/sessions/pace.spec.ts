import type { ControlMessageInput } from '@flotilla/contracts/agent';
import { Pace, SlowDown } from './pace.js';

describe('when agents are asked to read more rarely', () => {
  /** One look a second at each of these pressures, in turn for so many seconds. */
  const run = (...phases: [pressure: number, seconds: number][]) => {
    const slowDown = new SlowDown(30_000);
    let nowMs = 0;
    let factor = 0;
    for (const [pressure, seconds] of phases) {
      for (let s = 0; s <= seconds; s++, nowMs += 1_000) factor = slowDown.look(pressure, nowMs);
    }
    return factor;
  };

  it.each<[string, [number, number][], number]>([
    ['calm', [[0, 100]], 1],
    ['busy, but within the bound', [[0.7, 600]], 1],
    ['29 s over it', [[0.9, 29]], 1],
    ['30 s over it', [[0.9, 30]], 2],
    ['again and again for a moment', [[0.9, 25], [0.5, 1], [0.9, 25], [0.5, 1], [0.9, 25]], 1], // prettier-ignore
    ['a minute and longer over it', [[1.2, 62]], 4],
    ['for very long over it', [[1, 3_600]], 8],
    ['over it, then only less', [[1, 30], [0.5, 600]], 2], // prettier-ignore
    ['over it, then calm for 29 s', [[1, 30], [0.1, 29]], 2], // prettier-ignore
    ['over it, then calm for 30 s', [[1, 62], [0.1, 30]], 1], // prettier-ignore
  ])('%s', (_, phases, factor) => expect(run(...phases)).toBe(factor));
});

describe('what one agent is told', () => {
  const pace = (intervalS: number) => {
    const sent: ControlMessageInput[] = [];
    const made = new Pace((message) => void sent.push(message));
    made.keep(4); // the stream is not open yet
    made.opened(intervalS);
    return { made, sent };
  };

  it('says a change once, and the own setting when it is over', () => {
    const { made, sent } = pace(5);
    for (const factor of [1, 2, 2, 4, 1, 1]) made.keep(factor);
    expect(sent).toEqual([
      { slow: { intervalS: 10 } },
      { slow: { intervalS: 20 } },
      { config: { hash: 'default', intervalS: 0, liveIntervalS: 0 } },
    ]);
  });

  it.each([
    [30, 60], // at most a minute
    [120, 120], // never faster than it reads by itself
    [0, 40], // it did not say
  ])('an interval of %d s becomes %d s', (intervalS, slower) => {
    const { made, sent } = pace(intervalS);
    made.keep(8);
    expect(sent).toEqual([{ slow: { intervalS: slower } }]);
  });
});
