import { Gate } from './gate.js';

describe('the gate', () => {
  it('lets so many through at once, in order, and goes on after a failure', async () => {
    const gate = new Gate(2);
    let running = 0;
    let most = 0;
    const order: number[] = [];
    const work = (n: number) => async () => {
      most = Math.max(most, (running += 1));
      order.push(n);
      await new Promise((resolve) => setImmediate(resolve));
      running -= 1;
      if (n === 1) throw new Error('one fails');
      return n;
    };
    const outcomes = await Promise.allSettled([0, 1, 2, 3, 4].map((n) => gate.run(work(n))));
    expect(outcomes.map((one) => one.status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
    expect(order).toEqual([0, 1, 2, 3, 4]);
    expect(most).toBe(2);
    expect(await gate.run(work(9))).toBe(9);
  });
});
