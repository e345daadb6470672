import { unknownProcesses } from './known-processes.js';
import type { KnownProcess } from './outcome.js';

const process = (pid: number, name: string, startedAtMs = 0): KnownProcess => ({
  device: 'GPU-1',
  pid,
  name,
  startedAtMs,
});

describe('a process that a request did not know of', () => {
  it.each<[string, KnownProcess, KnownProcess[], boolean]>([
    ['is new', process(7, 'python'), [], true],
    ['has another number', process(7, 'python'), [process(8, 'python')], true],
    ['has a number that was used before', process(7, 'python', 90_000), [process(7, 'python', 10_000)], true],
    ['has a known number and another name', process(7, 'python'), [process(7, 'jupyter')], true],
  ])('%s', (_, now, known, isNew) => {
    expect(unknownProcesses([now], known)).toEqual(isNew ? [now] : []);
  });

  it.each<[string, KnownProcess, KnownProcess]>([
    ['the same start, told with another rounding', process(7, 'a', 10_000), process(7, 'a', 11_900)],
    ['the same name where a start is not told', process(7, 'python', 10_000), process(7, 'python')],
    ['no name and no start: the number is all there is', process(7, ''), process(7, 'python')],
  ])('is not one of %s', (_, now, known) => {
    expect(unknownProcesses([now], [known])).toEqual([]);
  });
});
