import { z } from 'zod';

/**
 * Helpers for query and path parameters, which arrive as text.
 *
 * zod's own coercion is not used: it turns `?limit=` into 0 and `"false"` into true. Put `.default()` and `.optional()`
 * outside: `qInt(1, 200).default(50)`.
 */
const wholeNumber = (value: unknown) =>
  typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
const decimalNumber = (value: unknown) =>
  typeof value === 'string' && /^-?\d{1,15}(\.\d{1,15})?$/.test(value) ? Number(value) : value;
const trueOrFalse = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value);
const commaSeparated = (value: unknown) =>
  (Array.isArray(value) ? value : [value]).flatMap((part: unknown) =>
    typeof part === 'string' ? part.split(',') : [part],
  );

/** A whole number between `min` and `max`, both included. */
export const qInt = (min: number, max: number) => z.preprocess(wholeNumber, z.int().min(min).max(max));

/** A decimal number between `min` and `max`, both included. */
export const qNumber = (min: number, max: number) => z.preprocess(decimalNumber, z.number().min(min).max(max));

/** `true` or `false`, spelled so. */
export const qBool = () => z.preprocess(trueOrFalse, z.boolean());

/** `a,b,c` (or the parameter several times), each validated by `item`; at most `most` values. */
export const qList = <Item extends z.ZodType>(item: Item, most = 100) =>
  z.preprocess(commaSeparated, z.array(item).min(1).max(most));

/** The parameter once or several times, each value exactly as it stands: for names, which may hold commas. */
export const qMany = <Item extends z.ZodType>(item: Item, most = 100) =>
  z.preprocess((value: unknown) => [value].flat(), z.array(item).min(1).max(most));

/**
 * A moment: ISO 8601 with an offset (`2026-11-22T10:00:00Z`), a UTC day (`2026-11-22`: its first millisecond), or Unix
 * seconds. The handler gets a Date.
 */
export const qTime = () =>
  z
    .union([
      z.iso.datetime({ offset: true }),
      z.iso.date(),
      z.string().regex(/^\d{9,11}$/, 'expected ISO 8601 with an offset, a day, or Unix seconds'),
      z.number().min(1e8).max(1e11),
    ])
    .transform(
      (value) => new Date(typeof value === 'number' || /^\d{9,11}$/.test(value) ? Number(value) * 1000 : value),
    );

/** An integer id in a path or query. */
export const Id = qInt(1, Number.MAX_SAFE_INTEGER).meta({ description: 'The numeric id', examples: [1] });

/** A UUID in a path. */
export const UuidId = z.uuid().meta({ description: 'The id', examples: ['0199f1a2-7c3e-7a51-9d0b-6c1f2e3d4a5b'] });

/** Optional in a change: what was changed by somebody else since it was read is refused. */
export const unchangedSince = (what: string) =>
  z.iso
    .datetime({ offset: true })
    .optional()
    .meta({
      description: `\`${what}\` as it was read: 409 where somebody changed it since. Left out: the last change wins`,
      examples: ['2026-11-22T10:00:00.000Z'],
    });

/** `page`, `limit`, `cursor` of a list, with the default and greatest page size of this list. */
export const pageQueryOf = (defaultLimit: number, greatestLimit: number) => ({
  page: qInt(1, 1_000_000)
    .optional()
    .meta({ description: 'Page number from 1; not together with cursor', examples: [1] }),
  limit: qInt(1, greatestLimit)
    .default(defaultLimit)
    .meta({ description: `Items per page, at most ${greatestLimit}`, examples: [defaultLimit] }),
  cursor: z
    .string()
    .min(1)
    .max(2000)
    .optional()
    .meta({ description: 'next_cursor of the page before; survives inserts' }),
});

/** The fields of every list's query: spread them into the list's `z.strictObject({ ...pageQuery, state: … })`. */
export const pageQuery = pageQueryOf(50, 200);
