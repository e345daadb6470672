import { isPoweredAt } from '@flotilla/domain';
import type { WriteTx } from '@flotilla/persistence';
import type { DemoFleet } from './demo.types.js';

const HOUR_S = 3_600;

interface PastSpan {
  readonly id: number;
  readonly state: string;
  readonly since_s: number;
  readonly until_s: number;
}

/** On and off from `fromS` to `toS` (whole hours, Unix seconds), as the machine's plan says. */
function spansOf(
  { simulated, instanceId, bornS }: DemoFleet['machines'][number],
  fromS: number,
  toS: number,
): PastSpan[] {
  const spans: PastSpan[] = [];
  for (let at = Math.max(fromS, bornS); at < toS; at += HOUR_S) {
    const state = isPoweredAt(simulated, at) ? 'running' : 'stopped';
    const last = spans.at(-1);
    if (last?.state === state) spans[spans.length - 1] = { ...last, until_s: at + HOUR_S };
    else spans.push({ id: instanceId, state, since_s: at, until_s: at + HOUR_S });
  }
  return spans;
}

/**
 * Gives machines the states of the time before they were enlisted, at the price that they have: metering makes charges
 * of them as of any other span. Does nothing where there is a past already.
 */
export async function writePastSpans(tx: WriteTx, fleet: DemoFleet, fromS: number, nowS: number): Promise<void> {
  const spans = fleet.machines.flatMap((machine) => spansOf(machine, fromS, Math.ceil(nowS / HOUR_S) * HOUR_S));
  await tx.rows(PAST, [fleet.tenantId, JSON.stringify(spans)]);
  await tx.rows(PRICE_FIRST, [fleet.tenantId]);
  await tx.rows(SINCE_WHEN, [fleet.tenantId]);
}

const PAST = `
  WITH first AS (
    SELECT DISTINCT ON (s.instance_id) s.* FROM flotilla.instance_spans s WHERE s.tenant_id = $1 ORDER BY s.instance_id, s.since
  )
  INSERT INTO flotilla.instance_spans (tenant_id, instance_id, state, hourly_cost, currency, hourly_cost_source, since, until)
  SELECT f.tenant_id, f.instance_id, p.state, i.hourly_cost, i.currency, i.hourly_cost_source, to_timestamp(p.since_s),
         least(to_timestamp(p.until_s), f.since)
    FROM jsonb_to_recordset($2::jsonb) AS p(id bigint, state text, since_s bigint, until_s bigint)
    JOIN first f ON f.instance_id = p.id AND to_timestamp(p.since_s) < f.since
    JOIN flotilla.instances i ON i.tenant_id = f.tenant_id AND i.id = f.instance_id
   WHERE f.since > now() - interval '1 day'`;

/** A machine is there a moment before its price is: that moment would make it one without a price. */
const PRICE_FIRST = `
  UPDATE flotilla.instance_spans s SET hourly_cost = i.hourly_cost, currency = i.currency, hourly_cost_source = i.hourly_cost_source
    FROM flotilla.instances i
   WHERE s.tenant_id = $1 AND i.tenant_id = $1 AND i.id = s.instance_id AND i.simulated AND s.hourly_cost IS NULL
     AND s.until - s.since < interval '1 minute'`;

/** Not the moment of the enlisting: a machine that has run for weeks is no fresh one. */
const SINCE_WHEN = `
  UPDATE flotilla.instances i SET state_changed_at = x.since
    FROM (SELECT s.instance_id, coalesce(max(s.until) FILTER (WHERE s.state <> i.state), min(s.since)) AS since
            FROM flotilla.instance_spans s JOIN flotilla.instances i ON i.tenant_id = s.tenant_id AND i.id = s.instance_id AND i.simulated
           WHERE s.tenant_id = $1 GROUP BY s.instance_id) x
   WHERE i.tenant_id = $1 AND i.id = x.instance_id AND x.since < i.state_changed_at`;
