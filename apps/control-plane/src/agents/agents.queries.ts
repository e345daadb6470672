import { Injectable } from '@nestjs/common';
import type { Agent, AgentDetail, AgentQuery, AgentSummary } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { decodeCursor, encodeCursor, notFound, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';

export type AgentRow = z.input<typeof Agent>;

const CONNECTED = `coalesce(a.status = 'enrolled' AND a.connected_until > now(), false)`;
const COLUMNS = `a.id, a.hostname, a.version, a.transport, a.status, ${CONNECTED} AS connected,
  CASE WHEN ${CONNECTED} THEN a.connected_at END AS connected_since,
  CASE WHEN NOT ${CONNECTED} THEN coalesce(a.disconnected_at, a.connected_until) END AS disconnected_at,
  CASE WHEN NOT ${CONNECTED} THEN a.disconnect_reason END AS disconnect_reason,
  a.last_seen_at, a.enrolled_at, a.revoked_at, a.certificate_not_after, a.os, a.kernel, a.arch,
  host(a.address) AS address, a.interval_s::float8 AS interval_seconds,
  round(greatest(0, extract(epoch FROM now() - a.newest_minute_at) - 60))::float8 AS lag_seconds,
  a.buffered_entries, a.buffered_bytes, a.dropped_entries, a.rejected_entries, a.future_samples, a.clock_skew_ms,
  a.degraded AS spool_in_memory_only, a.clone_suspected_at, a.last_error, a.last_error_at, a.simulated`;
const WHERE = `($1::boolean IS NULL OR ${CONNECTED} = $1) AND ($2::text IS NULL OR a.status = $2)
  AND ($3::text IS NULL OR strpos(lower(a.hostname), lower($3)) > 0)`;
const SCOPE = 'agents:hostname,id';

@Injectable()
export class AgentsQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: AgentQuery): Promise<Page<AgentRow>> {
    const { offset, limit } = pageWindow(query);
    const [hostname, id] =
      query.cursor === undefined
        ? [null, null]
        : decodeCursor(actor, SCOPE, query.cursor, z.tuple([z.string(), z.string()]));
    const filter = [query.connected ?? null, query.status ?? null, query.search ?? null];
    return this.db.read(actor, async (tx) => {
      const counted = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.agents a WHERE ${WHERE}`,
        filter,
      );
      const rows = await tx.rows<AgentRow & Record<string, unknown>>(
        `SELECT ${COLUMNS} FROM flotilla.agents a
          WHERE ${WHERE} AND ($4::text IS NULL OR (a.hostname, a.id) > ($4, $5::uuid))
          ORDER BY a.hostname, a.id LIMIT $6 OFFSET $7`,
        [...filter, hostname, id, limit + 1, offset],
      );
      const summary = await tx.row<z.input<typeof AgentSummary>>(
        `SELECT count(*) FILTER (WHERE ${CONNECTED}) AS connected,
                count(*) FILTER (WHERE a.status = 'enrolled' AND NOT ${CONNECTED}) AS disconnected,
                count(*) FILTER (WHERE a.status = 'revoked') AS revoked
           FROM flotilla.agents a`,
      );
      const page = pageOf(rows, query, counted!.total, (last) => encodeCursor(actor, SCOPE, [last.hostname, last.id]));
      return { ...page, summary };
    });
  }

  /** @throws AppError NOT_FOUND */
  async get(actor: TenantRef, id: string): Promise<z.input<typeof AgentDetail>> {
    return this.db.read(actor, async (tx) => {
      const row = await tx.row<Omit<z.input<typeof AgentDetail>, 'errors' | 'events'> & Record<string, unknown>>(
        `SELECT ${COLUMNS}, a.boot_id, a.machine_fingerprint, a.capabilities, a.collectors, a.controls,
                a.refused_controls
           FROM flotilla.agents a WHERE a.id = $1`,
        [id],
      );
      if (!row) throw notFound('agent', id);
      const events = await tx.rows<z.input<typeof AgentDetail>['events'][number] & Record<string, unknown>>(
        `SELECT e.at, e.received_at, e.kind, e.severity, e.device, e.message, e.details
           FROM flotilla.agent_events e
          WHERE e.agent_id = $1 AND e.received_at > now() - interval '30 days'
          ORDER BY e.received_at DESC, e.seq DESC LIMIT 50`,
        [id],
      );
      const errors = await tx.rows<z.input<typeof AgentDetail>['errors'][number] & Record<string, unknown>>(
        `SELECT e.at, e.received_at, e.severity, e.source, e.code, e.instance_id, e.message
           FROM flotilla.agent_errors e
          WHERE e.tenant_id = $1 AND e.agent_id = $2 AND e.received_at > now() - interval '30 days'
          ORDER BY e.at DESC, e.id DESC LIMIT 50`,
        [actor.tenantId, id],
      );
      return { ...row, errors, events };
    });
  }
}
