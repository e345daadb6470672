import type { ReadTx } from '@flotilla/persistence';

interface Gap {
  readonly from: string;
  readonly to: string;
  readonly reason: string;
  readonly entries: number;
}

/** What the instance's agent dropped of the time between `fromS` and `toS` (Unix seconds), the newest first. */
export async function readGaps(
  tx: ReadTx,
  tenantId: string,
  instanceId: number,
  fromS: number,
  toS: number,
): Promise<Gap[]> {
  const rows = await tx.rows<{ from_s: number; to_s: number; reason: string; entries: number }>(GAPS, [
    tenantId,
    instanceId,
    fromS,
    toS,
  ]);
  return rows.map(({ from_s, to_s, reason, entries }) => ({ from: iso(from_s), to: iso(to_s), reason, entries }));
}

const iso = (atS: number) => new Date(atS * 1000).toISOString();

// Where nobody knows which minutes are gone, the gap stands where it was noticed. An entry is received after its minute.
const GAPS = `
  SELECT g.* FROM (
    SELECT coalesce(nullif((e.details->>'from_minute_s')::float8, 0), floor(extract(epoch FROM e.at) / 60) * 60)::float8 AS from_s,
           coalesce(nullif((e.details->>'to_minute_s')::float8, 0), floor(extract(epoch FROM e.at) / 60) * 60)::float8 + 60 AS to_s,
           coalesce(e.details->>'reason', 'unknown') AS reason, (e.details->>'entries')::float8 AS entries
      FROM flotilla.instances i
      JOIN flotilla.agent_events e ON e.tenant_id = i.tenant_id AND e.agent_id = i.agent_id
     WHERE i.tenant_id = $1 AND i.id = $2 AND e.kind = 'entries_dropped' AND e.received_at >= to_timestamp($3)
       AND jsonb_typeof(e.details->'entries') = 'number') g
   WHERE g.to_s > $3 AND g.from_s < $4
   ORDER BY g.to_s DESC LIMIT 100`;
