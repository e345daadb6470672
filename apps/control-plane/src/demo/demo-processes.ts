import { Injectable } from '@nestjs/common';
import { simulatedProcess } from '@flotilla/domain';
import { GpuProcesses } from '../instances/index.js';
import type { GpuProcess } from '../instances/index.js';
import { DemoPower } from './demo-power.js';
import type { DemoFleet, DemoMachine } from './demo.types.js';

/** What simulated agents list of the processes on their GPUs: without it no stop can be judged. */
@Injectable()
export class DemoProcesses {
  constructor(
    private readonly processes: GpuProcesses,
    private readonly power: DemoPower,
  ) {}

  /** Reports the processes of every machine that is on. */
  async report(fleet: DemoFleet, nowMs: number): Promise<void> {
    for (const machine of fleet.machines) {
      if (!this.power.isOnAt(machine.simulated, nowMs / 1000)) continue;
      await this.processes.report(fleet.tenantId, machine.instanceId, nowMs, listOf(machine, nowMs / 1000));
    }
  }
}

function listOf({ simulated, devices }: DemoMachine, atS: number): GpuProcess[] {
  return devices.flatMap(({ gpu }) => {
    // on a GPU that is cut into instances everything runs in one of them
    const process = gpu.migEnabled ? null : simulatedProcess(simulated, gpu, atS);
    if (!process) return [];
    const { pid, name, user, usedMemoryMib, smPercent } = process;
    return {
      device: gpu.uuid,
      pid,
      name,
      user,
      usedMemoryMib,
      smPercent,
      type: 'C',
      startedAt: new Date(process.startedAtS * 1000),
      command: null,
      container: null,
      pod: null,
      slurmJobId: null,
    };
  });
}
