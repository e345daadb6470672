import { setImmediate } from 'node:timers/promises';
import { ahead } from './ahead.js';

async function* counted(to: number, made: number[], failAt = Infinity): AsyncGenerator<number> {
  try {
    for (let n = 1; n <= to; n++) {
      await setImmediate();
      if (n === failAt) throw new Error(`no ${n}`);
      made.push(n);
      yield n;
    }
  } finally {
    made.push(-1);
  }
}

/** Enough turns for everything that does not wait for us. */
const turns = async () => {
  for (let n = 0; n < 50; n++) await setImmediate();
};

describe('reading ahead', () => {
  it('hands on everything in its order', async () => {
    const got: number[] = [];
    for await (const n of ahead(counted(100, []), 3)) got.push(n);
    expect(got).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  });

  it('makes so many while its reader is busy, and no more', async () => {
    const made: number[] = [];
    const items = ahead(counted(100, made), 3);
    expect((await items.next()).value).toBe(1);
    await turns();
    // one is with the reader, three are ready
    expect(made).toEqual([1, 2, 3, 4]);
    expect((await items.next()).value).toBe(2);
    await turns();
    expect(made).toEqual([1, 2, 3, 4, 5]);
    await items.return(undefined);
  });

  it('fails in its place', async () => {
    const items = ahead(counted(100, [], 3), 8);
    const got: (number | undefined)[] = [(await items.next()).value];
    await turns();
    got.push((await items.next()).value);
    await expect(items.next()).rejects.toThrow('no 3');
    expect(got).toEqual([1, 2]);
  });

  it('ends the source when its reader stops', async () => {
    const made: number[] = [];
    for await (const n of ahead(counted(100, made), 3)) if (n === 2) break;
    expect(made.at(-1)).toBe(-1);
    expect(made.length).toBeLessThan(10);
  });
});
