import { TRUE } from './hold.js';
import { emptyTriggers, isCool, triggerMinute } from './trigger.js';
import type { TriggerRule } from './trigger.js';

/** What a rule would have done on one instance, or did: `replayTriggers` and the live engine agree to the minute. */
export interface Replay {
  /** Unix minutes, ascending. */
  readonly triggers: readonly number[];
  /** How often the tree became true and nothing was triggered then, because the schedule was closed. */
  readonly outsideSchedule: number;
  /** The same, because the last trigger was too near. */
  readonly inCooldown: number;
}

export interface ReplayRule extends Omit<TriggerRule, 'isActive'> {
  /** One byte per minute of the history: 1 in schedule. null: always. */
  readonly schedule: Uint8Array | null;
  /** Newest trigger before the history, when there was one. */
  readonly lastTrigger?: number | undefined;
}

/**
 * The triggers of one tree over the past of one instance.
 *
 * @param truths one byte per minute, of HistoryEvaluator
 * @param firstMinute Unix minute of the first of them; begin `plan.lookbackMinutes` before `rule.startMinute`
 */
export function replayTriggers(truths: Uint8Array, firstMinute: number, minutes: number, rule: ReplayRule): Replay {
  const slots = emptyTriggers(1);
  if (rule.lastTrigger !== undefined) slots.lastTrigger[0] = rule.lastTrigger;
  const triggers: number[] = [];
  let outsideSchedule = 0;
  let inCooldown = 0;
  let wasTrue = false;
  for (let m = Math.max(0, rule.startMinute - firstMinute); m < minutes; m++) {
    let isTrue = truths[m] === TRUE;
    if (!isTrue && !wasTrue) {
      // nothing happens, and nothing changes, until it is true again
      const next = truths.indexOf(TRUE, m);
      if (next < 0 || next >= minutes) break;
      m = next;
      isTrue = true;
    }
    const minute = firstMinute + m;
    const inSchedule = rule.schedule === null || rule.schedule[m] === 1;
    const cool = isCool(slots, 0, minute, rule.cooldownMinutes);
    const triggered = triggerMinute(slots, 0, minute, isTrue, inSchedule, rule);
    if (triggered) triggers.push(minute);
    else if (isTrue && !wasTrue && !inSchedule) outsideSchedule++;
    else if (isTrue && !wasTrue && !cool) inCooldown++;
    wasTrue = isTrue;
  }
  return { triggers, outsideSchedule, inCooldown };
}
