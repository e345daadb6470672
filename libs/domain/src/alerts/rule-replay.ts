import { TRUE } from '../decisions/hold.js';
import { stepAlert } from './alert-state.js';
import type { AlertState } from './alert-state.js';

/** A time that a rule would have fired on one subject. Unix minutes, both included. */
export interface RuleEpisode {
  readonly fromMinute: number;
  /** The last minute before it was over; null: it still fires at the end of the history. */
  readonly toMinute: number | null;
  /** Whether it would have been told of: not within the cooldown since it was told of last. */
  readonly told: boolean;
}

/**
 * What a rule would have done on one subject, by the same truths and the same state machine as the live engine: it fires
 * when its condition holds, and is over when the recovery holds (and the condition does not). Nobody acknowledges, no
 * maintenance window holds anything back.
 *
 * @param fire truths of `firingLeaf`, a byte per minute, of HistoryEvaluator
 * @param recover those of `recoveryLeaf`
 * @param startMinute what is before only leads up to it: a condition that held already fires with the first minute
 */
export function replayAlertRule(
  fire: Uint8Array,
  recover: Uint8Array,
  history: { readonly firstMinute: number; readonly minutes: number; readonly startMinute: number },
  cooldownMinutes: number,
): RuleEpisode[] {
  const policy = { cooldownMinutes, escalation: [] };
  const episodes: { fromMinute: number; toMinute: number | null; told: boolean }[] = [];
  let state: AlertState | null = null;
  for (let m = Math.max(0, history.startMinute - history.firstMinute); m < history.minutes; m++) {
    const minute = history.firstMinute + m;
    const atMs = (minute + 1) * 60_000;
    const isOpen: boolean = state !== null && state.endedAtMs === null;
    if (!isOpen) {
      if (fire[m] !== TRUE) continue;
      const step = stepAlert(state, { kind: 'fire', atMs, heldBackUntilMs: null }, policy);
      state = step.state;
      episodes.push({ fromMinute: minute, toMinute: null, told: step.effects.length > 0 });
    } else if (fire[m] !== TRUE && recover[m] === TRUE) {
      state = stepAlert(state, { kind: 'end', atMs }, policy).state;
      episodes.at(-1)!.toMinute = minute - 1;
    } else if (state!.announceAtMs !== null && state!.announceAtMs <= atMs) {
      // the cooldown is over and it still fires
      const step = stepAlert(state, { kind: 'tick', atMs, heldBackUntilMs: null }, policy);
      state = step.state;
      if (step.effects.length > 0) episodes.at(-1)!.told = true;
    }
  }
  return episodes;
}
