import { randomUUID } from 'node:crypto';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { hostname, tmpdir, uptime } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../clock.js';
import { machineIdentity } from '../../collectors/index.js';
import type { GpuProcessFacts, Reading } from '../../collectors/collector.js';
import type { Settings } from '../../config/settings.js';
import { machineFacts } from '../../enrolment/machine.js';
import { silentLog } from '../../log.js';
import { AGENT_VERSION } from '../../version.js';
import { wireCollectors } from '../../wiring/collectors.js';
import type { AgentContext } from '../../wiring/context.js';
import { createKeep } from '../../wiring/keep.js';
import { createParts } from '../../wiring/parts.js';
import { clockKept, diskSpace, gpuDevices, kernelLog, processes } from '../checks/access.js';
import type { ScanFacts, ScannedDevice } from './facts.js';

/** nvidia-smi takes seconds on a cold host with many GPUs (persistence mode off). */
const PATIENCE_MS = 12_000;
const LOOK_EVERY_MS = 50;

/**
 * Runs what an agent runs to read and judge, in a folder of its own that is gone afterwards, until every GPU was read
 * once. What an agent on this host remembers of its GPUs' health is taken into account where it may be read.
 */
export async function look(settings: Settings): Promise<ScanFacts> {
  const stateDir = mkdtempSync(join(tmpdir(), 'flotilla-scan-'));
  try {
    copyFileSync(join(settings.stateDir, 'health.json'), join(stateDir, 'health.json'));
  } catch {
    // no agent, or not for this user: the sheet shows what can be seen now
  }
  const own = { ...settings, stateDir, prometheus: null, intervalS: 1 };
  const keep = createKeep(own, systemClock, silentLog);
  const context: AgentContext = {
    ...keep,
    settings: own,
    log: silentLog,
    clock: systemClock,
    bootId: randomUUID(),
    machine: machineIdentity(stateDir),
    nowMs: () => systemClock.nowMs(),
  };
  const values = new Map<string, Map<number, Reading>>();
  let seen: readonly GpuProcessFacts[] | null = null;
  keep.intake.watch({
    sample: (_, device, __, readings) => {
      const known = values.get(device) ?? new Map<number, Reading>();
      for (const [metric, reading] of readings) known.set(metric, reading);
      values.set(device, known);
    },
    processes: (_, list) => void (seen = list),
  });
  const parts = await createParts(context, { isConnected: () => false });
  const collectors = wireCollectors(context);
  try {
    for (const part of parts) await part.start();
    for (const collector of collectors) await collector.start(keep.intake.sinkOf(collector.name), systemClock);
    const end = performance.now() + PATIENCE_MS;
    while (performance.now() < end && !isWhole()) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    for (const part of parts) await part.tick?.();
    const { os = '', kernel = '' } = machineFacts(AGENT_VERSION, '');
    return {
      at: new Date(),
      version: AGENT_VERSION,
      hostname: hostname(),
      os,
      kernel,
      uptimeS: uptime(),
      instance: keep.inventory.instanceFacts ?? {},
      devices: (keep.inventory.current()?.inventory.devices ?? []) as ScannedDevice[],
      values,
      processes: seen,
      collectors: keep.intake.collectorStates,
      checks: [
        kernelLog(),
        gpuDevices(),
        processes(),
        diskSpace(settings.stateDir, settings.spool.max_mb),
        clockKept(),
      ],
    };
  } finally {
    await Promise.all(collectors.map((collector) => collector.stop()));
    await Promise.all(parts.map(async (part) => part.stop()));
    await keep.book.closeAll();
    await keep.spool.close();
    keep.minutes.close();
    rmSync(stateDir, { recursive: true, force: true });
  }

  function isWhole(): boolean {
    const reader = collectors.find(({ name }) => name === 'nvidia-smi' || name === 'nvml');
    if (!keep.inventory.instanceFacts) return false;
    if (reader && !keep.intake.collectorStates.some(({ name }) => name === reader.name)) return false;
    if (!reader || reader.state === 'unavailable' || reader.state === 'failed') return true;
    const gpus = keep.inventory.presentGpus.filter(({ kind }) => kind === 'gpu');
    return gpus.length > 0 && gpus.every(({ uuid }) => values.has(uuid)) && seen !== null;
  }
}
