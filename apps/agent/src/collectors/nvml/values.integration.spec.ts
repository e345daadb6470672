/** What comes out of the reader is what the driver's library (a stand-in, compiled here) was told to say. */
import { jest } from '@jest/globals';
import { metricId, type MetricName } from '@flotilla/domain';
import { gaming, hopper, type StubGpu } from '../../../../../test/support/nvml-stub/index.js';
import { describeNvml } from '../../../../../test/support/nvml-stub/program.js';
import { NvmlStage, type StageOptions } from '../../../../../test/support/nvml-stub/stage.js';
import { systemClock } from '../../clock.js';

jest.setTimeout(30_000);
const A = 'GPU-00000000-0000-0000-0000-000000000001';
const B = 'GPU-00000000-0000-0000-0000-000000000002';

describeNvml('the reader nvml', () => {
  let stage: NvmlStage;
  const open = async (gpus: StubGpu[], options: StageOptions = {}, system = {}) => {
    stage = await NvmlStage.open(
      { gpus, system: { driver: '999.10', nvml: '13.999', cuda: 13010, ...system } },
      options,
    );
  };
  afterEach(() => stage.close());
  const measured = () => stage.until('activity', () => stage.newest(A, 'sm_activity') !== undefined);

  it('reads everything that a board of the Hopper generation has', async () => {
    await open([hopper(0), hopper(1, { 'utilization.gpu': 5, temperature: 33 })]);
    await measured();
    const at = (metric: MetricName) => stage.newest(A, metric);
    expect(stage.values(A, ['gpu_utilization', 'memory_controller_utilization'])).toEqual({
      gpu_utilization: 61,
      memory_controller_utilization: 23,
    });
    expect(['encoder', 'decoder', 'jpeg', 'ofa'].map((e) => at(`${e}_utilization` as MetricName))).toEqual([
      11, 12, 13, 14,
    ]);
    expect(
      stage.values(A, [
        'memory_total_mib',
        'memory_used_mib',
        'memory_free_mib',
        'memory_reserved_mib',
        'bar1_used_mib',
        'memory_utilization',
      ]),
    ).toEqual({
      memory_total_mib: 81559,
      memory_used_mib: 19818,
      memory_free_mib: 61262,
      memory_reserved_mib: 479,
      bar1_used_mib: 19819,
      memory_utilization: (19818 / 81559) * 100,
    });
    expect(
      stage.values(A, ['temperature', 'memory_temperature', 'temperature_margin', 'fan_speed', 'performance_state']),
    ).toEqual({
      temperature: 59,
      memory_temperature: 55,
      temperature_margin: 26,
      // the board has no fan
      fan_speed: 'unsupported',
      performance_state: 0,
    });
    expect(stage.values(A, ['power_draw', 'power_draw_instant', 'power_limit'])).toEqual({
      power_draw: 629.45,
      power_draw_instant: 588.39,
      power_limit: 700,
    });
    expect(stage.values(A, ['graphics_clock', 'sm_clock', 'memory_clock', 'video_clock', 'throttle_reasons'])).toEqual({
      graphics_clock: 1980,
      sm_clock: 1965,
      memory_clock: 2619,
      video_clock: 1545,
      throttle_reasons: 4,
    });
    expect(
      stage.values(A, [
        'ecc_errors_corrected',
        'ecc_errors_uncorrected',
        'ecc_errors_corrected_aggregate',
        'ecc_errors_uncorrected_aggregate',
        'retired_pages_single_bit',
        'remapped_rows_correctable',
        'remapped_rows_uncorrectable',
        'remapped_rows_pending',
        'remapped_rows_failure',
      ]),
    ).toEqual({
      ecc_errors_corrected: 3,
      ecc_errors_uncorrected: 1,
      ecc_errors_corrected_aggregate: 33,
      ecc_errors_uncorrected_aggregate: 2,
      retired_pages_single_bit: 'unsupported',
      remapped_rows_correctable: 4,
      remapped_rows_uncorrectable: 5,
      remapped_rows_pending: 0,
      remapped_rows_failure: 0,
    });
    expect(
      stage.values(A, [
        'pcie_generation',
        'pcie_width',
        'pcie_replays',
        'nvlink_active_links',
        'nvlink_crc_errors',
        'nvlink_replay_errors',
        'nvlink_recovery_errors',
      ]),
    ).toEqual({
      pcie_generation: 5,
      pcie_width: 16,
      pcie_replays: 17,
      // two links, one of them down
      nvlink_active_links: 1,
      nvlink_crc_errors: 15, // 7 in control + 8 in data
      nvlink_replay_errors: 9,
      nvlink_recovery_errors: 10,
    });
    expect(
      stage.values(A, [
        'graphics_engine_activity',
        'sm_activity',
        'sm_occupancy',
        'tensor_activity',
        'fp64_activity',
        'fp32_activity',
        'fp16_activity',
        'dram_activity',
      ]),
    ).toEqual({
      graphics_engine_activity: 71.5,
      sm_activity: 62.25,
      sm_occupancy: 33.5,
      tensor_activity: 44.5,
      fp64_activity: 1.5,
      fp32_activity: 2.5,
      fp16_activity: 3.5,
      dram_activity: 35.5,
    });
    expect(stage.values(B, ['gpu_utilization', 'temperature'])).toEqual({ gpu_utilization: 5, temperature: 33 });
    expect(stage.sink.last()).toBe('ok: Reading 2 GPU(s) every 0.2 s through driver 999.10 with NVML.');
  });

  it('makes rates, energy and shares of time of the counters of the driver', async () => {
    await open([hopper(0)]);
    await stage.until('ten samples', () => stage.sink.of(A).length >= 10);
    // KiB a second as kilobytes; bytes a second as kilobytes. Both clocks are this machine's: a tenth is room for a late turn
    const near = (metric: MetricName, expected: number) => {
      const value = stage.newest(A, metric) as number;
      expect(Math.abs(value - expected)).toBeLessThan(expected * 0.1);
    };
    near('nvlink_tx', 2000 * 1.024);
    near('nvlink_rx', 3000 * 1.024);
    near('pcie_tx', 5000);
    near('pcie_rx', 7000);
  });

  it('hands on energy and time held back as the driver counts them', async () => {
    // the desk measures with the clock of the agent, so here it has to be the true one
    await open([hopper(0)], { clock: systemClock });
    await stage.until('ten samples', () => stage.sink.of(A).length >= 10);
    const all = (metric: MetricName) =>
      stage.sink
        .of(A)
        .map((sample) => sample.values.get(metricId(metric)))
        .filter((value) => typeof value === 'number');
    const energy = all('energy');
    const seconds = energy.length * 0.2;
    // 600,000 mJ a second are 600 J
    expect(energy.reduce((a, b) => a + b) / seconds / 600).toBeCloseTo(1, 0);
    const mean = (values: number[]) => values.reduce((a, b) => a + b) / values.length;
    // 250 ms in every second, 100 ms in every second, never
    expect(Math.abs(mean(all('throttled_power_cap')) - 25)).toBeLessThan(3);
    expect(Math.abs(mean(all('throttled_sw_thermal')) - 10)).toBeLessThan(2);
    expect(all('throttled_hw_thermal').every((v) => v === 0)).toBe(true);
  });

  it('names why a value is not there, and never says 0 for it', async () => {
    await open([
      hopper(0, {
        fan: '!3',
        'utilization.encoder': '!4',
        'temperature.margin': '!999',
        'clock.3': '!13',
        'memory.used': -1,
        power: 0xffffffff,
        pstate: 32,
        'field.82': '!17',
      }),
      gaming(1),
    ]);
    await stage.until('a sample', () => stage.sink.of(B).length > 1);
    expect(
      stage.values(A, [
        'fan_speed',
        'encoder_utilization',
        'temperature_margin',
        'video_clock',
        'memory_used_mib',
        'memory_utilization',
        'power_draw',
        'performance_state',
        'memory_temperature',
      ]),
    ).toEqual({
      fan_speed: 'unsupported',
      encoder_utilization: 'forbidden',
      temperature_margin: 'fault',
      video_clock: 'unsupported',
      // all ones: NVML's "not available"
      memory_used_mib: 'unsupported',
      memory_utilization: 'unsupported',
      // all ones, so the momentary draw stands in
      power_draw: 588.39,
      performance_state: 'unsupported',
      memory_temperature: 'forbidden',
    });
    expect(
      stage.values(B, [
        'fan_speed',
        'temperature_margin',
        'memory_temperature',
        'ecc_errors_corrected',
        'remapped_rows_pending',
        'nvlink_active_links',
        'nvlink_tx',
        'sm_activity',
        'pcie_tx',
        'pcie_rx',
      ]),
    ).toEqual({
      fan_speed: 42,
      temperature_margin: 'unsupported',
      memory_temperature: 'unsupported',
      ecc_errors_corrected: 'unsupported',
      remapped_rows_pending: 'unsupported',
      nvlink_active_links: 'unsupported',
      nvlink_tx: 'unsupported',
      sm_activity: 'unsupported',
      // neither counters nor hardware activity: measured over 20 ms by the driver, once a minute
      pcie_tx: 4096,
      pcie_rx: 8192,
    });
  });
});
