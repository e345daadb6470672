import { FALSE_STOP_MINUTES } from './afterwards.js';
import type { Afterwards, StopOutcome } from './afterwards.js';
import { AvoidedTime } from './priced-time.js';
import type { RunningTime } from './priced-time.js';

/** A stop that a trigger would have led to. Minutes are Unix minutes. */
export interface WouldBeStop {
  /** The minute of data that triggered; the machine would have been off from the next one on. */
  readonly triggerMinute: number;
  /** Until it was busy again, was started by somebody, or nothing is known of it any more: half open. */
  readonly offUntil: number;
  /** null: not busy again in the time looked at. */
  readonly busyAt: number | null;
  readonly outcome: StopOutcome;
}

/** What a stop after a trigger would have meant, by what happened in truth. */
export function wouldBeStop(triggerMinute: number, after: Afterwards, running: RunningTime): WouldBeStop {
  const stopMinute = triggerMinute + 1;
  const busyAt = after.busyFrom(stopMinute);
  const offUntil = Math.max(stopMinute, Math.min(busyAt, running.startAfter(stopMinute), after.knownUntil));
  return {
    triggerMinute,
    offUntil,
    busyAt: busyAt === Infinity ? null : busyAt,
    outcome: after.outcome(
      stopMinute,
      FALSE_STOP_MINUTES - running.offMinutes(stopMinute, stopMinute + FALSE_STOP_MINUTES),
    ),
  };
}

/** The time that a stop would have avoided. */
export function avoidedBy(stop: WouldBeStop, running: RunningTime): AvoidedTime {
  const time = new AvoidedTime();
  running.avoided(stop.triggerMinute + 1, stop.offUntil, time);
  return time;
}

/**
 * Of the triggers of one instance those that would have stopped it: while it is off, it cannot be stopped again.
 *
 * @param triggers ascending
 * @param allows whether the stop would have been carried out at all (gate, caps); asked only where the machine would be on
 */
export function stopsOf(
  triggers: readonly number[],
  after: Afterwards,
  running: RunningTime,
  allows: (triggerMinute: number) => boolean = () => true,
): WouldBeStop[] {
  const stops: WouldBeStop[] = [];
  let offUntil = -1;
  for (const minute of triggers) {
    if (minute < offUntil || !allows(minute)) continue;
    const stop = wouldBeStop(minute, after, running);
    stops.push(stop);
    offUntil = stop.offUntil;
  }
  return stops;
}
