import { Injectable } from '@nestjs/common';
import { usefulGpuHours } from '@flotilla/domain';
import type { InstanceUse, UsefulGpuHours as Sums } from '@flotilla/domain';
import type { CostType, UsefulGpuHours, UsefulGpuHoursQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { resolveInstance } from '../instance-refs/index.js';
import { readGpuActivity } from '../metrics/index.js';
import type { GpuActivityDay } from '../metrics/index.js';
import { costDays, tagsAsked } from './costs.filter.js';
import { heldSql, unconvertedOfInstancesSql } from './useful-gpu-hours.sql.js';

type Answer = z.input<typeof UsefulGpuHours>;

/** One instance with GPUs in a window: what it did and what it cost. */
export interface InstanceGpuUse extends InstanceUse {
  readonly instanceId: number;
  readonly providerId: string;
  readonly name: string | null;
  readonly gpus: number;
  readonly tagValue: string | null;
  readonly simulated: boolean;
}

/** Which instances, and when. */
export interface GpuUseQuestion {
  /** UTC days, both included. */
  readonly firstDay: string;
  readonly lastDay: string;
  readonly costType: CostType;
  readonly idleBelowPercent: number;
  readonly instanceId?: number | null;
  readonly instanceType?: string | undefined;
  readonly cloudProvider?: string | undefined;
  readonly region?: string | undefined;
  /** JSON object of one tag. */
  readonly tag?: string | null;
  /** The tag whose value is told with every instance. */
  readonly tagKey?: string | null;
}

type HeldRow = {
  readonly id: number;
  readonly provider_id: string;
  readonly name: string | null;
  readonly tag_value: string | null;
  readonly gpus: number;
  readonly simulated: boolean;
  readonly charged_cost: string | null;
  readonly priced_cost: string | null;
  /** Hours running, by day. */
  readonly days: Readonly<Record<string, number>>;
};

/** What the useful hours of GPUs cost: the ledger and the spans against packed hours. */
@Injectable()
export class UsefulGpuHoursQueries {
  constructor(private readonly db: Db) {}

  async find(actor: TenantRef, query: UsefulGpuHoursQuery): Promise<Answer> {
    return this.db.read(actor, async (tx) => {
      const { firstDay, lastDay } = costDays(query, new Date());
      const tenant = await readTenant(tx, actor);
      const question: GpuUseQuestion = {
        firstDay,
        lastDay,
        costType: query.cost_type,
        idleBelowPercent: tenant.idle_below_percent,
        instanceId: query.instance_id === undefined ? null : await resolveInstance(tx, actor, query.instance_id),
        instanceType: query.instance_type,
        cloudProvider: query.cloud_provider,
        region: query.region,
        tag: query.tag === undefined ? null : tagsAsked(query.tag),
        tagKey: tagKeyOf(query.group_by),
      };
      const uses = await readGpuUse(tx, actor, question);
      const groups = grouped(uses, query.group_by).sort(byWaste);
      return {
        group_by: query.group_by,
        groups: groups.slice(0, query.limit).map(({ key, name, ...group }) => ({ key, name, ...told(group, tenant) })),
        total: told({ uses, sums: usefulGpuHours(uses) }, tenant),
        group_count: groups.length,
        currency: tenant.currency,
        cost_type: query.cost_type,
        start_date: firstDay,
        end_date: lastDay,
        idle_below_percent: tenant.idle_below_percent,
        unconverted: await readUnconverted(tx, actor, question),
      };
    });
  }
}

/** All instances with GPUs that a question is about, also those that were off all the time. */
export async function readGpuUse(tx: ReadTx, actor: TenantRef, question: GpuUseQuestion): Promise<InstanceGpuUse[]> {
  const held = await tx.rows<HeldRow & Record<string, unknown>>(heldSql(question.costType), [
    ...instanceValues(actor, question),
    question.tagKey ?? null,
  ]);
  const activity = collected(await readGpuActivity(tx, question), (day) => day.instance_id);
  return held.map((row) => ({
    instanceId: row.id,
    providerId: row.provider_id,
    name: row.name,
    gpus: row.gpus,
    tagValue: row.tag_value,
    simulated: row.simulated,
    days: daysOf(row, activity.get(row.id) ?? []),
    costs: [row.charged_cost, row.priced_cost].filter((cost) => cost !== null),
  }));
}

/** What is in none of the costs of these instances, because nobody gave a rate. */
export function readUnconverted(tx: ReadTx, actor: TenantRef, question: GpuUseQuestion) {
  return tx.rows<{ currency: string; amount: string }>(
    unconvertedOfInstancesSql(question.costType),
    instanceValues(actor, question),
  );
}

interface Group {
  readonly uses: readonly InstanceGpuUse[];
  readonly sums: Sums;
}

function daysOf(row: HeldRow, measured: readonly GpuActivityDay[]) {
  const running = { ...row.days };
  const days = measured.map(({ day, busy, idle, useful, by_sm }) => {
    const held = (running[day] ?? 0) * row.gpus;
    delete running[day];
    return { held, busy, idle, useful, bySmActivity: by_sm };
  });
  const silent = Object.values(running).map((hours) => ({
    held: hours * row.gpus,
    busy: 0,
    idle: 0,
    useful: 0,
    bySmActivity: 0,
  }));
  return [...days, ...silent];
}

const tagKeyOf = (groupBy: string) => (groupBy === 'instance' ? null : groupBy === 'team' ? 'team' : groupBy.slice(4));

function grouped(uses: readonly InstanceGpuUse[], groupBy: string) {
  if (groupBy === 'instance') {
    return uses.map((use) => ({ key: use.providerId, name: use.name, uses: [use], sums: usefulGpuHours([use]) }));
  }
  return [...collected(uses, (use) => use.tagValue)].map(([key, own]) => ({
    key,
    name: null,
    uses: own,
    sums: usefulGpuHours(own),
  }));
}

function collected<K, V>(items: readonly V[], keyOf: (item: V) => K): Map<K, V[]> {
  const groups = new Map<K, V[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** For the order only: amounts are told as they are. */
const byWaste = (a: Group, b: Group) =>
  Number(b.sums.wasteCost ?? -1) - Number(a.sums.wasteCost ?? -1) || b.sums.idle - a.sums.idle;

function told({ uses, sums }: Group, tenant: { readonly simulated: boolean }) {
  return {
    instances: uses.length,
    gpu_hours: {
      held: shown(sums.held),
      busy: shown(sums.busy),
      idle: shown(sums.idle),
      unknown: shown(sums.unknown),
      useful: shown(sums.useful),
      without_cost: shown(sums.withoutCost),
    },
    coverage: sums.coverage === null ? null : shown(sums.coverage),
    useful_share: sums.usefulShare === null ? null : shown(sums.usefulShare),
    evidence: sums.evidence,
    cost: sums.cost,
    useful_cost: sums.usefulCost,
    waste_cost: sums.wasteCost,
    unknown_cost: sums.unknownCost,
    idle_cost: sums.idleCost,
    cost_per_gpu_hour: sums.costPerGpuHour,
    cost_per_useful_gpu_hour: sums.costPerUsefulGpuHour,
    reason: sums.reason,
    simulated: tenant.simulated || uses.some((use) => use.simulated),
  };
}

/** Measurements carry the noise of real numbers: a hundredth of a GPU-second is none. */
const shown = (hours: number) => Math.round(hours * 1e6) / 1e6;

const instanceValues = (actor: TenantRef, question: GpuUseQuestion) => [
  actor.tenantId,
  question.firstDay,
  question.lastDay,
  question.instanceId ?? null,
  question.instanceType ?? null,
  question.cloudProvider ?? null,
  question.region ?? null,
  question.tag ?? null,
];

async function readTenant(tx: ReadTx, actor: TenantRef) {
  const row = await tx.row<{ currency: string; idle_below_percent: number; simulated: boolean }>(
    'SELECT t.currency, t.idle_below_percent, t.simulated FROM flotilla.tenants t WHERE t.tenant_id = $1',
    [actor.tenantId],
  );
  return row!;
}
