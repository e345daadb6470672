import type { Clock } from '../clock.js';

const LOOK_EVERY_MS = 25;

/**
 * Lets the session send what the agent still has before it ends: the minutes that its stop closed, the result of an
 * action that just ended. What is not acknowledged in time is kept and sent after the next start.
 */
export async function lastWords(
  session: { readonly isDone: boolean; tick(): void },
  clock: Clock,
  withinMs: number,
): Promise<void> {
  const deadline = clock.monotonicMs() + withinMs;
  while (!session.isDone && clock.monotonicMs() < deadline) {
    session.tick();
    await new Promise<void>((resolve) => void clock.after(LOOK_EVERY_MS, resolve));
  }
}
