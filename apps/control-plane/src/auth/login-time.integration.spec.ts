import { randomAddress, startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

const CALLS = 20;
const ROUNDS = 8;
const LIMIT_MS = 5;

describe('the time of a refused login', () => {
  let app: TestApp;
  beforeAll(async () => (app = await startTestApp()));
  afterAll(() => app?.close());

  const refused = async (email: string): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 20)); // what a refused login leaves behind (its record) has ended
    const started = performance.now();
    const { status } = await app.call('POST', '/api/auth/login', {
      body: { email, password: 'not the right password' },
      headers: { 'x-forwarded-for': randomAddress() },
    });
    expect(status).toBe(401);
    return performance.now() - started;
  };

  it('does not tell who exists', async () => {
    const known = await app.newUser('viewer');
    const disabled = await app.newUser('viewer');
    await app.db.system((tx) =>
      tx.rows(`UPDATE flotilla.users SET status = 'disabled' WHERE id = $1`, [disabled.userId]),
    );
    const unknown = 'nobody@example.com';
    for (const email of [known.email, disabled.email, unknown]) await refused(email); // warm up
    for (const [who, { email }] of Object.entries({ known, disabled })) {
      const times: Record<'theirs' | 'nobodys', number[]> = { theirs: [], nobodys: [] };
      let apart = Number.POSITIVE_INFINITY;
      for (let round = 0; round < ROUNDS && apart >= LIMIT_MS; round++) {
        // in pairs that change places: what slows the machine down for a while slows both down
        for (let i = 0; i < CALLS; i++) {
          for (const which of i % 2 ? (['theirs', 'nobodys'] as const) : (['nobodys', 'theirs'] as const)) {
            times[which].push(await refused(which === 'theirs' ? email : unknown));
          }
        }
        // a busy machine only ever adds: the quick fifth of the calls shows what the work itself takes,
        // and a hash that is missing takes 20 ms and more from every one of them
        apart = Math.abs(quickFifth(times.theirs) - quickFifth(times.nobodys));
      }
      expect([who, apart < LIMIT_MS, apart]).toEqual([who, true, apart]);
    }
  }, 120_000);
});

function quickFifth(times: readonly number[]): number {
  return [...times].sort((a, b) => a - b)[Math.floor(times.length / 5)]!;
}
