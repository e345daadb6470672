import type { Collector, CollectorOptions } from './collector.js';
import { HostCollector } from './host/host.collector.js';
import { MachineCollector } from './inventory/machine.collector.js';
import { NvidiaSmiCollector } from './nvidia-smi/nvidia-smi.collector.js';

export { machineIdentity, type MachineIdentity } from './inventory/identity.js';

/** The collectors that run on this host, in the order in which they are started. */
export function createCollectors(options: CollectorOptions): Collector[] {
  const machine = new MachineCollector(options);
  const gpus = new NvidiaSmiCollector({
    tool: options.nvidiaSmi,
    intervalS: options.intervalS,
    stateDir: options.stateDir,
    onDevices: (devices) => machine.setDevices(devices),
  });
  return [machine, gpus, new HostCollector({ intervalS: options.intervalS })];
}
