export { isPoweredAt, simulatedFleet } from './fleet.js';
export type { SimulatedGpu, SimulatedInstance } from './fleet.js';
export { simulatedProcess } from './processes.js';
export type { SimulatedProcess } from './processes.js';
export {
  SIMULATED_HOST_METRICS,
  simulatedHealth,
  simulatedMetrics,
  simulateGpuAggregates,
  simulateGpuMinute,
  simulateHostAggregates,
  simulateHostMinute,
} from './readings.js';
export type { Workload } from './workloads.js';
export { smoothNoise, unit } from './random.js';
