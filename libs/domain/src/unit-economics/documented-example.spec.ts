import { breakEven, ownModelCost, usefulGpuHours } from './index.js';

/** The numbers of docs/unit-economics.md. */
it('comes to what the documented example says', () => {
  const hours = usefulGpuHours([
    { costs: ['48'], days: [{ held: 24, busy: 10, idle: 5, useful: 6, bySmActivity: 15 }] },
  ]);
  expect(hours).toMatchObject({
    unknown: 9,
    coverage: 0.625,
    usefulShare: 0.4,
    costPerGpuHour: '2',
    costPerUsefulGpuHour: '5',
    usefulCost: '12',
    wasteCost: '18',
    idleCost: '10',
    unknownCost: '18',
  });
  const tokens = { input: '6000000', cached: '10000000', output: '1000000' };
  const weights = { input: '1', cached: '0.1', output: '4' };
  const model = ownModelCost(
    [{ cost: hours.cost, usefulShare: hours.usefulShare, tokens, allTokens: tokens }],
    weights,
  );
  expect(model.allocated?.perMillion).toMatchObject({ input: '4.363636363636', output: '17.454545454545' });
  expect(model.used?.perMillion.input).toBe('1.745454545455');
  expect(breakEven('48', '30', tokens, 24, hours.usefulShare)?.utilisation).toBe(0.64);
});
