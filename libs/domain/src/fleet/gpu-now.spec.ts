import { GLANCE_FRESH_S, gpuNow } from './gpu-now.js';
import type { GpuGlance } from './gpu-now.js';

const GLANCE: GpuGlance = {
  instanceState: 'running',
  present: true,
  quietMinutes: 60,
  readingAgeS: 5,
  utilization: 0,
  memoryUsedMib: 12,
};
const now = (changes: Partial<GpuGlance>) => gpuNow({ ...GLANCE, ...changes }, 30);

describe('what a GPU does now', () => {
  it.each([
    ['quiet for long and empty', {}, 'idle'],
    ['quiet for long with a model in its memory', { memoryUsedMib: 71_000 }, 'held'],
    ['quiet for just the time', { quietMinutes: 30 }, 'idle'],
    ['quiet for less', { quietMinutes: 29 }, 'busy'],
    ['not quiet', { quietMinutes: null, utilization: 3 }, 'busy'],
    ['on a stopped machine, whatever was read last', { instanceState: 'stopped', utilization: 99 }, 'off'],
  ] as const)('%s: %s', (_what, changes, state) => expect(now(changes)).toBe(state));

  it.each([
    ['lost by its driver', { present: false }],
    ['silent', { readingAgeS: GLANCE_FRESH_S + 1 }],
    ['never read', { readingAgeS: null }],
    ['without utilisation', { quietMinutes: null, utilization: null }],
    ['quiet, but nobody knows its memory', { memoryUsedMib: null }],
  ])('is unknown when %s: missing is not idle', (_what, changes) => expect(now(changes)).toBe('unknown'));
});
