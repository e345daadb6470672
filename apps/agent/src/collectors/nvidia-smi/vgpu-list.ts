import type { VgpuFacts } from '../collector.js';
import { busKey } from '../gpu/bus-key.js';
import { compact } from '../gpu/compact.js';
import type { GpuInventory } from '../gpu/shape.js';
import { numberOf, readCell, wordOf } from './cells.js';

/**
 * The virtual GPUs that a hypervisor's host carries, by the place of their GPU on the bus, from `nvidia-smi vgpu -q`:
 *
 *     GPU 00000000:3B:00.0
 *         Active vGPUs                    : 1
 *         vGPU ID                         : 3251634190
 *             VM UUID                     : ee7b7a4b-…
 *             vGPU Name                   : GRID A100-10C
 *             vGPU UUID                   : …
 *             FB Memory Usage
 *                 Total                   : 10240 MiB
 */
export function parseVgpus(output: string): ReadonlyMap<string, readonly VgpuFacts[]> {
  const gpus = new Map<string, VgpuFacts[]>();
  let list: VgpuFacts[] | undefined;
  let open: { id: string; fields: Map<string, string> } | null = null;
  let group = '';
  const close = () => {
    if (open && list) list.push(factsOf(open.id, open.fields));
    open = null;
  };
  for (const line of output.split(/\r?\n/)) {
    const gpu = /^GPU ([0-9A-Fa-f:.]+)\s*$/.exec(line);
    if (gpu) {
      close();
      list = [];
      gpus.set(busKey(gpu[1] as string), list);
      continue;
    }
    const field = /^\s+([^:]+?)\s*:(?: (.*))?$/.exec(line);
    if (!field) {
      group = line.trim();
      continue;
    }
    const key = field[1] as string;
    const value = field[2] ?? '';
    const indent = line.length - line.trimStart().length;
    if (key === 'vGPU ID') {
      close();
      open = { id: value.trim(), fields: new Map() };
    } else if (open) {
      // fields of a group stand one step further in
      open.fields.set(indent > 8 ? `${group}/${key}` : key, value.trim());
    }
  }
  close();
  return gpus;
}

function factsOf(id: string, fields: ReadonlyMap<string, string>): VgpuFacts {
  const word = (key: string) => wordOf(readCell(fields.get(key) ?? ''));
  const mib = (key: string) => {
    const value = numberOf(readCell(fields.get(key) ?? ''), 'MiB');
    return typeof value === 'number' ? value : undefined;
  };
  const license = fields.get('License Status');
  return compact({
    uuid: word('vGPU UUID') ?? word('MDEV UUID') ?? `vGPU-${id}`,
    type: fields.get('vGPU Name') ?? '',
    vmId: word('VM UUID') ?? word('VM ID'),
    vmName: fields.get('VM Name') || undefined,
    memoryTotalMib: mib('FB Memory Usage/Total'),
    licensed: license === undefined || /^N\/A/.test(license) ? undefined : /^Licensed/.test(license),
  });
}

/** True where the host of a hypervisor may carry virtual GPUs: only there the driver's other command is asked. */
export const mayCarryVgpus = ({ gpus }: GpuInventory): boolean =>
  gpus.some(({ attributes }) => attributes.host_vgpu_mode !== undefined);

export function withVgpus(inventory: GpuInventory, vgpus: ReadonlyMap<string, readonly VgpuFacts[]>): GpuInventory {
  if (vgpus.size === 0) return inventory;
  const gpus = inventory.gpus.map((gpu) => ({ ...gpu, vgpus: vgpus.get(busKey(gpu.facts.busId ?? '')) ?? [] }));
  return { ...inventory, gpus };
}
