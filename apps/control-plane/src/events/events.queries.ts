import { Injectable } from '@nestjs/common';
import { EVENT_KINDS, EVENT_TYPES } from '@flotilla/contracts';
import type { Event, EventQuery, EventTypeInfo } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { EVENT_COLUMNS } from './events.reader.js';

@Injectable()
export class EventsQueries {
  constructor(private readonly db: Db) {}

  /** Newest first, or with `after` oldest first. The total is not counted: events come without end. */
  async list(actor: TenantRef, query: EventQuery): Promise<Page<Event>> {
    const { offset, limit } = pageWindow(query);
    const forward = query.after !== undefined;
    const scope = forward ? 'events:seq' : 'events:-seq';
    const place = query.cursor === undefined ? null : decodeCursor(actor, scope, query.cursor, z.tuple([z.int()]))[0];
    const rows = await this.db.read(actor, (tx) =>
      tx.rows<Event & Record<string, unknown>>(forward ? FORWARD : BACKWARD, [
        actor.tenantId,
        query.type?.replace(/\*$/, '%').replaceAll('_', '\\_') ?? null,
        query.subject_type ?? null,
        query.subject_id ?? null,
        query.since ?? null,
        query.until ?? null,
        forward ? (place ?? query.after) : place,
        limit + 1,
        offset,
      ]),
    );
    return pageOf(rows, query, null, (last) => encodeCursor(actor, scope, [last.sequence]));
  }

  /** The catalogue. */
  types(): z.input<typeof EventTypeInfo>[] {
    return TYPES;
  }
}

const WHERE = `
  SELECT ${EVENT_COLUMNS} FROM flotilla.events e
   WHERE e.tenant_id = $1 AND e.seq IS NOT NULL
     AND ($2::text IS NULL OR e.type LIKE $2)
     AND ($3::text IS NULL OR e.subject_type = $3)
     AND ($4::text IS NULL OR e.subject_id = $4)
     AND ($5::timestamptz IS NULL OR e.at >= $5::timestamptz)
     AND ($6::timestamptz IS NULL OR e.at < $6::timestamptz)`;
const BACKWARD = `${WHERE} AND ($7::bigint IS NULL OR e.seq < $7) ORDER BY e.seq DESC LIMIT $8 OFFSET $9`;
const FORWARD = `${WHERE} AND ($7::bigint IS NULL OR e.seq > $7) ORDER BY e.seq LIMIT $8 OFFSET $9`;

const TYPES = EVENT_TYPES.map((type) => {
  const { sentence, subject, data } = EVENT_KINDS[type];
  const schema = z.toJSONSchema(data, { io: 'input' }) as Schema;
  return { type, description: sentence, subject, schema, example: exampleOf(schema) as Record<string, unknown> };
});

interface Schema extends Record<string, unknown> {
  readonly examples?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Made of the examples of its fields. */
function exampleOf(schema: Schema): unknown {
  if (schema.examples) return schema.examples[0];
  if (schema.properties) {
    return Object.fromEntries(Object.entries(schema.properties).map(([name, of]) => [name, exampleOf(of)]));
  }
  return schema.anyOf ? exampleOf(schema.anyOf[0]!) : null;
}
