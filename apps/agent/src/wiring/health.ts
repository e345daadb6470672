import { currentBoot } from '../health/boot.js';
import { HealthPart } from '../health/health-part.js';
import type { AgentContext } from './context.js';
import type { Part } from './part.js';

/** Judges the GPUs by everything that is said of them, and lends the inventory its word. */
export function wireHealth(context: AgentContext): Part {
  const { settings, clock, log, intake, inventory } = context;
  const part = new HealthPart({
    stateDir: settings.stateDir,
    kernelLog: settings.kernelLog,
    fabricLog: settings.fabricLog,
    boot: currentBoot(clock.nowMs()),
    clock,
    log,
    sink: intake.sinkOf('health'),
    changed: () => inventory.healthChanged(),
  });
  return {
    name: part.name,
    start: () => {
      inventory.judge = part;
      intake.watch(part.watcher);
    },
    tick: () => part.tick(),
    stop: () => part.stop(),
  };
}
