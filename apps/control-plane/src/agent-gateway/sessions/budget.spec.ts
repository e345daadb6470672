import { InflightBudget } from './budget.js';

describe('what all streams together may hold', () => {
  it.each([
    [0, 4],
    [250, 4], // a quarter is still calm
    [251, 2],
    [500, 2],
    [501, 1],
    [2_000, 1],
  ])('with %i of 1000 bytes taken a stream may have %i batches in flight', (taken, window) => {
    const budget = new InflightBudget(1_000);
    budget.take(taken);
    expect(budget.window(4)).toBe(window);
  });

  it('wakes those that wait once when a quarter is free again', () => {
    const budget = new InflightBudget(1_000);
    let woken = 0;
    budget.take(1_000);
    expect(budget.isFull).toBe(true);
    budget.onRoom(() => (woken += 1));
    budget.give(200);
    expect(woken).toBe(0);
    budget.give(100);
    budget.give(100);
    expect(woken).toBe(1);
  });
});
