import type { GpuSignals } from '../../collector.js';
import { FieldBatch } from './fields.js';
import type { Handle, NvmlLibrary } from './library.js';
import { NVML } from './return-codes.js';

const ASKED = new FieldBatch([
  { field: 'recoveryAction', scope: 0 },
  { field: 'resetStatus', scope: 0 },
  { field: 'drainAndResetStatus', scope: 0 },
]);
const ACTIONS = ['None', 'Reset', 'Reboot', 'Drain P2P', 'Drain and Reset', 'Recover IMEX Domain'] as const;

/** What the driver advises, in the words of nvidia-smi; a number that nobody knows is told as it is. */
export function adviceSignals(nvml: NvmlLibrary, device: Handle): GpuSignals {
  const [action, reset, drain] = ASKED.read(nvml, device).map(({ code, value }) =>
    code === NVML.success ? value : undefined,
  );
  return {
    ...(action === undefined ? {} : { recoveryAction: ACTIONS[action] ?? `Action ${action}` }),
    ...(reset === undefined ? {} : { resetRequired: reset !== 0 }),
    ...(drain === undefined ? {} : { drainAndResetRecommended: drain !== 0 }),
  };
}
