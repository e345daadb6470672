import { Injectable } from '@nestjs/common';
import type { Instance, InstanceDetails, InstanceQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { z } from 'zod';
import { resolveInstance } from '../instance-refs/index.js';
import type { IdType } from '../instance-refs/index.js';
import { MaintenanceWindows } from '../maintenance-windows/index.js';
import { decodeCursor, encodeCursor, pageOf, pageWindow } from '../platform/index.js';
import type { Page } from '../platform/index.js';
import { filterValues } from './instances.filter.js';
import { latestOf, readingOf } from './instances.readings.js';
import type { DeviceRow } from './instances.readings.js';
import type { DeviceDetails } from './inventory.js';
import { DEVICES, FILTER, FROM_INSTANCES, INSTANCE_FIELDS, SORTS } from './instances.sql.js';

type InstanceItem = z.input<typeof Instance>;
type Details = z.input<typeof InstanceDetails>;
type InstanceRow = Omit<InstanceItem, 'agent' | 'latest' | 'gpus'> & {
  readonly agent_id: string | null;
  readonly agent_version: string | null;
  readonly agent_connected: boolean;
  readonly agent_last_seen_at: Date | null;
};
type GpuRow = DeviceRow &
  Omit<Details['gpus'][number], 'latest' | 'index' | 'kind' | keyof typeof NO_DETAILS> & {
    readonly gpu_index: number | null;
    readonly health_episodes: Details['gpus'][number]['episodes'];
    readonly details: DeviceDetails;
  };

/** What an agent that tells nothing more has told. */
const NO_DETAILS = { mig: null, recovery_action: null, attributes: {}, nvlinks: [], vgpus: [] } satisfies Partial<
  Details['gpus'][number]
>;

const Place = z.tuple([z.string().nullable(), z.int()]);

@Injectable()
export class InstancesQueries {
  constructor(private readonly db: Db) {}

  async list(actor: TenantRef, query: InstanceQuery): Promise<Page<InstanceItem>> {
    const { offset, limit } = pageWindow(query);
    const scope = `instances:${query.sort}`;
    const place = query.cursor === undefined ? null : decodeCursor(actor, scope, query.cursor, Place);
    const filter = filterValues(actor, query);
    return this.db.read(actor, async (tx) => {
      const { order, after, sortValue } = sorting(query.sort, filter.length);
      const rows = await tx.rows<InstanceRow & { sort_value: string | null }>(
        `SELECT ${INSTANCE_FIELDS}, ${sortValue} AS sort_value ${FROM_INSTANCES} ${FILTER} ${place ? after(place) : ''}
          ORDER BY ${order} LIMIT ${limit + 1} OFFSET ${offset}`,
        place ? [...filter, ...(place[0] === null ? [place[1]] : place)] : filter,
      );
      const total = await tx.row<{ total: number }>(
        `SELECT count(*) AS total FROM flotilla.instances i ${FILTER}`,
        filter,
      );
      const page = pageOf(rows, query, total?.total ?? 0, (last) =>
        encodeCursor(actor, scope, [last.sort_value, last.id]),
      );
      const devices = await devicesOf(
        tx,
        actor,
        page.items.map((row) => row.id),
      );
      return { ...page, items: page.items.map((row) => itemOf(row, devices.get(row.id) ?? [])) };
    });
  }

  /** @throws AppError NOT_FOUND, CONFLICT */
  async get(actor: TenantRef, ref: string, idType?: IdType): Promise<Details> {
    return this.db.read(actor, async (tx) => {
      const id = await resolveInstance(tx, actor, ref, idType);
      const row = (await tx.row<InstanceRow & Record<string, unknown>>(
        `SELECT ${INSTANCE_FIELDS} ${FROM_INSTANCES} WHERE i.tenant_id = $1 AND i.id = $2`,
        [actor.tenantId, id],
      ))!;
      const devices = (await devicesOf(tx, actor, [id])).get(id) ?? [];
      const facts = await tx.rows<Details['facts'][number]>(
        `SELECT f.fact, f.source, nullif(f.reporter, '') AS reporter, f.value, f.at FROM flotilla.instance_facts f
          WHERE f.tenant_id = $1 AND f.instance_id = $2 ORDER BY f.fact, f.source, f.at DESC`,
        [actor.tenantId, id],
      );
      const actions = await tx.rows<Details['actions'][number]>(
        `SELECT a.id, a.verb AS type, a.status, a.requested_at FROM flotilla.actions a
          WHERE a.tenant_id = $1 AND a.instance_id = $2 AND (a.open OR a.status = 'unknown') ORDER BY a.id DESC LIMIT 100`,
        [actor.tenantId, id],
      );
      const alerts = await tx.rows<Details['alerts'][number]>(
        `SELECT a.id, a.alert_type, a.severity, a.title, a.message, a.acknowledged_at IS NOT NULL AS acknowledged,
                a.first_fired_at, a.last_fired_at
           FROM flotilla.alerts a WHERE a.tenant_id = $1 AND a.instance_id = $2 AND a.status = 'active'
          ORDER BY a.last_fired_at DESC, a.id DESC LIMIT 100`,
        [actor.tenantId, id],
      );
      const open = await MaintenanceWindows.active(tx, actor.tenantId, Date.now());
      const window = MaintenanceWindows.over(open, { id, tags: row.tags });
      return {
        ...itemOf(row, devices),
        gpus: devices.filter((device) => device.kind !== 'host').map(gpuDetails),
        facts,
        actions,
        alerts,
        maintenance_window: window && {
          id: window.id,
          name: window.name,
          starts_at: window.startsAt,
          ends_at: window.endsAt,
          suppress_alerts: window.suppressAlerts,
          suppress_enforcement: window.suppressEnforcement,
        },
      };
    });
  }
}

async function devicesOf(tx: ReadTx, actor: TenantRef, ids: readonly number[]): Promise<Map<number, GpuRow[]>> {
  const byInstance = new Map<number, GpuRow[]>(ids.map((id) => [id, []]));
  if (ids.length === 0) return byInstance;
  const rows = await tx.rows<GpuRow & Record<string, unknown>>(DEVICES, [actor.tenantId, ids]);
  for (const row of rows) byInstance.get(row.instance_id)!.push(row);
  return byInstance;
}

function itemOf(row: InstanceRow, devices: readonly GpuRow[]): InstanceItem {
  const { agent_id: id, agent_version: version, agent_connected: connected, agent_last_seen_at, ...fields } = row;
  return {
    ...fields,
    agent: id === null ? null : { id, version, connected, last_seen_at: agent_last_seen_at },
    latest: latestOf(devices.filter((device) => device.kind !== 'mig')),
    gpus: devices.filter((device) => device.kind !== 'host').map(gpuOf),
  };
}

function gpuOf(device: GpuRow) {
  const { uuid, kind, gpu_index: index, model, presence, health } = device;
  return { uuid, kind: kind as 'gpu' | 'mig', index, model, presence, health, latest: readingOf(device) };
}

const gpuDetails = (device: GpuRow): Details['gpus'][number] => ({
  ...device,
  ...NO_DETAILS,
  ...(device.details as Partial<Details['gpus'][number]>),
  episodes: device.health_episodes,
  ...gpuOf(device),
});

/** Order and place of a keyset page: by the value, those without one last, then by id. `sort` is one of the contract's. */
function sorting(sort: string, filters: number) {
  const descending = sort.startsWith('-');
  const { column, type } = SORTS[sort.replace(/^-/, '')]!;
  const [direction, beyond] = descending ? ['DESC', '<'] : ['ASC', '>'];
  const [value, id] = [`$${filters + 1}::text::${type}`, `$${filters + 2}::bigint`];
  return {
    order: `${column} ${direction} NULLS LAST, i.id ${direction}`,
    sortValue: `${column}::text`,
    after: (place: readonly [string | null, number]) =>
      place[0] === null
        ? `AND ${column} IS NULL AND i.id ${beyond} $${filters + 1}::bigint`
        : `AND (${column} ${beyond} ${value} OR ${column} = ${value} AND i.id ${beyond} ${id} OR ${column} IS NULL)`,
  };
}
