import { unit } from '../simulation/random.js';
import { allocate } from './allocate.js';
import { compareDecimals, multiplyDecimals, sumDecimals } from './decimal.js';

describe('allocate', () => {
  it.each([
    ['evenly', '9', ['1', '1', '1'], ['3', '3', '3']],
    ['a dollar three ways: the odd unit goes to the first', '1', ['1', '1', '1'], ['0.333334', '0.333333', '0.333333']],
    ['by weight', '100', ['0.5', '0.3', '0.2'], ['50', '30', '20']],
    [
      'keeps the digits that came',
      '0.000000000000000003',
      ['1', '2'],
      ['0.000000000000000001', '0.000000000000000002'],
    ],
    ['a credit is a mirror image', '-1', ['1', '1', '1'], ['-0.333334', '-0.333333', '-0.333333']],
    ['nobody with weight zero gets anything', '7.5', ['0', '3'], ['0', '7.5']],
    ['zero', '0', ['1', '2'], ['0', '0']],
    ['a single one takes all', '12.34', ['17'], ['12.34']],
  ])('%s', (_, amount, weights, parts) => expect(allocate(amount, weights)).toEqual(parts));

  it('has nobody to give it to', () => {
    expect(allocate('5', [])).toBeNull();
    expect(allocate('5', ['0', '0.00'])).toBeNull();
    expect(() => allocate('5', ['1', '-1'])).toThrow(RangeError);
    expect(() => allocate('1e30', ['1'])).toThrow('1e30');
  });

  it('sums to the whole to the last digit, and no part is a smallest unit off its share, whatever the weights', () => {
    for (let trial = 0; trial < 300; trial++) {
      const weights = Array.from({ length: 1 + Math.floor(unit(1, trial) * 40) }, (_, i) =>
        (unit(2, trial, i) * 10 ** Math.floor(unit(3, trial, i) * 9)).toFixed(Math.floor(unit(4, trial, i) * 10)),
      );
      const amount = ((unit(5, trial) - 0.3) * 10 ** Math.floor(unit(6, trial) * 12)).toFixed(
        Math.floor(unit(7, trial) * 15),
      );
      const parts = allocate(amount, weights);
      if (parts === null) continue;
      expect(compareDecimals(sumDecimals(parts), amount)).toBe(0);
      const total = weights.reduce((sum, weight) => sum + Number(weight), 0);
      const off = parts.map((part, i) => {
        const share = (Number(amount) * Number(weights[i])) / total;
        return Math.abs(Number(part) - share) - Math.abs(share) * 1e-9;
      });
      expect(Math.max(...off)).toBeLessThanOrEqual(1e-6);
    }
  });
});

describe('decimals', () => {
  it('add, compare and multiply to the last digit', () => {
    expect(sumDecimals(['0.1', '0.2', '-0.05', '0.000000000000000003'])).toBe('0.250000000000000003');
    expect(sumDecimals([])).toBe('0');
    expect(compareDecimals('0.30', '0.3')).toBe(0);
    expect(compareDecimals('-1', '0.0')).toBe(-1);
    expect(compareDecimals('1000000000000000000000000000000', '999999999999999999999999999999.99')).toBe(1);
    expect(multiplyDecimals('0.8', '1234.55')).toBe('987.64');
  });
});
