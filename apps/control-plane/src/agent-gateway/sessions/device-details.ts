import type { Device } from '@flotilla/contracts/agent';
import type { InventoryDevice } from '../../instances/index.js';
import { cleanText } from '../grpc/text.js';

type Details = InventoryDevice['details'];
/** The part of a device that this is made of. */
type Told = Pick<
  Device,
  'kind' | 'migProfile' | 'gpuInstanceId' | 'computeInstanceId' | 'recoveryAction' | 'attributes' | 'nvlinks' | 'vgpus'
>;

const ATTRIBUTES_MAX = 64;
/** 18 links are the most that a GPU has had; a few more may come. */
const LINKS_MAX = 64;
/** Virtual GPUs on one board. */
const VGPUS_MAX = 128;

/** The slow facts of a device of an inventory; what the agent did not tell is left out. */
export function detailsOf(wire: Told): Details {
  const recoveryAction = cleanText(wire.recoveryAction, 128);
  const attributes = Object.entries(wire.attributes)
    .slice(0, ATTRIBUTES_MAX)
    .flatMap(([name, value]): [string, string][] => {
      const text = cleanText(value, 256);
      return text && /^[a-z][a-z0-9_]{0,63}$/.test(name) ? [[name, text]] : [];
    });
  return {
    ...(wire.kind === 'mig' ? { mig: migOf(wire) } : {}),
    ...(recoveryAction ? { recovery_action: recoveryAction } : {}),
    ...(attributes.length > 0 ? { attributes: Object.fromEntries(attributes) } : {}),
    ...(wire.nvlinks.length > 0 ? { nvlinks: nvlinksOf(wire) } : {}),
    ...(wire.vgpus.length > 0 ? { vgpus: vgpusOf(wire) } : {}),
  };
}

const migOf = (wire: Told): NonNullable<Details['mig']> => ({
  profile: cleanText(wire.migProfile, 64),
  gpu_instance_id: wire.gpuInstanceId ?? null,
  compute_instance_id: wire.computeInstanceId ?? null,
});

const nvlinksOf = (wire: Told): NonNullable<Details['nvlinks']> =>
  wire.nvlinks.slice(0, LINKS_MAX).map((link) => ({
    index: link.index,
    active: link.active,
    // float32 on the wire: 26.562 again instead of 26.5620002746582
    speed_gbps: link.speedGbps > 0 && Number.isFinite(link.speedGbps) ? Number(link.speedGbps.toPrecision(7)) : null,
    version: cleanText(link.version, 32),
    remote_bus_id: cleanText(link.remoteBusId, 64),
  }));

const vgpusOf = (wire: Told): NonNullable<Details['vgpus']> =>
  wire.vgpus.slice(0, VGPUS_MAX).map((vgpu) => ({
    uuid: cleanText(vgpu.uuid, 128) ?? '',
    type: cleanText(vgpu.type, 128) ?? '',
    vm_id: cleanText(vgpu.vmId, 128),
    vm_name: cleanText(vgpu.vmName, 256),
    memory_total_mib: mebibytes(vgpu.memoryTotalMib),
    memory_used_mib: mebibytes(vgpu.memoryUsedMib),
    licensed: vgpu.licensed ?? null,
  }));

const mebibytes = (value: number | undefined) => (value !== undefined && value < 2 ** 40 ? value : null);
