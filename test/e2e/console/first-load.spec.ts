import { describeInBrowser, openConsole } from './support.js';
import type { ConsoleStage } from './support.js';

/** Bytes on the wire until the fleet stands there. */
const MOST = 250_000;

describeInBrowser('the first load', () => {
  let stage: ConsoleStage;
  beforeAll(async () => {
    stage = await openConsole('viewer');
  });
  afterAll(() => stage?.close());

  it(`takes at most ${MOST / 1000} kB of scripts and styles, packed, also with the login before`, async () => {
    await stage.visit('/');
    const loaded = await stage.page.evaluate<{ name: string; packed: number; whole: number }[]>(
      `performance.getEntriesByType('resource')
        .filter(({ name }) => /\\.(js|css)$/.test(new URL(name).pathname))
        .map(({ name, encodedBodySize, decodedBodySize }) => ({ name, packed: encodedBodySize, whole: decodedBodySize }))`,
    );
    const sum = (of: 'packed' | 'whole') => loaded.reduce((all, one) => all + one[of], 0);
    expect(loaded.filter(({ packed }) => packed === 0)).toEqual([]);
    expect(sum('packed')).toBeLessThan(MOST);
    // packed indeed, and not merely small
    expect(sum('whole')).toBeGreaterThan(2 * sum('packed'));
  });
});
