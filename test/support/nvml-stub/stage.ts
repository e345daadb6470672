import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { metricId, type MetricName } from '@flotilla/domain';
import type { Clock } from '../../../apps/agent/src/clock.js';
import type { Reading } from '../../../apps/agent/src/collectors/collector.js';
import { NvmlCollector } from '../../../apps/agent/src/collectors/nvml/nvml.collector.js';
import type { Program } from '../../../apps/agent/src/collectors/nvml/program.js';
import { RecordingSink } from '../recording-sink.js';
import { NvmlStub, type StubMachine } from './index.js';
import { packagedAgent } from './program.js';

const SPEED = 5;

/** A clock that runs five times as fast: patience and pauses are over sooner. */
export const fastClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now() * SPEED,
  after(ms, run) {
    const timer = setTimeout(run, ms / SPEED).unref();
    return () => clearTimeout(timer);
  },
  every(ms, run) {
    const timer = setInterval(run, ms / SPEED).unref();
    return () => clearInterval(timer);
  },
};

export interface StageOptions {
  readonly lacks?: readonly string[];
  readonly intervalS?: number;
  /** Instead of the stub. */
  readonly library?: string;
  readonly withKoffi?: boolean;
  readonly clock?: Clock;
}

/** The reader nvml against a machine of the stub: real processes, real pipes, a real library. */
export class NvmlStage {
  readonly sink = new RecordingSink();
  private constructor(
    readonly folder: string,
    readonly stub: NvmlStub,
    readonly collector: NvmlCollector,
    readonly program: Program,
  ) {}

  static async open(machine: Partial<StubMachine>, options: StageOptions = {}): Promise<NvmlStage> {
    const folder = mkdtempSync(join(tmpdir(), 'flotilla-nvml-'));
    const stub = new NvmlStub(join(folder, 'driver'), machine, options.lacks);
    mkdirSync(join(folder, 'state'));
    const program = await packagedAgent(join(folder, 'agent'), options.withKoffi);
    const collector = new NvmlCollector({
      program,
      library: options.library ?? stub.library,
      intervalS: options.intervalS ?? 0.2,
      stateDir: join(folder, 'state'),
    });
    const stage = new NvmlStage(folder, stub, collector, program);
    collector.start(stage.sink, options.clock ?? fastClock);
    return stage;
  }

  async close(): Promise<void> {
    await this.collector.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async until(what: string, holds: () => boolean, ms = 20_000): Promise<void> {
    const end = performance.now() + ms;
    while (!holds()) {
      if (performance.now() > end) {
        throw new Error(`never ${what}; states: ${this.sink.states.join(' | ')}; ${this.sink.kinds().join()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** The newest value of a metric of a device; undefined: it was never said. */
  newest(device: string, metric: MetricName): Reading | undefined {
    return this.sink
      .of(device)
      .findLast((sample) => sample.values.has(metricId(metric)))
      ?.values.get(metricId(metric));
  }

  /** Several of them. */
  values<M extends MetricName>(device: string, metrics: readonly M[]): Record<M, Reading | undefined> {
    return Object.fromEntries(metrics.map((m) => [m, this.newest(device, m)])) as Record<M, Reading | undefined>;
  }
}
