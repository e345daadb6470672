import { ManualClock } from '../../../../test/support/manual-clock.js';
import { lastWords } from './last-words.js';

/** A session that is done after so many looks. */
function session(doneAfter: number) {
  let looks = 0;
  return {
    get looks() {
      return looks;
    },
    get isDone() {
      return looks >= doneAfter;
    },
    tick: () => void (looks += 1),
  };
}

describe('the last words of an agent', () => {
  it.each([
    ['ends at once where there is nothing to say', 0, 0],
    ['ends as soon as everything is acknowledged', 4, 100],
    ['ends when its time is over, however much is left', 1e9, 2_000],
  ])('%s', async (_, doneAfter, afterMs) => {
    const clock = new ManualClock(0);
    const talking = session(doneAfter);
    let endedAtMs: number | null = null;
    const began = clock.monotonicMs();
    const words = lastWords(talking, clock, 2_000).then(() => (endedAtMs = clock.monotonicMs() - began));
    for (let i = 0; i < 120; i++) await clock.advance(25);
    await words;
    expect(endedAtMs).toBe(afterMs);
  });
});
