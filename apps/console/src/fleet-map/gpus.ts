import type { Schemas } from '../data/api';

export type FleetAnswer = Schemas['FleetMap'];
export type MapInstance = FleetAnswer['instances'][number];
export type GpuState = FleetAnswer['gpus']['state'][number];

/** Which GPUs a number on top of the fleet counts. */
export const SHOWN = ['all', 'busy', 'held', 'idle', 'wasted', 'unhealthy'] as const;
export type Shown = (typeof SHOWN)[number];

/** Whether GPU `i` is one of those. */
export function isShown({ gpus }: FleetAnswer, i: number, shown: Shown): boolean {
  const state = gpus.state[i];
  if (shown === 'all') return true;
  if (shown === 'wasted') return state === 'held' || state === 'idle';
  if (shown === 'unhealthy') return gpus.health[i] === 'degraded' || gpus.health[i] === 'unhealthy';
  return state === shown;
}

/** What GPU `i` costs a day for nothing; 0: it works; null: it does not, and nobody knows its price. */
export function wastedPerDay({ instances, gpus }: FleetAnswer, i: number): number | null {
  if (gpus.state[i] !== 'held' && gpus.state[i] !== 'idle') return 0;
  const price = instances[gpus.instance[i]!]!.gpu_hourly_cost;
  return price === null ? null : Number(price) * 24;
}

/** Instances with a GPU of those that are shown, the one that wastes most first; `fit`: only these places. */
export function instancesShown(fleet: FleetAnswer, shown: Shown, fit?: readonly boolean[]): number[] {
  const wasted = new Map<number, number>();
  fleet.gpus.instance.forEach((place, i) => {
    if (!isShown(fleet, i, shown) || fit?.[place] === false) return;
    const { id } = fleet.instances[place]!;
    wasted.set(id, (wasted.get(id) ?? 0) + (wastedPerDay(fleet, i) ?? 0));
  });
  return [...wasted].sort(([a, x], [b, y]) => y - x || a - b).map(([id]) => id);
}

export type GroupBy = 'none' | 'type' | 'gpu' | 'region' | 'provider' | `tag:${string}`;

/** One GPU host in the map: its GPUs are places in the columns of the answer. */
export interface Host {
  readonly place: number;
  readonly gpus: readonly number[];
}
export interface Group {
  /** null: what has no such tag. */
  readonly name: string | null;
  readonly hosts: readonly Host[];
  readonly gpus: number;
  readonly busy: number;
  /** By currency. */
  readonly wasted: ReadonlyMap<string, number>;
}

function nameOf(one: MapInstance, by: GroupBy): string | null {
  if (by === 'none') return '';
  if (by === 'type') return one.instance_type;
  if (by === 'gpu') return one.gpu_type;
  if (by === 'region') return one.region;
  if (by === 'provider') return one.cloud_provider;
  return one.tags[by.slice('tag:'.length)] ?? null;
}

/** Hosts by what they share, the largest group first, those without it last. */
export function groupsOf(fleet: FleetAnswer, by: GroupBy): Group[] {
  const { instances, gpus } = fleet;
  const hosts = new Map<number, number[]>();
  gpus.instance.forEach((place, i) => {
    const known = hosts.get(place);
    if (known) known.push(i);
    else hosts.set(place, [i]);
  });
  const groups = new Map<string | null, Host[]>();
  for (const place of [...hosts.keys()].sort((a, b) => a - b)) {
    const name = nameOf(instances[place]!, by);
    const host = { place, gpus: hosts.get(place)! };
    const known = groups.get(name);
    if (known) known.push(host);
    else groups.set(name, [host]);
  }
  return [...groups]
    .map(([name, members]) => summed(fleet, name, members))
    .sort((a, b) => Number(a.name === null) - Number(b.name === null) || b.gpus - a.gpus || compare(a.name, b.name));
}

const compare = (a: string | null, b: string | null) => ((a ?? '') < (b ?? '') ? -1 : 1);

function summed(fleet: FleetAnswer, name: string | null, hosts: readonly Host[]): Group {
  const wasted = new Map<string, number>();
  let [gpus, busy] = [0, 0];
  for (const host of hosts) {
    const { currency } = fleet.instances[host.place]!;
    for (const i of host.gpus) {
      gpus += 1;
      if (fleet.gpus.state[i] === 'busy') busy += 1;
      const amount = wastedPerDay(fleet, i) ?? 0;
      if (amount > 0) wasted.set(currency, (wasted.get(currency) ?? 0) + amount);
    }
  }
  return { name, hosts, gpus, busy, wasted };
}

/** Keys of tags that instances have, the most used first. */
export function tagKeys(fleet: FleetAnswer): string[] {
  const counts = new Map<string, number>();
  for (const { tags } of fleet.instances) {
    for (const key of Object.keys(tags)) counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return [...counts].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1)).map(([key]) => key);
}
