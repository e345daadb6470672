import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { TenantRef } from '@flotilla/persistence';
import { AppError } from '../errors/app-error.js';

/** What a list handler returns; the platform makes the envelope of it. */
export interface Page<T> {
  readonly items: readonly T[];
  /** All that match; null where counting would cost too much. */
  readonly total: number | null;
  /** null when a cursor was followed. */
  readonly page: number | null;
  readonly limit: number;
  readonly nextCursor: string | null;
  readonly hasMore: boolean;
  readonly summary?: unknown;
}

interface PageQuery {
  readonly page?: number | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/**
 * A place in a list, as opaque text. Carries a checksum over tenant and list, so that a cursor of another tenant, another
 * list or one that was tampered with is refused rather than misread.
 *
 * @param scope which list (and which sort order): `'instances:-id'`
 * @param place the sort values of the last item that was shown
 */
export function encodeCursor(actor: TenantRef, scope: string, place: readonly (string | number | null)[]): string {
  const body = Buffer.from(JSON.stringify(place));
  return Buffer.concat([seal(actor.tenantId, scope, body), body]).toString('base64url');
}

/** @throws AppError VALIDATION_ERROR for anything that `encodeCursor` did not make for this tenant and list */
export function decodeCursor<Place extends z.ZodType>(
  actor: TenantRef,
  scope: string,
  cursor: string,
  place: Place,
): z.infer<Place> {
  const bytes = Buffer.from(cursor, 'base64url');
  const body = bytes.subarray(SEAL_BYTES);
  if (bytes.length > SEAL_BYTES && timingSafeEqual(bytes.subarray(0, SEAL_BYTES), seal(actor.tenantId, scope, body))) {
    const parsed = place.safeParse(JSON.parse(body.toString()));
    if (parsed.success) return parsed.data;
  }
  throw new AppError('VALIDATION_ERROR', 'The cursor is not one of this list. Start again without cursor.', {
    field: 'cursor',
    value: cursor.slice(0, 100),
    expected: 'the next_cursor of an earlier answer of the same list',
  });
}

/** OFFSET and LIMIT of a page query. @throws AppError when both page and cursor came */
export function pageWindow(query: PageQuery): {
  readonly offset: number;
  readonly limit: number;
  readonly page: number | null;
} {
  if (query.cursor !== undefined && query.page !== undefined) {
    throw new AppError('VALIDATION_ERROR', 'Give page or cursor, not both.', {
      field: 'cursor',
      expected: 'no page beside it',
    });
  }
  if (query.cursor !== undefined) return { offset: 0, limit: query.limit, page: null };
  const page = query.page ?? 1;
  return { offset: (page - 1) * query.limit, limit: query.limit, page };
}

/**
 * Makes the page of rows that were read with `LIMIT limit + 1`: the extra row only tells that there is more.
 *
 * @param place the sort values of a row, for the next cursor
 */
export function pageOf<Row>(
  rows: readonly Row[],
  query: PageQuery,
  total: number | null,
  cursorOf: (last: Row) => string,
): Page<Row> {
  const items = rows.slice(0, query.limit);
  const last = items.at(-1);
  const hasMore = rows.length > query.limit;
  const page = query.cursor === undefined ? (query.page ?? 1) : null;
  return { items, total, page, limit: query.limit, hasMore, nextCursor: hasMore && last ? cursorOf(last) : null };
}

const SEAL_BYTES = 12;

function seal(tenantId: string, scope: string, body: Buffer): Buffer {
  return createHmac('sha256', `flotilla cursor 1 ${tenantId} ${scope}`).update(body).digest().subarray(0, SEAL_BYTES);
}
