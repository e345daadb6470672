import { metricId, simulatedFleet, simulateGpuMinute } from '@flotilla/domain';
import type { DeviceMinute, MetricName } from '@flotilla/domain';

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

type Row = (second: number, at: number) => number;

/**
 * The minute with everything else that the agent's reader sends of a data-centre GPU: 23 metrics more in every sample, most
 * of them steady, and 15 that are read once a minute and are no value in the other seconds.
 */
export function asReaderSends(minute: DeviceMinute): DeviceMinute {
  const width = minute.seconds.length;
  const of = (name: MetricName): Row => {
    const row = minute.metrics.indexOf(metricId(name));
    return (_, at) => (row < 0 ? Number.NaN : minute.values[row * width + at]!);
  };
  const [used, heat, watts, sm] = (['memory_used_mib', 'temperature', 'power_draw', 'sm_clock'] as const).map(of) as [
    Row,
    Row,
    Row,
    Row,
  ];
  const noise = (seed: number, at: number) => (((seed * 7919 + at * 104_729) % 997) + 997) / 997;
  const capped: Row = (s, at) => (watts(s, at) > 600 ? Math.round(noise(3, at) * 300) / 10 : 0);
  const once =
    (value: number): Row =>
    (_, at) =>
      at === width >> 1 ? value : Number.NaN;
  const seed = minute.minuteS / 60;
  const rows: Partial<Record<MetricName, Row>> = {
    jpeg_utilization: () => 0,
    ofa_utilization: () => 0,
    memory_reserved_mib: () => 479,
    memory_free_mib: (s, at) => Math.max(0, 81_080 - used(s, at)),
    memory_temperature: (s, at) => heat(s, at) - 4,
    temperature_margin: (s, at) => 85 - heat(s, at),
    power_draw_instant: (s, at) => Math.round(watts(s, at) * (96 + 4 * noise(5, at))) / 100,
    graphics_clock: sm,
    video_clock: (s, at) => Math.round(sm(s, at) * 0.78),
    performance_state: () => 0,
    throttled_power_cap: capped,
    throttled_sw_thermal: () => 0,
    throttled_hw_thermal: () => 0,
    throttled_power_brake: () => 0,
    throttled_sync_boost: () => 0,
    ecc_errors_corrected: () => 0,
    remapped_rows_pending: () => 0,
    remapped_rows_failure: () => 0,
    pcie_generation: () => 5,
    pcie_width: () => 16,
    pcie_rx: once(Math.round(noise(7, seed) * 6_000)),
    pcie_tx: once(Math.round(noise(8, seed) * 3_000)),
    pcie_replays: once(9),
    bar1_used_mib: once(used(0, 0)),
    ecc_errors_corrected_aggregate: once(2),
    ecc_errors_uncorrected_aggregate: once(0),
    remapped_rows_correctable: once(0),
    remapped_rows_uncorrectable: once(0),
    nvlink_rx: once(Math.round(noise(9, seed) * 9e6)),
    nvlink_tx: once(Math.round(noise(10, seed) * 9e6)),
    nvlink_active_links: once(18),
    nvlink_crc_errors: once(0),
    nvlink_replay_errors: once(0),
    nvlink_recovery_errors: once(0),
  };
  const known = new Map<number, Row>(
    minute.metrics.map((id, row) => [id, (_, at) => minute.values[row * width + at]!]),
  );
  for (const [name, row] of Object.entries(rows)) known.set(metricId(name as MetricName), row);
  const metrics = [...known.keys()].sort((a, b) => a - b);
  const values = new Float32Array(metrics.length * width);
  metrics.forEach((id, m) => {
    for (let at = 0; at < width; at++) values[m * width + at] = known.get(id)!(minute.seconds[at]!, at);
  });
  return { ...minute, metrics, values };
}
