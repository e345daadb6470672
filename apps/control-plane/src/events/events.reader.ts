import type { Event } from '@flotilla/contracts';
import type { ReadTx } from '@flotilla/persistence';

/** NOTIFY channel: events have their place in the order now. The payload is the tenant. */
export const EVENTS_SEALED_CHANNEL = 'flotilla_events_sealed';

/** An event as it goes over every wire. */
export const EVENT_COLUMNS = `'evt_' || e.id AS id, e.seq AS sequence, e.type, e.at AS timestamp,
  jsonb_build_object('type', e.subject_type, 'id', e.subject_id) AS subject, e.data, e.simulated`;

/** Reads events in their order, for whoever keeps a place in it: streams and webhooks. */
export class EventReader {
  /** The events after a place, in order, at most `limit`. */
  static after(tx: ReadTx, tenantId: string, sequence: number, limit: number): Promise<Event[]> {
    return tx.rows<Event & Record<string, unknown>>(
      `SELECT ${EVENT_COLUMNS} FROM flotilla.events e WHERE e.tenant_id = $1 AND e.seq > $2 ORDER BY e.seq LIMIT $3`,
      [tenantId, sequence, limit],
    );
  }

  /** Where the order ends and begins: `oldest` is the first event that is still kept (`newest` + 1: none is). */
  static async span(tx: ReadTx, tenantId: string): Promise<{ oldest: number; newest: number }> {
    const row = await tx.row<{ oldest: number; newest: number }>(
      `SELECT coalesce((SELECT min(e.seq) FROM flotilla.events e WHERE e.tenant_id = $1), h.seq + 1) AS oldest, h.seq AS newest
         FROM flotilla.event_heads h WHERE h.tenant_id = $1`,
      [tenantId],
    );
    return row ?? { oldest: 1, newest: 0 };
  }
}

/** The JSON of an event: the same bytes each time. */
export function eventBody(event: Event): string {
  const { id, sequence, type, timestamp, subject, data, simulated } = event;
  return JSON.stringify({ id, sequence, type, timestamp, subject, data, simulated });
}
