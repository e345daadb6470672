import { Injectable } from '@nestjs/common';
import {
  breakEven,
  chargedUnitCosts,
  divided,
  ownModelCost,
  SELF_HOSTED,
  sumDecimals,
  usefulGpuHours,
} from '@flotilla/domain';
import type { TokenMix, TokenWeights } from '@flotilla/domain';
import type { AiUnitEconomics, AiUnitEconomicsQuery } from '@flotilla/contracts';
import { Db } from '@flotilla/persistence';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import type { z } from 'zod';
import { costDays, readGpuUse, readUnconverted } from '../costs/index.js';
import type { InstanceGpuUse } from '../costs/index.js';
import { PriceBooks } from '../prices/index.js';
import { everythingOf } from './ai-spend.filter.js';
import { apiQuotes } from './api-quotes.js';
import type { ApiQuotes } from './api-quotes.js';
import { chargedUse, readModelUse, readRuns, runCost } from './unit-costs.js';
import type { UseRow } from './unit-costs.js';

type Answer = z.input<typeof AiUnitEconomics>;
type Model = Answer['models'][number];

interface Setting {
  readonly weights: TokenWeights;
  readonly own: ReadonlyMap<number, InstanceGpuUse>;
  readonly rows: readonly UseRow[];
  /** API models to compare with: what the same tokens cost there. */
  readonly quotes: (tokens: TokenMix, requests: string) => ApiQuotes;
}

const COMPARED = 3;
const ASSUMPTIONS = [
  'The cost of own GPUs does not change with their load, and tokens grow in proportion to the useful share.',
  'Cost is split between kinds of tokens, and between the models of an instance, by the weights.',
  'Cached tokens of own models cost at an API what reading from its cache does; batch and tier prices are not taken.',
  'Usage that names no instance is in no cost of own GPUs.',
];

/** What tokens, requests, training runs and useful GPU-hours cost: own GPUs beside APIs. */
@Injectable()
export class UnitEconomicsQueries {
  constructor(
    private readonly db: Db,
    private readonly books: PriceBooks,
  ) {}

  async find(actor: TenantRef, query: AiUnitEconomicsQuery): Promise<Answer> {
    const book = await this.books.of(actor);
    return this.db.read(actor, async (tx) => {
      const { firstDay, lastDay } = costDays(query, new Date());
      const tenant = await readTenant(tx, actor, lastDay);
      const window = { firstDay, lastDay, costType: 'effective', idleBelowPercent: tenant.idle_below_percent } as const;
      const uses = await readGpuUse(tx, actor, window);
      const values = everythingOf(actor, firstDay, lastDay);
      const rows = await readModelUse(tx, values);
      const weights = { input: query.weight_input, cached: query.weight_cached, output: query.weight_output };
      const own = new Map(uses.map((use) => [use.instanceId, use]));
      const apis = query.compare_with ?? mostUsed(rows);
      const quotes = (tokens: TokenMix, requests: string) =>
        apiQuotes(book, apis, { tokens, requests }, lastDay, tenant);
      const setting: Setting = { weights, own, rows, quotes };
      const runs = await readRuns(tx, values, query.limit);
      return {
        models: byModel(rows).map((of) => (of[0]!.provider === SELF_HOSTED ? ownModel(of, setting) : apiModel(of))),
        training_runs: runs.map(({ run_id, records, charged_cost, own: hours }) => ({
          run_id,
          records: Number(records),
          ...runCost(
            charged_cost,
            hours.map(([id]) => own.get(id)),
          ),
        })),
        cost_per_useful_gpu_hour: usefulGpuHours(uses).costPerUsefulGpuHour,
        weights,
        assumptions: ASSUMPTIONS,
        unconverted: await readUnconverted(tx, actor, window),
        currency: tenant.currency,
        start_date: firstDay,
        end_date: lastDay,
        simulated: tenant.simulated || rows.some((row) => row.simulated) || uses.some((use) => use.simulated),
      };
    });
  }
}

