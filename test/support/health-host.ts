import type { CollectorEvent, DeviceFacts, GpuSignals } from '../../apps/agent/src/collectors/collector.js';
import { HealthPart } from '../../apps/agent/src/health/health-part.js';
import type { Boot } from '../../apps/agent/src/health/boot.js';
import { silentLog } from '../../apps/agent/src/log.js';
import { ManualClock } from './manual-clock.js';

/** The health of an agent's host, whose kernel log is a file and whose clock the test turns. */
export class HealthHost {
  readonly events: CollectorEvent[] = [];
  readonly states: [string, string, string][] = [];
  readonly part: HealthPart;
  changes = 0;

  constructor(
    readonly clock: ManualClock,
    options: { stateDir: string; boot: Boot; kernelLog: string },
  ) {
    this.part = new HealthPart({
      fabricLog: null,
      ...options,
      clock,
      log: silentLog,
      sink: {
        event: (event) => this.events.push(event),
        state: (name, condition, message) => this.states.push([name, condition, message]),
      },
      changed: () => (this.changes += 1),
    });
  }

  list(...devices: DeviceFacts[]): this {
    this.part.watcher.inventory?.('nvidia-smi', devices);
    return this;
  }

  read(uuid = 'GPU-a', signals: GpuSignals = { recoveryAction: 'None' }, values = new Map<number, number>()): this {
    this.part.watcher.sample?.('nvidia-smi', uuid, this.clock.nowMs(), values);
    this.part.watcher.signals?.('nvidia-smi', uuid, this.clock.nowMs(), signals);
    return this;
  }

  async tick(ms = 1_000): Promise<this> {
    await this.clock.advance(ms);
    this.part.tick();
    return this;
  }

  of(uuid = 'GPU-a') {
    return this.part.of(uuid, undefined);
  }

  named(kind: string) {
    return this.events.filter((event) => event.kind === kind);
  }
}
