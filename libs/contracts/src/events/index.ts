import type { z } from 'zod';
import { DECISION_EVENTS } from './decision-events.js';
import { FLEET_EVENTS } from './fleet-events.js';
import { HOUSE_EVENTS } from './house-events.js';

export type { EventKind } from './parts.js';

/** Every type of event, with its sentence and the shape of its data. GET /events/types shows it. */
export const EVENT_KINDS = { ...FLEET_EVENTS, ...DECISION_EVENTS, ...HOUSE_EVENTS } as const;

export type EventType = keyof typeof EVENT_KINDS;
export const EVENT_TYPES = Object.keys(EVENT_KINDS).sort() as [EventType, ...EventType[]];

/** What `data` of an event holds. */
export type EventData<Type extends EventType> = z.input<(typeof EVENT_KINDS)[Type]['data']>;

/** Whether one of the patterns (`*`, `alert.*`, `alert.triggered`) takes this type. */
export function matchesEventType(patterns: readonly string[], type: string): boolean {
  return patterns.some((pattern) => (pattern.endsWith('*') ? type.startsWith(pattern.slice(0, -1)) : pattern === type));
}
