import { labelled, roundStep, scaleOf, stacked } from './scale';

describe('an axis', () => {
  it.each([
    ['round numbers above the greatest', [3, 47], [0, 20, 40, 60]],
    ['below 0 where a credit is', [-30, 90], [-50, 0, 50, 100]],
    ['small amounts', [0.07], [0, 0.02, 0.04, 0.06, 0.08]],
    ['nothing at all', [], [0, 0.25, 0.5, 0.75, 1]],
    ['credits alone', [-4], [-4, -3, -2, -1, 0]],
    ['the greatest as it is where that is round', [100], [0, 25, 50, 75, 100]],
  ])('has %s', (_, values, ticks) => {
    const scale = scaleOf(values);
    expect(scale.ticks.map((tick) => tick + 0)).toEqual(ticks);
    expect(values.every((value) => scale.at(value) >= 0 && scale.at(value) <= 1)).toBe(true);
  });

  it('takes round steps only', () => {
    expect([0.9, 1, 1.1, 2.4, 3, 7, 40].map(roundStep)).toEqual([1, 1, 2, 2.5, 5, 10, 50]);
  });
});

it('labels no more places than there is room for', () => {
  expect(labelled(30, 10)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27]);
  expect(labelled(5, 10)).toEqual([0, 1, 2, 3, 4]);
  expect(labelled(3, 0)).toEqual([0]);
  expect(labelled(0, 5)).toEqual([]);
});

it('stacks charges upwards and credits downwards', () => {
  const spans = stacked([
    [10, 5],
    [-3, null],
    [2, -1],
  ]);
  expect(spans).toEqual([
    [
      { index: 0, from: 0, to: 10 },
      { index: 1, from: 0, to: -3 },
      { index: 2, from: 10, to: 12 },
    ],
    [
      { index: 0, from: 0, to: 5 },
      { index: 2, from: 0, to: -1 },
    ],
  ]);
});
