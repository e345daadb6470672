import type { ActionOutcome } from '@flotilla/domain';
import type { Clock } from '../clock.js';
import { planOf } from './carry-out.js';
import type { Deed } from './carry-out.js';
import { observe } from './verify.js';

/** Pauses between looks: soon at first, then every ten minutes. */
const PAUSES_MS = [15_000, 30_000, 60_000, 120_000, 300_000, 600_000] as const;
/** After this long without its effect, an act is taken not to have worked. */
const FAILED_AFTER_MS = 15 * 60_000;
/** Nobody waits longer than this; the outcome stays `unknown`. */
const GIVE_UP_MS = 24 * 3_600_000;

export interface SecondLook {
  /** Somebody else ended it, or acted on the same thing since. */
  readonly isOver: () => boolean;
  readonly found: (outcome: ActionOutcome) => void;
}

/** Looks from time to time at what an action of unknown outcome was to bring about, and says once what it sees. */
export function lookAgainLater(deed: Deed, clock: Clock, nowMs: () => number, { isOver, found }: SecondLook): void {
  const { state } = deed;
  const beganAtMs = state.startingAtMs ?? state.acceptedAtMs;
  const next = (round: number) => {
    const pauseMs = PAUSES_MS[Math.min(round, PAUSES_MS.length - 1)] as number;
    clock.after(pauseMs, () => void look(round).catch(() => next(round + 1)));
  };
  const look = async (round: number) => {
    const ageMs = nowMs() - beganAtMs;
    if (isOver() || ageMs > GIVE_UP_MS) return;
    const plan = await planOf(deed);
    if ('refused' in plan) return next(round + 1);
    const seen = await observe(deed, plan);
    if (isOver()) return;
    const minutes = Math.max(1, Math.round(ageMs / 60_000));
    const base = { ...state.outcome, ...blank, startedAtMs: beganAtMs, finishedAtMs: nowMs() };
    if (seen.state === plan.desired) {
      const message = `${plan.what}: ${plan.desired} (${seen.detail}), seen ${minutes} min after it began`;
      return found({ ...base, outcome: 'succeeded', message, observedState: seen.state });
    }
    if (seen.state !== 'unverified' && !seen.onItsWay && ageMs >= FAILED_AFTER_MS) {
      const message = `${plan.what}: still ${seen.state} (${seen.detail}) ${minutes} min after it began`;
      return found({ ...base, outcome: 'failed', message, observedState: seen.state });
    }
    next(round + 1);
  };
  next(0);
}

const blank = { exitCode: null, output: '', outputTruncated: false };
