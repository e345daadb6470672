/** What only the slow reading has, end to end: MIG instances, NVLinks, virtual GPUs, lifetime counters, advice. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { metricById, metricId } from '@flotilla/domain';
import { FIXTURE, writeScenario, type ReplayedGpu } from '../../../../../test/support/nvidia-smi-replay/index.js';
import { RecordingSink } from '../../../../../test/support/recording-sink.js';
import type { Clock } from '../../clock.js';
import type { Reading } from '../collector.js';
import { NvidiaSmiCollector } from './nvidia-smi.collector.js';

jest.setTimeout(30_000);
const SPEED = 60;
/** An hour a minute, so that the minutely reading comes every second. */
const fastClock: Clock = {
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
const A = 'GPU-aaaaaaaa-0000-4000-8000-000000000001';

let folder: string;
let sink: RecordingSink;
let collector: NvidiaSmiCollector;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flotilla-slow-'));
  sink = new RecordingSink();
});
afterEach(async () => {
  await collector.stop();
  rmSync(folder, { recursive: true, force: true });
});
async function until(what: string, holds: () => boolean): Promise<void> {
  const end = performance.now() + 20_000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never ${what}; states: ${sink.states.join(' | ')}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
function run(gpu: Partial<ReplayedGpu>) {
  const scenario = { gpus: [{ capture: FIXTURE, state: 'load' as const, uuid: A, ...gpu }] };
  const replay = writeScenario(join(folder, 'tool'), scenario);
  // every 0.1 s of real time
  collector = new NvidiaSmiCollector({ tool: replay.executable, intervalS: 0.1, stateDir: join(folder, 'state') });
  collector.start(sink, { ...fastClock, after: (ms, go) => fastClock.after(Math.max(ms, 1_000), go) });
  return replay;
}
/** The newest value of a metric, from whichever sample had it. */
const newest = (device: string, name: Parameters<typeof metricId>[0]): Reading | undefined =>
  sink
    .of(device)
    .findLast(({ values }) => values.has(metricId(name)))
    ?.values.get(metricId(name));

it('joins the slow values to the next sample of the GPU, and makes no sample of its own', async () => {
  run({
    values: {
      'pcie.replays': '9',
      'pcie.rx': '6346',
      'pcie.tx': '3092',
      'bar1.used': '13',
      'ecc.errors.corrected.aggregate.sram': '2',
      'ecc.errors.corrected.aggregate.dram': '40',
      'ecc.errors.uncorrected.aggregate.sram.parity': '1',
      'ecc.errors.uncorrected.aggregate.sram.secded': '0',
      'ecc.errors.uncorrected.aggregate.dram': '0',
      'ecc.errors.uncorrected.aggregate.sram.thresholdExceeded': 'Yes',
      'remapped_rows.correctable': '3',
      'remapped_rows.uncorrectable': '1',
      gpu_recovery_action: 'Drain and Reset',
      virtualization_mode: 'Pass-Through',
      architecture: 'Hopper',
      'fabric.state': 'Completed',
    },
  });
  await until('the slow values', () => newest(A, 'pcie_replays') !== undefined);
  expect(
    Object.fromEntries(
      [...(sink.of(A).findLast((s) => s.values.has(metricId('pcie_replays')))?.values ?? [])].map(([id, value]) => [
        metricById(id)?.name,
        value,
      ]),
    ),
  ).toMatchObject({
    gpu_utilization: 87,
    jpeg_utilization: 2,
    temperature_margin: 24,
    memory_temperature: 'unsupported',
    performance_state: 0,
    pcie_replays: 9,
    pcie_rx: 6346,
    pcie_tx: 3092,
    bar1_used_mib: 13,
    ecc_errors_corrected_aggregate: 42,
    ecc_errors_uncorrected_aggregate: 1,
    retired_pages_single_bit: 'unsupported',
    remapped_rows_correctable: 3,
    remapped_rows_uncorrectable: 1,
    // the driver's counter stands still in a capture
    throttled_power_cap: 0,
  });
  expect(sink.said.get(A)).toMatchObject({
    recoveryAction: 'Drain and Reset',
    sramThresholdExceeded: true,
    fabricState: 'Completed',
  });
  expect(sink.devices[0]).toMatchObject({
    recoveryAction: 'Drain and Reset',
    health: 'unhealthy',
    attributes: { architecture: 'Hopper', virtualization_mode: 'Pass-Through', fabric_state: 'Completed' },
  });
});

it('has MIG instances as devices, with what the driver tells of each, and processes in them', async () => {
  const memory = { total: '9984 MiB', reserved: '16 MiB', used: '12 MiB', free: '9955 MiB' };
  run({
    values: { 'mig.mode.current': 'Enabled', 'utilization.gpu': '[N/A]' },
    mig: [
      {
        index: 0,
        gpuInstance: 9,
        computeInstance: 0,
        multiprocessors: 16,
        uuid: 'MIG-c6d4',
        profile: '1g.10gb',
        ...memory,
      },
      {
        index: 1,
        gpuInstance: 11,
        computeInstance: 0,
        multiprocessors: 16,
        uuid: 'MIG-77aa',
        profile: '1g.10gb',
        ...memory,
      },
    ],
    processes: [{ pid: 4242, name: 'python train.py', usedMemory: '8 MiB', gpuInstance: 11, computeInstance: 0 }],
  });
  await until('processes', () => sink.processList !== null);
  expect(sink.devices.map((d) => [d.kind, d.uuid, d.parentUuid, d.migProfile, d.gpuInstanceId, d.attributes])).toEqual([
    ['gpu', A, undefined, undefined, undefined, expect.anything()],
    ['mig', 'MIG-c6d4', A, '1g.10gb', 9, { multiprocessors: '16' }],
    ['mig', 'MIG-77aa', A, '1g.10gb', 11, { multiprocessors: '16' }],
  ]);
  expect(newest('MIG-c6d4', 'memory_used_mib')).toBe(12);
  expect(newest('MIG-c6d4', 'memory_free_mib')).toBe(9955);
  // 12 of 9,984 MiB
  expect(newest('MIG-c6d4', 'memory_utilization')).toBeCloseTo(0.1202, 4);
  expect(newest('MIG-c6d4', 'gpu_utilization')).toBe('unsupported');
  expect(newest(A, 'gpu_utilization')).toBe('unsupported');
  expect(sink.processList).toMatchObject([{ device: 'MIG-77aa', pid: 4242 }]);
});

it('reads NVLinks where there are any, and a rate from the second time on', async () => {
  const replay = run({
    nvlinks: [
      { speed: '26.562 GB/s', crcErrors: 7, txKibPerS: 60_000, rxKibPerS: 0 },
      { inactive: true },
      { speed: '26.562 GB/s', replayErrors: 2, txKibPerS: 60_000, rxKibPerS: 0 },
    ],
  });
  await until('a rate', () => newest(A, 'nvlink_tx') !== undefined);
  expect(newest(A, 'nvlink_active_links')).toBe(2);
  expect(newest(A, 'nvlink_crc_errors')).toBe(7);
  expect(newest(A, 'nvlink_replay_errors')).toBe(2);
  // 120,000 KiB × 1.024 in each second of the tool, which is 60 of the reader's clock
  expect(newest(A, 'nvlink_tx')).toBeGreaterThan(1_000);
  expect(newest(A, 'nvlink_rx')).toBe(0);
  expect(sink.devices[0]?.nvlinks).toHaveLength(3);
  expect(sink.said.get(A)?.inactiveNvlinks).toEqual([1]);
  expect(replay.calls().filter(({ argv }) => argv[0] === 'vgpu')).toEqual([]);
});

it('asks a board without NVLink once, not every minute', async () => {
  const replay = run({});
  await until('three slow readings', () => replay.calls().filter(({ argv }) => argv.includes('-x')).length >= 3);
  expect(
    replay
      .calls()
      .filter(({ argv }) => argv[0] === 'nvlink')
      .map(({ argv }) => argv),
  ).toEqual([['nvlink', '-s']]);
});

it('lists the virtual GPUs that the host of a hypervisor carries', async () => {
  run({
    values: { host_vgpu_mode: 'SR-IOV' },
    vgpus: [{ id: 325, name: 'GRID A100-10C', uuid: 'vgpu-1', vmName: 'lab', total: '10240 MiB', used: '1 MiB' }],
  });
  await until('a virtual GPU', () => (sink.devices[0]?.vgpus ?? []).length > 0);
  expect(sink.devices[0]?.vgpus).toEqual([
    { uuid: 'vgpu-1', type: 'GRID A100-10C', vmName: 'lab', memoryTotalMib: 10_240 },
  ]);
});
