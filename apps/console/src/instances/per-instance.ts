import type { FleetAnswer } from '../fleet-map/gpus';

/** What the map of the fleet knows of one instance: all of its GPUs together. Pure. */
export interface OfInstance {
  /** Percent, mean of those that report; null: none does. */
  readonly utilisation: number | null;
  /** Percent of memory in use, mean of those that report. */
  readonly memory: number | null;
  /** Degrees Celsius, the hottest. */
  readonly hottest: number | null;
  /** Watts, all that report. */
  readonly power: number | null;
  /** Since when none of its GPUs works, as the minute that was quiet last of all; null: one works, or nobody knows. */
  readonly idleSince: string | null;
  /** GPUs that are degraded or unhealthy. */
  readonly sick: number;
}

const mean = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;

/** By the instance's id; those without a GPU are not there. */
export function perInstance(fleet: FleetAnswer | undefined): ReadonlyMap<number, OfInstance> {
  if (!fleet) return new Map();
  const places = new Map<number, number[]>();
  fleet.gpus.instance.forEach((place, i) => {
    const known = places.get(place);
    if (known) known.push(i);
    else places.set(place, [i]);
  });
  const atMs = Date.parse(fleet.at);
  return new Map([...places].map(([place, gpus]) => [fleet.instances[place]!.id, summed(fleet, gpus, atMs)]));
}

function summed({ gpus }: FleetAnswer, mine: readonly number[], atMs: number): OfInstance {
  const present = (column: readonly (number | null)[]) =>
    mine.flatMap((i) => (typeof column[i] === 'number' ? [column[i]] : []));
  const [temperatures, powers] = [present(gpus.temperature), present(gpus.power)];
  const quiet = present(gpus.quiet_minutes);
  return {
    utilisation: mean(present(gpus.utilization)),
    memory: mean(present(gpus.memory)),
    hottest: temperatures.length === 0 ? null : Math.max(...temperatures),
    power: powers.length === 0 ? null : powers.reduce((sum, value) => sum + value, 0),
    idleSince: quiet.length < mine.length ? null : new Date(atMs - Math.min(...quiet) * 60_000).toISOString(),
    sick: mine.filter((i) => gpus.health[i] === 'degraded' || gpus.health[i] === 'unhealthy').length,
  };
}
