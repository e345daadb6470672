import fc from 'fast-check';
import { floatBelow } from './float-below.js';

describe('floatBelow', () => {
  it.each([
    [5, 4.999999523162842],
    [0.1, 0.09999999403953552],
    [0, -1.401298464324817e-45],
  ])('below %d is %d', (threshold, expected) => expect(floatBelow(threshold)).toBe(expected));

  it('parts float32 readings exactly as "less than" does', () => {
    fc.assert(
      fc.property(
        fc.float({ min: -10, max: 200, noNaN: true }),
        fc.double({ min: -10, max: 200, noNaN: true }),
        (reading, threshold) => {
          expect(reading <= floatBelow(threshold)).toBe(reading < threshold);
          expect(reading <= floatBelow(reading)).toBe(false);
        },
      ),
    );
  });
});
