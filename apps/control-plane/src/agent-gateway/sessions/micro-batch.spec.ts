import { MicroBatch } from './micro-batch.js';

describe('gathering requests', () => {
  it('answers many by one call, each its own', async () => {
    const calls: string[][] = [];
    const batch = new MicroBatch<string, string>(
      (r) => r,
      async (all) => {
        calls.push([...all]);
        return all.map((one) => one.toUpperCase());
      },
    );
    expect(await Promise.all(['a', 'b', 'c'].map((one) => batch.run(one)))).toEqual(['A', 'B', 'C']);
    expect(calls).toEqual([['a', 'b', 'c']]);
  });

  it('never puts two of one key into a call, keeps their order, and no call overlaps another', async () => {
    let running = 0;
    const seen: string[] = [];
    const batch = new MicroBatch<string, number>(
      (r) => r[0]!,
      async (all) => {
        expect((running += 1)).toBe(1);
        expect(new Set(all.map((one) => one[0])).size).toBe(all.length);
        await Promise.resolve();
        seen.push(...all);
        running -= 1;
        return all.map((_, index) => index);
      },
      2,
    );
    await Promise.all(['a1', 'a2', 'b1', 'c1', 'a3'].map((one) => batch.run(one)));
    expect(seen.filter((one) => one.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(seen.sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'c1']);
    expect(batch.isIdle).toBe(true);
  });

  it('fails those of a failed call only', async () => {
    let first = true;
    const batch = new MicroBatch<string, string>(
      (r) => r,
      async (all) => {
        if (first) {
          first = false;
          throw new Error('away');
        }
        return all;
      },
      1,
    );
    const [one, two] = await Promise.allSettled([batch.run('x'), batch.run('y')]);
    expect(one.status).toBe('rejected');
    expect(two).toEqual({ status: 'fulfilled', value: 'y' });
  });
});