function apiModel(rows: readonly UseRow[]): Model {
  const base = baseOf(
    rows,
    rows.map((row) => row.priced_tokens ?? '0'),
  );
  const units = chargedUnitCosts(rows.map(chargedUse));
  return {
    ...base,
    own: false,
    cost: sumKnown(rows.map((row) => row.cost)),
    cost_per_token: units.perToken,
    cost_per_million_tokens: units.perMillion,
    cost_per_inference: units.perInference,
    used_cost_per_million_tokens: null,
    useful_share: null,
    instances: 0,
    api: [],
    without_api_price: [],
  };
}

function ownModel(rows: readonly UseRow[], { weights, own, rows: all, quotes }: Setting): Model {
  const served = rows.filter((row) => row.instance_id !== null && own.has(row.instance_id));
  const uses = served.map((row) => own.get(row.instance_id!)!);
  const sums = usefulGpuHours(uses);
  const cost = ownModelCost(
    served.map((row, index) => {
      const use = usefulGpuHours([uses[index]!]);
      const here = all.filter((other) => other.instance_id === row.instance_id);
      return { cost: use.cost, usefulShare: use.usefulShare, tokens: row, allTokens: mixOf(here) };
    }),
    weights,
  );
  const tokens = mixOf(served);
  const allocated = cost.allocated;
  const quoted = quotes(tokens, sumDecimals(served.map((row) => row.requests)));
  const hours = uses.reduce((sum, use) => sum + usefulGpuHours([use]).held / use.gpus, 0);
  return {
    ...baseOf(rows, [sumDecimals(Object.values(tokens))]),
    own: true,
    cost: allocated?.cost ?? null,
    cost_per_token: divided(allocated?.cost ?? null, sumDecimals(Object.values(tokens))),
    cost_per_million_tokens: allocated?.perMillion ?? { all: null, input: null, cached: null, output: null },
    cost_per_inference: divided(allocated?.cost ?? null, sumDecimals(served.map((row) => row.requests))),
    used_cost_per_million_tokens: cost.used?.perMillion ?? null,
    useful_share: sums.usefulShare,
    instances: served.length,
    without_api_price: quoted.unknown,
    api: quoted.known.map((api) => {
      const even = allocated && breakEven(allocated.cost, api.cost, tokens, hours, sums.usefulShare);
      return {
        ...api,
        break_even_tokens_per_hour: even ? Number(even.tokensPerHour) : null,
        break_even_utilisation: even?.utilisation ?? null,
      };
    }),
  };
}

const mixOf = (rows: readonly TokenMix[]): TokenMix => ({
  input: sumDecimals(rows.map((row) => row.input)),
  cached: sumDecimals(rows.map((row) => row.cached)),
  output: sumDecimals(rows.map((row) => row.output)),
});
const sumKnown = (amounts: readonly (string | null)[]) => {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : sumDecimals(known);
};
const mostUsed = (rows: readonly UseRow[]) =>
  [...new Set(rows.filter((row) => row.provider !== SELF_HOSTED).map((row) => `${row.provider}/${row.model}`))].slice(
    0,
    COMPARED,
  );

function baseOf(rows: readonly UseRow[], priced: readonly string[]) {
  const { input, cached, output } = mixOf(rows);
  return {
    provider: rows[0]!.provider,
    model_name: rows[0]!.model,
    requests: Number(sumDecimals(rows.map((row) => row.requests))),
    tokens: { input: Number(input), cached: Number(cached), output: Number(output) },
    tokens_not_priced: Number(sumDecimals([input, cached, output])) - Number(sumDecimals(priced)),
  };
}

function byModel(rows: readonly UseRow[]): UseRow[][] {
  const models = new Map<string, UseRow[]>();
  for (const row of rows) {
    const key = `${row.provider}\n${row.model}`;
    models.set(key, [...(models.get(key) ?? []), row]);
  }
  return [...models.values()];
}

async function readTenant(tx: ReadTx, actor: TenantRef, day: string) {
  const row = await tx.row<{
    currency: string;
    idle_below_percent: number;
    simulated: boolean;
    usd_rate: string | null;
  }>(
    `SELECT t.currency, t.idle_below_percent, t.simulated, flotilla.currency_rate($1, 'USD', t.currency, $2::date)::text AS usd_rate
       FROM flotilla.tenants t WHERE t.tenant_id = $1`,
    [actor.tenantId, day],
  );
  return row!;
}
