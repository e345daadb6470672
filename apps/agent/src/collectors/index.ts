import type { Collector, CollectorOptions, DeviceFacts } from './collector.js';
import { HostCollector } from './host/host.collector.js';
import { MachineCollector } from './inventory/machine.collector.js';
import { NvidiaSmiCollector } from './nvidia-smi/nvidia-smi.collector.js';
import { NvmlCollector } from './nvml/nvml.collector.js';
import { ownProgram } from './nvml/program.js';

export { machineIdentity, type MachineIdentity } from './inventory/identity.js';

/** The collectors that run on this host, in the order in which they are started. */
export function createCollectors(options: CollectorOptions): Collector[] {
  const machine = new MachineCollector(options);
  const { intervalS, stateDir } = options;
  const shared = { intervalS, stateDir, onDevices: (devices: readonly DeviceFacts[]) => machine.setDevices(devices) };
  const gpus =
    options.reader === 'nvml'
      ? new NvmlCollector({ program: ownProgram(), library: options.nvmlLibrary, ...shared })
      : new NvidiaSmiCollector({ tool: options.nvidiaSmi, ...shared });
  return [machine, gpus, new HostCollector({ intervalS: options.intervalS })];
}
