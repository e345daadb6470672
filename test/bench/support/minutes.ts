import { simulatedFleet, simulateGpuMinute } from '@flotilla/domain';
import type { DeviceMinute } from '@flotilla/domain';

/** Different minutes of different GPUs with everything that a data-centre GPU reports (12 metrics), as the simulation makes them. */
export function simulatedMinutes(count: number, intervalS: number): DeviceMinute[] {
  const gpus = simulatedFleet(1).flatMap((instance) =>
    instance.gpus.filter((gpu) => gpu.kind === 'gpu' && !gpu.migEnabled).map((gpu) => ({ instance, gpu })),
  );
  const noon = Date.UTC(2026, 2, 3, 12) / 1000;
  return Array.from({ length: count }, (_, i) => {
    const { instance, gpu } = gpus[i % gpus.length]!;
    return simulateGpuMinute(instance, gpu, noon + 60 * 37 * Math.floor(i / gpus.length), intervalS);
  });
}
