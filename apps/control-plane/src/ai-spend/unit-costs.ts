import { multiplied, sumDecimals, usefulGpuHours } from '@flotilla/domain';
import type { InstanceGpuUse } from '../costs/index.js';

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
