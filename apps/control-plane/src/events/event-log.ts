import type { EventData, EventType } from '@flotilla/contracts';
import type { WriteTx } from '@flotilla/persistence';

/** NOTIFY channel: events were written that have no place in the order yet. */
export const EVENTS_WRITTEN_CHANNEL = 'flotilla_events_written';

/** What happened. */
export interface NewEvent<Type extends EventType = EventType> {
  readonly tenantId: string;
  readonly type: Type;
  /** What kind of thing it is about, and which: `instance` and its number. */
  readonly subjectType: string;
  readonly subjectId: string | number;
  /** When it happened; now where it is left out. */
  readonly at?: Date | undefined;
  /** In wire names, as the catalogue says (libs/contracts/src/events). Never a secret. */
  readonly data: EventData<Type>;
  /** Made up: demo and simulated agents. */
  readonly simulated: boolean;
}

/** Writes events that webhooks, the event stream and GET /events tell. */
export class EventLog {
  /** Writes an event in the transaction of the change, so that either both are there or neither. */
  static async add<Type extends EventType>(tx: Pick<WriteTx, 'rows'>, event: NewEvent<Type>): Promise<void> {
    await EventLog.addAll(tx, [event]);
  }

  /** As `add`, for several in one statement, in this order. */
  static async addAll(tx: Pick<WriteTx, 'rows'>, events: readonly NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const rows = events.map(({ tenantId, type, subjectType, subjectId, at, data, simulated }) => ({
      tenant_id: tenantId,
      type,
      subject_type: subjectType,
      subject_id: String(subjectId),
      at: at?.toISOString() ?? null,
      data,
      simulated,
    }));
    await tx.rows(INSERT, [JSON.stringify(rows)]);
  }
}

const INSERT = `
  WITH written AS (
    INSERT INTO flotilla.events (tenant_id, type, subject_type, subject_id, at, data, simulated)
    SELECT r.tenant_id, r.type, r.subject_type, r.subject_id, coalesce(r.at, clock_timestamp()), r.data, r.simulated
      FROM ROWS FROM (jsonb_to_recordset($1::jsonb)
             AS (tenant_id uuid, type text, subject_type text, subject_id text, at timestamptz, data jsonb, simulated boolean))
           WITH ORDINALITY AS r (tenant_id, type, subject_type, subject_id, at, data, simulated, place)
     ORDER BY r.place
  )
  SELECT pg_notify('${EVENTS_WRITTEN_CHANNEL}', '')`;
