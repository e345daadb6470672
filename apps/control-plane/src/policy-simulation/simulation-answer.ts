import type { PolicySimulation } from '@flotilla/contracts';
import { AvoidedTime, avoidedBy } from '@flotilla/domain';
import type { LeafCondition, RunningTime, StopCandidate, SweepCell, WouldBeStop } from '@flotilla/domain';
import type { z } from 'zod';
import type { HistoryInstance } from '../decision-history/index.js';
import type { FoundTrigger } from './instance-simulation.js';

export type Answer = z.input<typeof PolicySimulation>;

const HOUR_MICROS = 3_600_000_000;
const MINUTE_MS = 60_000;
export const isoMinute = (minute: number) => new Date(minute * MINUTE_MS).toISOString();

/** Money and hours of time off, in wire names. */
export function toldTime(time: AvoidedTime) {
  return {
    avoidable: time.amounts(),
    priced_hours: hours(time.pricedMicros()),
    unpriced_hours: hours(time.unpriced),
    unsaved_hours: hours(time.unsaved),
    unknown_hours: hours(time.unknown),
  };
}

const hours = (micros: number) => Math.round((micros / HOUR_MICROS) * 1e6) / 1e6;

/** Right ÷ decided; null: nothing is decided. */
export function precisionOf(stops: number, falseStops: number, undecided: number): number | null {
  const decided = stops - undecided;
  return decided === 0 ? null : Math.round(((decided - falseStops) / decided) * 1e6) / 1e6;
}

export interface Outcomes {
  readonly stops: number;
  readonly falseStops: number;
  readonly undecided: number;
  readonly time: AvoidedTime;
}

export function outcomesOf(stops: readonly WouldBeStop[], running: (at: number) => RunningTime): Outcomes {
  const time = new AvoidedTime();
  stops.forEach((stop, at) => time.add(avoidedBy(stop, running(at))));
  return {
    stops: stops.length,
    falseStops: stops.filter(({ outcome }) => outcome === 'false_stop').length,
    undecided: stops.filter(({ outcome }) => outcome === 'undecided').length,
    time,
  };
}

export function toldTrigger(instance: HistoryInstance, trigger: FoundTrigger, leaves: readonly LeafCondition[]) {
  return {
    timestamp: isoMinute(trigger.minute),
    instance_id: instance.providerId,
    conditions_met: leaves.map((leaf, at) => ({
      metric: leaf.metric,
      operator: leaf.operator,
      threshold: leaf.threshold,
      duration: Math.max(1, Math.ceil(leaf.durationMinutes ?? 1)),
      value: trigger.values[at] ?? null,
    })),
  };
}

export function toldEpisode({ stop }: StopCandidate, instance: HistoryInstance, running: RunningTime) {
  return {
    instance_id: instance.providerId,
    instance_number: instance.id,
    name: instance.label,
    stopped_at: isoMinute(stop.triggerMinute + 1),
    off_until: isoMinute(stop.offUntil),
    busy_again_at: stop.busyAt === null ? null : isoMinute(stop.busyAt),
    outcome: stop.outcome,
    ...toldTime(avoidedBy(stop, running)),
  };
}

export function toldCell(cell: SweepCell) {
  return {
    threshold: cell.threshold,
    duration: cell.durationMinutes,
    triggers: cell.triggers,
    stops: cell.stops,
    false_stops: cell.falseStops,
    undecided_stops: cell.undecided,
    precision: precisionOf(cell.stops, cell.falseStops, cell.undecided),
    ...toldTime(cell.avoided),
    avoidable_of_false_stops: cell.avoidedByFalse.amounts(),
  };
}
