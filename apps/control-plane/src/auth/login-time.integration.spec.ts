import { randomAddress, startTestApp } from '../../../../test/support/app.js';
import type { TestApp } from '../../../../test/support/app.js';

const CALLS = 40;
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
      // a busy machine can push one round apart; a hash that is missing pushes every round apart, by 20 ms and more
      let least = Number.POSITIVE_INFINITY;
      for (let round = 0; round < 3 && least >= LIMIT_MS; round++) {
        const differences: number[] = [];
        // in pairs that change places: what slows the machine down for a while slows both down
        for (let i = 0; i < CALLS; i++) {
          const first = await refused(i % 2 ? email : unknown);
          const second = await refused(i % 2 ? unknown : email);
          differences.push(i % 2 ? first - second : second - first);
        }
        least = Math.min(least, Math.abs(median(differences)));
      }
      expect([who, least < LIMIT_MS, least]).toEqual([who, true, least]);
    }
  }, 120_000);
});

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}
