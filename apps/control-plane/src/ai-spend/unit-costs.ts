import { chargedUnitCosts, meanRunCost, multiplied, sumDecimals, usefulGpuHours } from '@flotilla/domain';
import type { ChargedUse, TokenMix } from '@flotilla/domain';
import type { ReadTx, TenantRef } from '@flotilla/persistence';
import { readGpuUse } from '../costs/index.js';
import type { InstanceGpuUse } from '../costs/index.js';
import type { AiSpendFilter } from './ai-spend.filter.js';
import { MODEL_USE, RUNS } from './unit-economics.sql.js';

type Values = AiSpendFilter['values'];
type Amount = string | null;

/** Usage of a model, by the instance that served it. Decimals as text; null: nothing of it has a price. */
export type UseRow = TokenMix & {
  readonly provider: string;
  readonly model: string;
  readonly instance_id: number | null;
  readonly simulated: boolean;
  readonly requests: string;
  readonly cost: Amount;
  readonly priced_tokens: Amount;
  readonly inference_cost: Amount;
  readonly inferences: Amount;
  readonly input_cost: Amount;
  readonly input_tokens: Amount;
  readonly cached_cost: Amount;
  readonly cached_tokens: Amount;
  readonly output_cost: Amount;
  readonly output_tokens: Amount;
};

interface RunRow {
  readonly run_id: string;
  readonly records: string;
  readonly charged_cost: Amount;
  readonly own: readonly (readonly [number, string])[];
}

export const readModelUse = (tx: ReadTx, values: Values) =>
  tx.rows<UseRow & Record<string, unknown>>(MODEL_USE, values);

/** Training runs, the newest first. */
export const readRuns = (tx: ReadTx, values: Values, most: number) =>
  tx.rows<RunRow & Record<string, unknown>>(RUNS, [...values, most]);

export const chargedUse = (row: UseRow): ChargedUse => ({
  cost: row.cost,
  tokens: row.priced_tokens,
  inferenceCost: row.inference_cost,
  inferences: row.inferences,
  parts: {
    input: { cost: row.input_cost, tokens: row.input_tokens },
    cached: { cost: row.cached_cost, tokens: row.cached_tokens },
    output: { cost: row.output_cost, tokens: row.output_tokens },
  },
});

/** Runs that one mean is taken of. */
const MOST_RUNS = 10_000;

/** What a token, a request and a run cost over all models that somebody charges for: see `chargedUnitCosts`. */
export async function unitCosts(
  tx: ReadTx,
  actor: TenantRef,
  values: Values,
  window: { readonly firstDay: string; readonly lastDay: string },
) {
  const units = chargedUnitCosts((await readModelUse(tx, values)).map(chargedUse));
  const runs = await readRuns(tx, values, MOST_RUNS);
  const uses = runs.some(({ own }) => own.length > 0) ? await ownUse(tx, actor, window) : new Map<number, never>();
  const { mean, runs: known } = meanRunCost(
    runs.map(
      (run) =>
        runCost(
          run.charged_cost,
          run.own.map(([id]) => uses.get(id)),
        ).cost,
    ),
  );
  return {
    cost_per_token: units.perToken,
    cost_per_1m_tokens: units.perMillion.all,
    cost_per_1m_input_tokens: units.perMillion.input,
    cost_per_1m_cached_tokens: units.perMillion.cached,
    cost_per_1m_output_tokens: units.perMillion.output,
    cost_per_inference: units.perInference,
    cost_per_training_run: mean,
    training_runs: known,
  };
}

async function ownUse(
  tx: ReadTx,
  actor: TenantRef,
  { firstDay, lastDay }: { readonly firstDay: string; readonly lastDay: string },
): Promise<ReadonlyMap<number, InstanceGpuUse>> {
  // what a run costs does not depend on what counts as idle
  const uses = await readGpuUse(tx, actor, { firstDay, lastDay, costType: 'effective', idleBelowPercent: 0 });
  return new Map(uses.map((use) => [use.instanceId, use]));
}

/** What a run came to: `hours` has the instance of every clock hour that it used; one without a cost makes the whole unknown. */
export function runCost(charged: string | null, hours: readonly (InstanceGpuUse | undefined)[]) {
  const costs = hours.map((use) => {
    const { costPerGpuHour } = usefulGpuHours(use ? [use] : []);
    return costPerGpuHour === null ? null : multiplied(costPerGpuHour, use!.gpus);
  });
  const known = costs.filter((cost) => cost !== null);
  const own = costs.length === 0 || known.length < costs.length ? null : sumDecimals(known);
  const told = [charged, own].filter((cost) => cost !== null);
  const cost = told.length === 0 || (own === null && hours.length > 0) ? null : sumDecimals(told);
  return { cost, charged_cost: charged, own_cost: own, instance_hours: hours.length };
}
