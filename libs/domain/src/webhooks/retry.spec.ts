import { isWebhookDead, WEBHOOK_ATTEMPTS, webhookPauseMs, webhookRetryMs } from './index.js';

const HOUR_MS = 3_600_000;

describe('attempts of a webhook', () => {
  it('go on for about a day, ever more slowly', () => {
    const waits = Array.from({ length: WEBHOOK_ATTEMPTS }, (_, i) => webhookRetryMs(i + 1, 0.5, null));
    expect(waits.at(-1)).toBeNull();
    const real = waits.slice(0, -1) as number[];
    // 5 + 30 + 120 + 600 + 1800 s + 1 + 2 + 4 + 8 + 8 h = 23.7 h
    expect(real.reduce((sum, one) => sum + one, 0)).toBe(2_555_000 + 23 * HOUR_MS);
    expect([...real].sort((a, b) => a - b)).toEqual(real);
  });

  it.each([
    [1, 0, null, 4_000],
    [1, 1, null, 6_000],
    [1, 0.5, 60_000, 60_000],
    [6, 0.5, 1_000, HOUR_MS],
  ])('after %d attempts, drawn %d, asked for %j: %d ms', (attempts, random, asked, wait) =>
    expect(webhookRetryMs(attempts, random, asked)).toBeCloseTo(wait, 3),
  );

  it('a receiver that fails rests', () => {
    expect([1, 2, 3, 4, 6, 50].map((failures) => webhookPauseMs(failures, 0.5, null))).toEqual([
      0, 0, 1_000, 2_000, 8_000, 300_000,
    ]);
    expect(webhookPauseMs(1, 0.5, 30_000)).toBe(30_000);
  });

  it.each([
    [19, 30, false],
    [20, 23.9, false],
    [20, 24, true],
  ])('%d failures in %d hours disable it: %s', (failures, hours, dead) =>
    expect(isWebhookDead(failures, hours * HOUR_MS)).toBe(dead),
  );
});
