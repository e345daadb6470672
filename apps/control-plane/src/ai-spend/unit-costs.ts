import { sumDecimals, usefulGpuHours } from '@flotilla/domain';
import Big from 'big.js';
import type { InstanceGpuUse } from '../costs/index.js';

/** `cost × times ÷ by`, to 12 digits; null where there is nothing to divide or to divide by. */
export function divided(cost: string | null, by: string | null, times = 1): string | null {
  if (cost === null || by === null || new Big(by).eq(0)) return null;
  return new Big(new Big(cost).times(times).div(by).toFixed(12)).toFixed();
}

/** What a run came to: `hours` has the instance of every clock hour that it used; one without a cost makes the whole unknown. */
export function runCost(charged: string | null, hours: readonly (InstanceGpuUse | undefined)[]) {
  const costs = hours.map((use) => {
    const { costPerGpuHour } = usefulGpuHours(use ? [use] : []);
    return costPerGpuHour === null ? null : new Big(costPerGpuHour).times(use!.gpus).toFixed();
  });
  const known = costs.filter((cost) => cost !== null);
  const own = costs.length === 0 || known.length < costs.length ? null : sumDecimals(known);
  const told = [charged, own].filter((cost) => cost !== null);
  const cost = told.length === 0 || (own === null && hours.length > 0) ? null : sumDecimals(told);
  return { cost, charged_cost: charged, own_cost: own, instance_hours: hours.length };
}
