import { Injectable } from '@nestjs/common';
import type {
  CostSnapshot,
  CostSnapshotQuery,
  CostSnapshotService,
  CostSnapshotServiceQuery,
} from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { AppError, decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

type Snapshot = z.input<typeof CostSnapshot>;
type Service = z.input<typeof CostSnapshotService>;

const DEFAULT_WINDOW_MS = 7 * 86_400_000;
const SCOPE = 'cost-snapshots:-at';
const SERVICES_SCOPE = 'cost-snapshots/services:service';

@Injectable()
export class CostSnapshotsQueries {
  constructor(private readonly db: Db) {}

  /** Newest first; the last 7 days where nothing else is asked for. @throws AppError VALIDATION_ERROR */
  async list(actor: TenantRef, query: CostSnapshotQuery): Promise<Page<Snapshot>> {
    const { offset, limit } = pageWindow(query);
    const to = query.to ?? new Date();
    const from = query.from ?? new Date(to.getTime() - DEFAULT_WINDOW_MS);
    if (from >= to) {
      throw new AppError('VALIDATION_ERROR', 'from does not fit: expected a moment before `to`', {
        field: 'from',
        value: from.toISOString(),
        expected: `before ${to.toISOString()}`,
      });
    }
    const before =
      query.cursor === undefined ? null : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.iso.datetime()]))[0];
    return this.db.read(actor, async (tx) => {
      const filter = [actor.tenantId, from, to, query.service ?? null];
      const rows = await tx.rows<Snapshot & { at: Date }>(LIST, [...filter, before, limit + 1, offset]);
      const total = await tx.row<{ n: number }>(`SELECT count(*) AS n ${FROM}`, filter);
      return pageOf(rows, query, total!.n, (last) => encodeCursor(actor, SCOPE, [last.at.toISOString()]));
    });
  }

  /** By name. */
  async services(actor: TenantRef, query: CostSnapshotServiceQuery): Promise<Page<Service>> {
    const { offset, limit } = pageWindow(query);
    const after =
      query.cursor === undefined ? null : decodeCursor(actor, SERVICES_SCOPE, query.cursor, z.tuple([z.string()]))[0];
    return this.db.read(actor, async (tx) => {
      const rows = await tx.rows<Service>(SERVICES, [actor.tenantId, after, limit + 1, offset]);
      const total = await tx.row<{ n: number }>(
        'SELECT count(*) AS n FROM flotilla.cost_snapshot_services s WHERE s.tenant_id = $1',
        [actor.tenantId],
      );
      return pageOf(rows, query, total!.n, (last) => encodeCursor(actor, SERVICES_SCOPE, [last.service]));
    });
  }
}

/** `$1` tenant, `$2` and `$3` from and to, `$4` service. */
const FROM = `
  FROM flotilla.cost_snapshots s
 WHERE s.tenant_id = $1 AND s.at >= $2::timestamptz AND s.at < $3::timestamptz
   -- a bound that an index can use: a snapshot is taken within its hour
   AND s.hour > $2::timestamptz - interval '1 hour' AND s.hour < $3::timestamptz
   AND ($4::text IS NULL OR s.by_service @> jsonb_build_array(jsonb_build_object('service', $4::text)))`;

const LIST = `
  SELECT date_trunc('milliseconds', s.at) AS at, s.currency, s.unconverted, s.simulated,
         CASE WHEN $4::text IS NULL THEN s.month_to_date END AS month_to_date,
         CASE WHEN $4::text IS NULL THEN s.last_24h END AS last_24h,
         CASE WHEN $4::text IS NULL THEN s.by_service
              ELSE jsonb_path_query_array(s.by_service, '$[*] ? (@.service == $service)', jsonb_build_object('service', $4::text))
          END AS by_service
  ${FROM} AND ($5::timestamptz IS NULL OR s.at < $5::timestamptz)
 ORDER BY s.hour DESC LIMIT $6 OFFSET $7`;

const SERVICES = `
  SELECT s.service, s.first_seen_at, s.last_seen_at, s.currency, s.month_to_date, s.last_24h
    FROM flotilla.cost_snapshot_services s
   WHERE s.tenant_id = $1 AND ($2::text IS NULL OR s.service > $2::text)
   ORDER BY s.service LIMIT $3 OFFSET $4`;
