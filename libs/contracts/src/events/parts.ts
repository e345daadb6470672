import { z } from 'zod';

/** One entry of the catalogue of events. */
export interface EventKind<Data extends z.ZodType = z.ZodType> {
  /** What happened, in one sentence. */
  readonly sentence: string;
  /** What `data` holds; fields may be added, and none is taken away. */
  readonly data: Data;
  /** What kind of thing the event is about. */
  readonly subject: string;
}

export const kind = <Data extends z.ZodType>(subject: string, sentence: string, data: Data): EventKind<Data> => ({
  subject,
  sentence,
  data,
});

export const id = (description: string) => z.int().meta({ description, examples: [1] });
export const text = (description: string, example: string) => z.string().meta({ description, examples: [example] });
export const orNull = <Type extends z.ZodType>(type: Type) => type.nullable();
export const severity = z.enum(['low', 'medium', 'high', 'critical']).meta({ examples: ['high'] });
/** Decimal text keeps every digit. */
export const money = (description: string) => z.union([z.number(), z.string()]).meta({ description, examples: [12.5] });
export const numbers = (description: string) =>
  z.record(z.string(), z.unknown()).meta({ description, examples: [{ gpu_utilization: 2.1, minutes: 45 }] });

/** The instance that an event is about. */
export const instance = {
  instance_id: id('The number of the instance'),
  provider_id: text('The id that its provider gave it', 'i-0abc123def4567890'),
};
