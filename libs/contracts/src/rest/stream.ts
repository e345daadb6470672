import { z } from 'zod';
import { EventPattern } from './events.js';
import { qList } from './query.js';

export const STREAM_EVENTS = ['metrics', 'instance', 'action', 'alert', 'agent', 'event', 'log'] as const;
export type StreamEventName = (typeof STREAM_EVENTS)[number];

export const StreamQuery = z.strictObject({
  events: qList(z.enum(STREAM_EVENTS))
    .optional()
    .meta({ description: 'Only these events; all when left out', examples: [['instance', 'log']] }),
  types: qList(EventPattern)
    .optional()
    .meta({ description: 'Of `log` only these types; all when left out', examples: [['alert.*', 'budget.*']] }),
});
export type StreamQuery = z.infer<typeof StreamQuery>;
