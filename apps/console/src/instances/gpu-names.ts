import type { Schemas } from '../data/api';

type Gpu = Schemas['InstanceDetails']['gpus'][number];

/** How one device of an instance is called: "GPU 3", "GPU 3 · 1g.10gb #2". */
export function gpuNames(gpus: readonly Gpu[]): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const seen = new Map<string, number>();
  for (const gpu of gpus)
    if (gpu.kind === 'gpu') names.set(gpu.uuid, gpu.index === null ? short(gpu.uuid) : `GPU ${gpu.index}`);
  for (const gpu of gpus) {
    if (gpu.kind === 'gpu') continue;
    const parent = names.get(gpu.parent_uuid ?? '') ?? (gpu.index === null ? short(gpu.uuid) : `GPU ${gpu.index}`);
    const base = `${parent} · ${gpu.mig?.profile ?? 'MIG'}`;
    const place = (seen.get(base) ?? 0) + 1;
    seen.set(base, place);
    names.set(gpu.uuid, `${base} #${place}`);
  }
  return names;
}

const short = (uuid: string) => (uuid.length > 16 ? `${uuid.slice(0, 12)}…` : uuid);

/** Which GPUs an address names, by index; empty: all. */
export function chosenGpus(text: string): ReadonlySet<number> {
  return new Set(text.split(',').filter((part) => /^\d{1,4}$/.test(part)).map(Number)); // prettier-ignore
}

export const gpusText = (chosen: ReadonlySet<number>): string => [...chosen].sort((a, b) => a - b).join(',');
