import { replayAlertRule } from './rule-replay.js';

/** One letter a minute: F the condition holds, R the recovery holds, ? nothing is known. */
function replay(minutes: string, cooldownMinutes = 0, startMinute = 100) {
  const fire = Uint8Array.from(minutes, (letter) => (letter === 'F' ? 1 : letter === '?' ? 2 : 0));
  const recover = Uint8Array.from(minutes, (letter) => (letter === 'R' ? 1 : letter === '?' ? 2 : 0));
  return replayAlertRule(fire, recover, { firstMinute: 100, minutes: minutes.length, startMinute }, cooldownMinutes);
}

describe('what an alert rule would have done', () => {
  it('fires from the minute that held to the last one before the recovery', () =>
    expect(replay('R.FFF..RR')).toEqual([{ fromMinute: 102, toMinute: 106, told: true }]));

  it('goes on through what is neither, and through gaps: a gap is no recovery', () =>
    expect(replay('FF.??.FFR')).toEqual([{ fromMinute: 100, toMinute: 107, told: true }]));

  it('says of what still fires that it does', () =>
    expect(replay('RRFF')).toEqual([{ fromMinute: 102, toMinute: null, told: true }]));

  it('tells nobody again within the cooldown, unless it lasts beyond it', () => {
    expect(replay('FRFRR', 10).map(({ told }) => told)).toEqual([true, false]);
    expect(replay('FRFFFFFFFFFFFFF', 10).map(({ told }) => told)).toEqual([true, true]);
    expect(replay('FRRRRRRRRRRRF', 10).map(({ told }) => told)).toEqual([true, true]);
  });

  it('begins with its start: what held before fires then', () =>
    expect(replay('FFFFR', 0, 102)).toEqual([{ fromMinute: 102, toMinute: 103, told: true }]));

  it('never fires without data', () => expect(replay('????')).toEqual([]));
});
