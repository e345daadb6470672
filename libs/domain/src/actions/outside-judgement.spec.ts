import { whyNotStop } from './outside-judgement.js';
import type { ReportedGpu, ReportedInstance } from './outside-judgement.js';
import { foldMinutes } from '../idle/staircase.js';

const NOON_MS = Date.parse('2026-03-01T12:00:00Z');
const NOW_MS = NOON_MS + 20_000;
const asked = { idleSinceMs: NOON_MS - 10 * 60_000, belowPercent: 5, knownProcesses: null };

/** One reading for each minute, the last one ending at noon; null: nothing was reported. */
function gpu(percents: readonly (number | null)[], more: Partial<ReportedGpu> = {}): ReportedGpu {
  const minutes = percents.flatMap((gpuPercent, i) =>
    gpuPercent === null ? [] : [{ at: new Date(NOON_MS - (percents.length - i) * 60_000), gpuPercent, intervalS: 5 }],
  );
  return { uuid: 'GPU-1', parentUuid: null, present: true, stairs: foldMinutes(minutes), live: null, ...more };
}
const quiet = (minutes: number) => Array<number>(minutes).fill(1);
const instance = (gpus: ReportedGpu[], more: Partial<ReportedInstance> = {}): ReportedInstance => ({
  gpus,
  gpuCount: null,
  processes: null,
  ...more,
});
const live = (percent: number, secondsAgo = 3) => ({ live: { atMs: NOW_MS - secondsAgo * 1000, percent } });

describe('a stop from outside', () => {
  it.each<[string, ReportedInstance]>([
    ['quiet since then', instance([gpu(quiet(11))])],
    ['a busy minute before then', instance([gpu([97, ...quiet(10)])])],
    ['watched since two minutes after then', instance([gpu(quiet(8))])],
    ['minutes that are late and a quiet reading of now', instance([gpu([...quiet(11), null, null], live(0))])],
    [
      'all parts of a GPU in MIG mode are quiet',
      instance([gpu([]), gpu(quiet(11), { uuid: 'MIG', parentUuid: 'GPU-1' })]),
    ],
    ['as many GPUs as there should be', instance([gpu(quiet(11))], { gpuCount: 1 })],
  ])('is allowed: %s', (_, reported) => {
    expect(whyNotStop(reported, asked, NOW_MS)).toBeNull();
  });

  it.each<[string, ReportedInstance, RegExp]>([
    ['no telemetry', instance([]), /nothing was ever measured .* force/],
    ['a GPU fewer than there should be', instance([gpu(quiet(11))], { gpuCount: 8 }), /only 1 of its 8 GPUs/],
    ['no utilisation', instance([gpu([])]), /GPU-1 reports no utilisation/],
    [
      'one GPU of two is busy',
      instance([gpu(quiet(11)), gpu([...quiet(10), 40], { uuid: 'GPU-2' })]),
      /GPU-2 was at 40 % in the minute 2026-03-01T11:59/,
    ],
    [
      'a busy minute since then',
      instance([gpu([...quiet(5), 97.26, ...quiet(5)])]),
      /97\.3 % in the minute 2026-03-01T11:54/,
    ],
    ['exactly at the threshold', instance([gpu([...quiet(10), 5])]), /at 5 %/],
    [
      'busy right now, in a minute that is not over',
      instance([gpu(quiet(11), live(80))]),
      /GPU-1 was at 80 % at 2026-03-01T12:00:17/,
    ],
    [
      'silent for over two minutes',
      instance([gpu([...quiet(11), null, null])]),
      /last heard of at 2026-03-01T11:58:00.000Z, 140 s ago/,
    ],
    ['watched for too short a time', instance([gpu(quiet(6))]), /was not watched from 2026-03-01T11:50/],
    ['a hole of four minutes', instance([gpu([...quiet(7), null, null, null, null, 1])]), /was not watched/],
    ['a GPU that is gone', instance([gpu(quiet(11), { present: false })]), /GPU-1 was lost/],
    [
      'a part of a GPU in MIG mode that says nothing',
      instance([gpu([]), gpu([], { uuid: 'MIG', parentUuid: 'GPU-1' })]),
      /MIG reports no/,
    ],
  ])('is refused: %s', (_, reported, because) => {
    expect(whyNotStop(reported, asked, NOW_MS)).toMatch(because);
  });

  describe('and the processes on its GPUs', () => {
    const python = { device: 'GPU-1', pid: 7, name: 'python', startedAtMs: 0 };
    const judge = (processes: ReportedInstance['processes']) =>
      whyNotStop(instance([gpu(quiet(11))], { processes }), { ...asked, knownProcesses: [python] }, NOW_MS);

    it('lets those pass that the request knew of', () => {
      expect(judge({ atMs: NOW_MS - 60_000, list: [python] })).toBeNull();
    });
    it('names another one', () => {
      expect(judge({ atMs: NOW_MS, list: [python, { ...python, pid: 8 }] })).toMatch(
        /did not know of: 8 \(python\) on GPU-1\./,
      );
    });
    it('says when nobody can tell', () => {
      expect(judge(null)).toMatch(/cannot be ruled out/);
      expect(judge({ atMs: NOW_MS - 181_000, list: [] })).toMatch(/cannot be ruled out/);
    });
  });
});
