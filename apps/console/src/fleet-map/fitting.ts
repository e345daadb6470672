import type { FleetAnswer, MapInstance } from './gpus';

/** What the filters ask for; empty: every one. */
export interface Wanted {
  readonly search: string;
  readonly state: string;
  readonly provider: string;
  readonly region: string;
  readonly gpu: string;
  readonly tag: string;
}

/** Whether the filters let an instance through, by the rules of the list in the API. */
export function fits(one: MapInstance, { search, state, provider, region, gpu, tag }: Wanted): boolean {
  const at = tag.indexOf(':');
  const text = search.toLowerCase();
  return (
    (!state || one.state === state) &&
    (!provider || one.cloud_provider === provider) &&
    (!region || one.region === region) &&
    (!gpu || one.gpu_type === gpu) &&
    (!tag || one.tags[tag.slice(0, at)] === tag.slice(at + 1)) &&
    (!text ||
      [one.name, one.instance_id, one.instance_type, one.gpu_type, one.region].some((word) =>
        word?.toLowerCase().includes(text),
      ))
  );
}

/** Of each instance of the answer whether it fits; undefined: nothing is filtered. */
export function fitting(fleet: FleetAnswer, wanted: Wanted): readonly boolean[] | undefined {
  const isFiltered = Object.values(wanted).some((value) => value !== '');
  return isFiltered ? fleet.instances.map((one) => fits(one, wanted)) : undefined;
}
