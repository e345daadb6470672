import { Throttle } from './throttle.js';
import { cleanText } from '../grpc/text.js';

describe('the throttle', () => {
  it('lets a burst through, then a steady rate, for each address apart', () => {
    let now = 0;
    const throttle = new Throttle(2, 60, () => now);
    expect([throttle.take('a'), throttle.take('a'), throttle.take('a')]).toEqual([0, 0, 1_000]); // one a second
    expect(throttle.take('b')).toBe(0);
    now = 500;
    expect(throttle.take('a')).toBe(500);
    now = 1_000;
    expect(throttle.take('a')).toBe(0);
  });

  it('remembers a bounded number of addresses', () => {
    const throttle = new Throttle(1, 1, () => 0, 2);
    for (const address of ['a', 'b', 'c']) throttle.take(address);
    expect(throttle.take('c')).toBeGreaterThan(0);
    expect(throttle.take('a')).toBe(0);
  });
});

describe('what hosts say about themselves', () => {
  it.each([
    ['gpu-7', 'gpu-7'],
    ['\u001b[31mred\u0000\n', '[31mred'],
    ['right\u202eleft', 'rightleft'],
    [' \t ', null],
    ['abcdefghij-too-long', 'abcdefghij'],
    ['123456789😀', '123456789'], // cut within a pair: the half is left out
  ])('%j becomes %j', (given, expected) => {
    expect(cleanText(given, 10)).toBe(expected);
  });
});
