import { metricById } from '@flotilla/domain';

/** A device as a query reads it, with its newest values. */
export interface DeviceRow {
  readonly instance_id: number;
  readonly uuid: string;
  readonly kind: 'gpu' | 'mig' | 'host';
  readonly live_at: Date | null;
  readonly metrics: readonly number[] | null;
  readonly readings: readonly (number | null)[] | null;
}

export interface ReadingOf {
  readonly timestamp: Date;
  readonly metrics: Record<string, number>;
}

/** Values older than this against the newest of the same instance are not "now" any more; milliseconds. */
const TOGETHER_MS = 2 * 60_000;

export function readingOf(device: DeviceRow): ReadingOf | null {
  if (!device.live_at || !device.metrics || !device.readings) return null;
  const metrics: Record<string, number> = {};
  for (const [i, id] of device.metrics.entries()) {
    const value = device.readings[i];
    const metric = metricById(id);
    if (metric && value !== null && value !== undefined) metrics[metric.name] = value;
  }
  return { timestamp: device.live_at, metrics };
}

/** What an instance does now, over its devices. A GPU that does not report takes part in nothing. */
export function latestOf(devices: readonly DeviceRow[]) {
  const readings = devices.flatMap((device) => {
    const reading = readingOf(device);
    return reading ? [{ ...reading, kind: device.kind }] : [];
  });
  const newestMs = Math.max(...readings.map((reading) => reading.timestamp.getTime()));
  const now = readings.filter((reading) => newestMs - reading.timestamp.getTime() <= TOGETHER_MS);
  if (now.length === 0) return null;
  const values = (kind: 'gpu' | 'host', name: string) =>
    now.filter((r) => r.kind === kind).flatMap((r) => (r.metrics[name] === undefined ? [] : [r.metrics[name]]));
  return {
    timestamp: new Date(newestMs),
    gpu_utilization: mean(values('gpu', 'gpu_utilization')),
    memory_utilization: mean(values('gpu', 'memory_utilization')),
    temperature: highest(values('gpu', 'temperature')),
    power_draw: total(values('gpu', 'power_draw')),
    cpu_utilization: mean(values('host', 'cpu_utilization')),
    host_memory_utilization: mean(values('host', 'host_memory_utilization')),
    disk_utilization: mean(values('host', 'disk_utilization')),
  };
}

const total = (values: readonly number[]) =>
  values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
const mean = (values: readonly number[]) => (values.length === 0 ? null : total(values)! / values.length);
const highest = (values: readonly number[]) => (values.length === 0 ? null : Math.max(...values));
