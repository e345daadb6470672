import { METRIC_CATALOGUE } from '@flotilla/domain';
import { refuseTooMuch } from './metrics.queries.js';

const DAY = { originS: 0, toS: 86_400, stepS: 60 };
const gpus = (count: number, reported: readonly number[] | null = null) =>
  Array.from({ length: count }, () => ({ kind: 'gpu', reported }));
const some = (count: number) =>
  METRIC_CATALOGUE.filter((m) => m.of === 'gpu')
    .map((m) => m.id)
    .slice(0, count);
const ask =
  (devices: ReturnType<typeof gpus>, limit = 1_000) =>
  () =>
    refuseTooMuch(devices, METRIC_CATALOGUE, DAY, limit);

it('a day of everything that eight GPUs report is an answer', () => {
  // 8 × 46 × 1,000 = 368,000 points
  expect(ask([...gpus(8, some(46)), { kind: 'host', reported: null }])).not.toThrow();
});

it('what a GPU does not report is not counted, as long as it reports', () => {
  expect(ask(gpus(9, some(12)))).not.toThrow();
  // 9 × 61 metrics of the catalogue × 1,000
  expect(ask(gpus(9))).toThrow(/up to 549000 points/);
});

it('sixty-four MIG instances at once are too much, and fewer points of them are not', () => {
  expect(ask(gpus(64, some(12)))).toThrow(/Name fewer metrics/);
  expect(ask(gpus(64, some(12)), 600)).not.toThrow();
});
