import { metricId, type MetricName } from '@flotilla/domain';
import type { Reading } from '../../collector.js';
import type { Probe } from './device-values.js';
import type { Handle, NvmlLibrary } from './library.js';
import { absenceOf, NVML } from './return-codes.js';

/** What one reading of a device gave. */
export interface DeviceReading {
  readonly values: Map<number, Reading>;
  /** The code of the first call that failed as a fault; 0 where none did. */
  fault: number;
  /** Calls that succeeded. */
  answered: number;
}

/**
 * Runs probes on one device. What a board does not have is asked again only once a minute: the answer does not change
 * while the driver runs, except with a change of mode (MIG, ECC), and each call goes to the driver's kernel side.
 */
export class DeviceReader {
  private readonly absent = new Map<string, Reading>();

  constructor(
    private readonly nvml: NvmlLibrary,
    readonly handle: Handle,
  ) {}

  /** Asks everything anew with the next reading. */
  forget(): void {
    this.absent.clear();
  }

  /** Whether a probe of another kind is known to have nothing here. */
  lacks(name: string): boolean {
    return this.absent.has(name);
  }

  markLacking(name: string, absence: Reading): void {
    this.absent.set(name, absence);
  }

  read(probes: readonly Probe[], into: DeviceReading): void {
    const put = (metric: MetricName, value: Reading) => into.values.set(metricId(metric), value);
    for (const probe of probes) {
      const known = this.absent.get(probe.name);
      if (known !== undefined) {
        for (const metric of probe.metrics) put(metric, known);
        continue;
      }
      const code = probe.read(this.nvml, this.handle, put);
      if (code === NVML.success) {
        into.answered += 1;
        continue;
      }
      const absence = absenceOf(code);
      for (const metric of probe.metrics) put(metric, absence);
      if (absence === 'fault') into.fault ||= code;
      else this.absent.set(probe.name, absence);
    }
  }
}
