import { z } from 'zod';
import { Pagination } from '@flotilla/contracts';
import type { Page } from './page.js';

/** What a route answers. `Result` is what its handler returns. */
export interface ResponseSpec<Result> {
  readonly kind: 'one' | 'list' | 'raw';
  readonly contentType: string;
  /** The whole answer as it goes over the wire, for the documentation. Absent for bytes of no described shape. */
  readonly wire: z.ZodType | undefined;
  /** Turns what the handler returned into what goes over the wire; throws when it does not fit the schema. */
  readonly toWire: (result: Result) => unknown;
}

interface ResponseOptions {
  /**
   * false skips the check of the answer: only for large chart answers that a test validates instead. The answer is then
   * sent as the handler made it, with no field removed.
   */
  readonly validate?: boolean;
}

/** One thing: `{"success": true, "data": …}`. The handler returns the data. */
export function one<Schema extends z.ZodType>(
  schema: Schema,
  options: ResponseOptions = {},
): ResponseSpec<z.input<Schema>> {
  const validated = options.validate !== false;
  return {
    kind: 'one',
    contentType: 'application/json',
    wire: z.object({ success: z.literal(true), data: schema }),
    toWire: (result) => ({ success: true, data: validated ? checked(schema, result) : result }),
  };
}

/** A list: `{"success": true, "data": […], "count", "pagination", "summary"?}`. The handler returns a Page. */
export function list<Item extends z.ZodType, Summary extends z.ZodType = z.ZodUndefined>(
  item: Item,
  options: ResponseOptions & { readonly summary?: Summary } = {},
): ResponseSpec<Page<z.input<Item>>> {
  const items = z.array(item);
  const validated = options.validate !== false;
  const summary = options.summary;
  return {
    kind: 'list',
    contentType: 'application/json',
    wire: z.object({
      success: z.literal(true),
      data: items,
      count: z.int().meta({ description: 'Items on this page', examples: [1] }),
      pagination: Pagination,
      ...(summary && { summary }),
    }),
    toWire: (page) => ({
      success: true,
      data: validated ? checked(items, page.items) : page.items,
      count: page.items.length,
      pagination: {
        limit: page.limit,
        page: page.page,
        total: page.total,
        total_pages: page.total === null ? null : Math.ceil(page.total / page.limit),
        next_cursor: page.nextCursor,
        has_more: page.hasMore,
      },
      ...(summary && { summary: validated ? checked(summary, page.summary) : page.summary }),
    }),
  };
}

/** Not in the envelope: health, files, event streams, another party's protocol. The handler's result is sent as it is. */
export function raw(contentType: string, schema?: z.ZodType): ResponseSpec<unknown> {
  return {
    kind: 'raw',
    contentType,
    wire: schema,
    toWire: (result) => (schema && result !== undefined ? checked(schema, result) : result),
  };
}

/** An answer that does not fit its own contract: a bug of the handler, never shown to the caller. */
export class ResponseContractError extends Error {}

function checked(schema: z.ZodType, value: unknown): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 10)
    .map((issue) => `${issue.path.map(String).join('.')}: ${issue.message}`);
  throw new ResponseContractError(`the answer does not fit its schema: ${issues.join('; ')}`);
}
