/** Newest values that came by the stream since the map was loaded. Holds one reading per GPU at most. Pure. */
import type { FleetAnswer } from './gpus';

export interface LiveReading {
  readonly instance_id: number;
  readonly device: string;
  readonly gpu_index: number | null;
  readonly metrics: Readonly<Record<string, number>>;
}

const COLUMNS = {
  utilization: 'gpu_utilization',
  memory: 'memory_utilization',
  temperature: 'temperature',
  power: 'power_draw',
} as const;
type Column = keyof typeof COLUMNS;

const keyOf = (instanceId: number, index: number) => `${instanceId} ${index}`;

export class LiveGpus {
  private readonly places = new Map<string, number>();
  private readonly readings = new Map<number, LiveReading['metrics']>();

  /** @param fleet as it was loaded: what came before it is in it */
  constructor(private readonly fleet: FleetAnswer) {
    fleet.gpus.instance.forEach((place, i) => {
      const index = fleet.gpus.index[i];
      if (typeof index === 'number') this.places.set(keyOf(fleet.instances[place]!.id, index), i);
    });
  }

  /** @returns whether something came that the map shows */
  take(readings: readonly LiveReading[]): boolean {
    let isNew = false;
    for (const { instance_id, device, gpu_index, metrics } of readings) {
      // parts of a GPU carry its index, too
      if (gpu_index === null || device.startsWith('MIG-')) continue;
      const place = this.places.get(keyOf(instance_id, gpu_index));
      if (place === undefined) continue;
      this.readings.set(place, metrics);
      isNew = true;
    }
    return isNew;
  }

  /** The fleet with what came since; the same object where nothing did. What a reading lacks stays as it was. */
  now(): FleetAnswer {
    if (this.readings.size === 0) return this.fleet;
    const { gpus } = this.fleet;
    const changed = (column: Column) => {
      const values = [...gpus[column]];
      for (const [place, metrics] of this.readings) {
        const value = metrics[COLUMNS[column]];
        if (value !== undefined) values[place] = Math.round(value * 10) / 10;
      }
      return values;
    };
    const [utilization, memory] = [changed('utilization'), changed('memory')];
    const [temperature, power] = [changed('temperature'), changed('power')];
    return { ...this.fleet, gpus: { ...gpus, utilization, memory, temperature, power } };
  }
}
