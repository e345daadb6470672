import { bulletPlaces } from './bullet-geometry';

const plain = { expected: null, projected: null, interval80: null, interval95: null, thresholds: [] };

describe('the places on a bullet bar', () => {
  it('puts everything on one scale that ends a little after the greatest value', () => {
    const places = bulletPlaces({
      ...plain,
      spent: 500,
      limit: 1_000,
      expected: 700,
      projected: 1_200,
      interval80: { low: 1_100, high: 1_300 },
      interval95: { low: 1_000, high: 1_600 },
      thresholds: [
        { percent: 80, forecast: false },
        { percent: 500, forecast: true },
      ],
    });
    const unit = 100 / (1_600 * 1.04);
    expect(places.spent).toBeCloseTo(500 * unit);
    expect(places.limit).toBeCloseTo(1_000 * unit);
    expect(places.expected).toBeCloseTo(700 * unit);
    expect(places.projected).toBeCloseTo(1_200 * unit);
    expect(places.band80![0]).toBeCloseTo(1_100 * unit);
    expect(places.band80![1]).toBeCloseTo(200 * unit);
    expect(places.band95![0] + places.band95![1]).toBeCloseTo(1_600 * unit);
    // one that is too far out is left out
    expect(places.thresholds.map(({ percent }) => percent)).toEqual([80]);
    expect(places.thresholds[0]!.at).toBeCloseTo(800 * unit);
  });

  it('shows a narrow interval as something that can be seen, and what is missing not at all', () => {
    const places = bulletPlaces({ ...plain, spent: 1, limit: 100, interval80: { low: 50, high: 50 } });
    expect(places.band80![1]).toBe(0.4);
    expect(places).toMatchObject({ band95: null, expected: null, projected: null, thresholds: [] });
  });

  it('holds a budget of zero, and credits', () => {
    expect(bulletPlaces({ ...plain, spent: 0, limit: 0 })).toMatchObject({ spent: 0, limit: 0 });
    expect(bulletPlaces({ ...plain, spent: -20, limit: 100 }).spent).toBe(0);
    const overNothing = bulletPlaces({ ...plain, spent: 10, limit: 0 });
    expect(overNothing.spent).toBeGreaterThan(90);
    expect(overNothing.limit).toBe(0);
  });
});
