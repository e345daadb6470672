import { z } from 'zod';
import { qList } from './query.js';

export const STREAM_EVENTS = ['metrics', 'instance', 'action', 'agent', 'event'] as const;
export type StreamEventName = (typeof STREAM_EVENTS)[number];

export const StreamQuery = z.strictObject({
  events: qList(z.enum(STREAM_EVENTS))
    .optional()
    .meta({ description: 'Only these events; all when left out', examples: [['instance', 'action']] }),
});
export type StreamQuery = z.infer<typeof StreamQuery>;
