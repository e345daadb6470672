import { NEVER } from './hold.js';

/** When a rule or policy may act on an instance whose tree is true. */
export interface TriggerRule {
  /** Minutes after a trigger in which there is no other one for the same instance. 0: once until the tree was not true. */
  readonly cooldownMinutes: number;
  /** From this Unix minute on: when it was made, enabled or changed last. */
  readonly startMinute: number;
  /** Whether its schedule lets it act in a minute; null: always. */
  readonly isActive: ((minute: number) => boolean) | null;
}

/** One slot per instance of one rule. */
export interface TriggerSlots {
  /** Minute of the newest trigger: this is stored, it cannot be derived. */
  readonly lastTrigger: Int32Array;
  /** 1: it was ready (true, in schedule, cooled down) at the minute before. */
  readonly wasReady: Uint8Array;
}

export const emptyTriggers = (slots: number): TriggerSlots => ({
  lastTrigger: new Int32Array(slots).fill(NEVER),
  wasReady: new Uint8Array(slots),
});

/**
 * Whether a minute triggers: the rising edge of "tree true, in schedule, cooled down, not before its start".
 *
 * So a tree that is true when the schedule opens triggers then, and one that stays true triggers again after each cooldown;
 * without a cooldown it triggers once. Everything but `lastTrigger` follows from this minute and the one before.
 */
export function triggerMinute(
  slots: TriggerSlots,
  slot: number,
  minute: number,
  isTrue: boolean,
  isInSchedule: boolean,
  rule: Pick<TriggerRule, 'cooldownMinutes' | 'startMinute'>,
): boolean {
  const ready =
    isTrue && isInSchedule && minute >= rule.startMinute && isCool(slots, slot, minute, rule.cooldownMinutes);
  const triggers = ready && slots.wasReady[slot] === 0;
  // within the cooldown that this trigger begins it is not ready: what comes after it is a new edge
  slots.wasReady[slot] = ready ? 1 : 0;
  if (triggers) slots.lastTrigger[slot] = minute;
  return triggers;
}

/** Whether the cooldown after the newest trigger is over. */
export function isCool(slots: TriggerSlots, slot: number, minute: number, cooldownMinutes: number): boolean {
  const last = slots.lastTrigger[slot]!;
  return last === NEVER || minute - last >= cooldownMinutes;
}

/**
 * Makes a slot ready for the minute after `minute` from what is stored and what the data says of `minute`: what a restart or
 * another replica does instead of `triggerMinute`. `lastTrigger` of the slot is set before.
 */
export function resumeTrigger(
  slots: TriggerSlots,
  slot: number,
  minute: number,
  isTrue: boolean,
  isInSchedule: boolean,
  rule: Pick<TriggerRule, 'cooldownMinutes' | 'startMinute'>,
): void {
  const ready =
    isTrue && isInSchedule && minute >= rule.startMinute && isCool(slots, slot, minute, rule.cooldownMinutes);
  slots.wasReady[slot] = ready || slots.lastTrigger[slot] === minute ? 1 : 0;
}
