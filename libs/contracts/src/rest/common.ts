import { z } from 'zod';

/** What may call a route, least first; each also does what the ones before it do. */
export const ROLES = ['viewer', 'operator', 'admin', 'owner'] as const;
export const Role = z
  .enum(ROLES)
  .meta({ description: 'viewer reads; operator acts; admin configures; owner also bills' });
export type Role = z.infer<typeof Role>;

/** What an API key may be limited to. */
export const SCOPES = ['agent', 'read', 'operate', 'admin', 'mcp'] as const;
export const Scope = z.enum(SCOPES);
export type Scope = z.infer<typeof Scope>;

const isoText = (value: unknown) => (value instanceof Date ? value.toISOString() : value);
const numberFromText = (value: unknown) =>
  typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;

/** A moment in an answer: ISO 8601 UTC with milliseconds. Takes a Date from the database. */
export const Timestamp = z
  .preprocess(isoText, z.iso.datetime())
  .meta({ description: 'ISO 8601 UTC with milliseconds', examples: ['2026-11-22T10:15:30.000Z'] });

/** An amount of money in an answer: a JSON number. Takes NUMERIC's text from the database. */
export const Money = z
  .preprocess(numberFromText, z.number())
  .meta({ description: 'Amount in `currency`', examples: [12.5] });

/** ISO 4217. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/)
  .meta({ description: 'ISO 4217 currency code', examples: ['USD'] });

/** The codes of every error, with the HTTP status that each one travels under. */
export const ERROR_STATUS = {
  VALIDATION_ERROR: 400,
  AUTH_ERROR: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  CONFLICT: 409,
  PAYLOAD_TOO_LARGE: 413,
  RATE_LIMIT: 429,
  INTERNAL_ERROR: 500,
  UPSTREAM_ERROR: 502,
  SERVICE_UNAVAILABLE: 503,
} as const;
export type ErrorCode = keyof typeof ERROR_STATUS;

export const ErrorBody = z
  .object({
    success: z.literal(false),
    error: z.string().meta({
      description: 'What went wrong, why, and what mends it, for a person',
      examples: ['limit must be a whole number between 1 and 200'],
    }),
    code: z.enum(Object.keys(ERROR_STATUS) as [ErrorCode, ...ErrorCode[]]),
    details: z
      .record(z.string(), z.unknown())
      .optional()
      .meta({
        description: 'Which field, the value that came, what was expected; further issues under `issues`',
        examples: [{ field: 'limit', value: '1e9', expected: 'a whole number between 1 and 200' }],
      }),
    request_id: z.string().meta({ description: 'Also in X-Request-Id', examples: ['req_k3v9x2m4q8'] }),
    timestamp: z.iso.datetime().meta({ examples: ['2026-11-22T10:15:30.000Z'] }),
  })
  .meta({ id: 'Error', description: 'Every error has this shape' });
export type ErrorBody = z.infer<typeof ErrorBody>;

export const Pagination = z
  .object({
    limit: z.int().meta({ description: 'Items per page that was asked for', examples: [50] }),
    page: z
      .int()
      .nullable()
      .meta({ description: 'Page number; null when a cursor was followed', examples: [1] }),
    total: z
      .int()
      .nullable()
      .meta({ description: 'All items that match; null where counting would cost too much', examples: [1] }),
    total_pages: z
      .int()
      .nullable()
      .meta({ description: 'null when total is', examples: [1] }),
    next_cursor: z
      .string()
      .nullable()
      .meta({ description: 'Opaque; pass as cursor. null on the last page', examples: [null] }),
    has_more: z.boolean().meta({ examples: [false] }),
  })
  .meta({ id: 'Pagination' });
