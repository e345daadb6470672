/** One machine, seen by both readers: by the replaying nvidia-smi, and by the stand-in for the driver's library. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { metricById, metricId } from '@flotilla/domain';
import { FIXTURE, writeScenario, type Scenario } from '../../../../../test/support/nvidia-smi-replay/index.js';
import { hopper, type StubGpu } from '../../../../../test/support/nvml-stub/index.js';
import { describeNvml } from '../../../../../test/support/nvml-stub/program.js';
import { fastClock, NvmlStage } from '../../../../../test/support/nvml-stub/stage.js';
import { RecordingSink } from '../../../../../test/support/recording-sink.js';
import { NvidiaSmiCollector } from '../nvidia-smi/nvidia-smi.collector.js';
import { SIGNALS } from '../nvidia-smi/signals.js';

jest.setTimeout(60_000);
const MIB = 1024 * 1024;
const A = 'GPU-00000000-0000-0000-0000-000000000001';

/** nvidia-smi's column, what it prints there, the stand-in's key and value. */
const MACHINE: readonly (readonly [string, string | number, string, string | number])[] = [
  ['utilization.gpu', 61, 'utilization.gpu', 61],
  ['utilization.memory', 23, 'utilization.memory', 23],
  ['utilization.encoder', 11, 'utilization.encoder', 11],
  ['utilization.decoder', 12, 'utilization.decoder', 12],
  ['utilization.jpeg', 13, 'utilization.jpeg', 13],
  ['utilization.ofa', 14, 'utilization.ofa', 14],
  ['memory.total', 16384, 'memory.total', 16384 * MIB],
  ['memory.reserved', 256, 'memory.reserved', 256 * MIB],
  ['memory.used', 9001, 'memory.used', 9001 * MIB],
  ['memory.free', 7127, 'memory.free', 7127 * MIB],
  ['temperature.gpu', 64, 'temperature', 64],
  ['temperature.memory', 70, 'field.82', 70],
  ['temperature.gpu.tlimit', 24, 'temperature.margin', 24],
  ['power.draw', 212.5, 'power', 212500],
  ['power.draw.instant', 214.75, 'field.186', 214750],
  ['enforced.power.limit', 250, 'power_limit', 250000],
  ['clocks.current.graphics', 1980, 'clock.0', 1980],
  ['clocks.current.sm', 1965, 'clock.1', 1965],
  ['clocks.current.memory', 7001, 'clock.2', 7001],
  ['clocks.current.video', 1755, 'clock.3', 1755],
  ['pstate', 'P2', 'pstate', 2],
  ['clocks_event_reasons.active', '0x0000000000000024', 'reasons', 0x24],
  ['fan.speed', 61, 'fan', 61],
  ['ecc.errors.corrected.volatile.total', 3, 'ecc.corrected.0', 3],
  ['ecc.errors.uncorrected.volatile.total', 1, 'ecc.uncorrected.0', 1],
  ['retired_pages.pending', '[N/A]', 'field.31', '!3'],
  ['remapped_rows.pending', 'Yes', 'field.144', 1],
  ['remapped_rows.failure', 'No', 'field.145', 0],
  ['pcie.link.gen.current', 4, 'pcie.generation', 4],
  ['pcie.link.width.current', 8, 'pcie.width', 8],
  ['gpu_recovery_action', 'Reset', 'field.230', 1],
  ['mig.mode.current', 'Disabled', 'mig_mode', 0],
  ['serial', '1650000000000', 'serial', '1650000000000'],
  ['name', 'Flotilla Test GPU 16GB', 'name', 'Flotilla Test GPU 16GB'],
  ['pci.bus_id', '00000000:10:00.0', 'bus_id', '00000000:10:00.0'],
  ['vbios_version', '00.00.00.00.01', 'vbios_version', '00.00.00.00.01'],
];

/** What each of them says of one GPU after a slow reading. */
async function seen(
  columns: Record<string, string | number>,
  gpu: StubGpu,
  more: Partial<Scenario['gpus'][number]> = {},
) {
  const folder = mkdtempSync(join(tmpdir(), 'flotilla-one-shape-'));
  const gpus = [{ capture: FIXTURE, state: 'load' as const, uuid: A, values: columns, ...more }];
  const replay = writeScenario(join(folder, 'tool'), { gpus });
  const sink = new RecordingSink();
  const options = { intervalS: 0.2, stateDir: join(folder, 'state') };
  const tool = new NvidiaSmiCollector({ tool: replay.executable, ...options });
  tool.start(sink, fastClock);
  const processes = { 'process.4711': 'python train.py', 'process.4242': 'python train.py --sizes 1, 2, 3' };
  const stage = await NvmlStage.open({ system: { driver: '999.10', cuda: 13010, ...processes }, gpus: [gpu] });
  try {
    await stage.until('both were read', () => {
      return [sink, stage.sink].every((s) => s.devices[0]?.model !== undefined && s.of(A).length > 3);
    });
    await stage.until('signals of both', () => sink.said.has(A) && stage.sink.said.has(A));
    return { smi: sink, nvml: stage.sink };
  } finally {
    await tool.stop();
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The metrics that nvidia-smi reads at every interval, by name; rates and shares of time are not comparable moment by moment. */
const COMMON = [...SIGNALS.filter((s) => !s.counter).map((s) => metricId(s.metric)), metricId('memory_utilization')];
function common(sink: RecordingSink) {
  const newest = sink.of(A).at(-1)?.values;
  return Object.fromEntries(COMMON.map((id) => [metricById(id)?.name, newest?.get(id)]));
}

describeNvml('both readers', () => {
  it('say the same of one machine', async () => {
    const columns = Object.fromEntries(MACHINE.map(([column, cell]) => [column, cell]));
    const gpu = Object.fromEntries(MACHINE.map(([, , key, value]) => [key, value]));
    const { smi, nvml } = await seen(columns, hopper(0, { ...gpu, 'compute.0': `4242 ${8990 * MIB} -1 -1` }));
    expect(common(nvml)).toEqual(common(smi));
    // and it is something that they say
    expect(Object.values(common(nvml)).filter((value) => typeof value === 'number').length).toBeGreaterThanOrEqual(30);
    const facts = (sink: RecordingSink) => {
      const { kind, uuid, index, model, serial, pciBusId, memoryTotalMib, driverVersion, migEnabled, ...rest } = sink
        .devices[0] as (typeof sink.devices)[number];
      const { presence, health, healthReason, recoveryAction } = rest;
      return [
        ...[kind, uuid, index, model, serial, pciBusId, memoryTotalMib, driverVersion, migEnabled],
        ...[presence, health, healthReason, recoveryAction],
      ];
    };
    expect(facts(nvml)).toEqual(facts(smi));
    expect(facts(nvml).every((fact) => fact !== undefined)).toBe(true);
    expect(nvml.said.get(A)?.recoveryAction).toBe(smi.said.get(A)?.recoveryAction);
    expect(nvml.processList).toEqual(smi.processList);
    expect(nvml.processList).toHaveLength(1);
    const [a, b] = [nvml.devices[0]?.attributes ?? {}, smi.devices[0]?.attributes ?? {}];
    const both = Object.keys(a).filter((key) => key in b);
    expect(Object.fromEntries(both.map((key) => [key, a[key]]))).toEqual(
      Object.fromEntries(both.map((key) => [key, b[key]])),
    );
    expect(both).toContain('vbios_version');
  });

  it('name the same absences', async () => {
    const { smi, nvml } = await seen(
      {
        'fan.speed': '[N/A]',
        'utilization.encoder': '[Insufficient Permissions]',
        'temperature.gpu.tlimit': '[Unknown Error]',
        'clocks.current.video': '[Function Not Found]',
        'power.draw': '[N/A]',
      },
      hopper(0, {
        'utilization.encoder': '!4',
        'temperature.margin': '!999',
        'clock.3': '!13',
        power: '!3',
        'field.186': 214750,
      }),
    );
    const names = ['fan_speed', 'encoder_utilization', 'temperature_margin', 'video_clock'];
    const absences = (sink: RecordingSink) => names.map((name) => common(sink)[name]);
    expect(absences(nvml)).toEqual(['unsupported', 'forbidden', 'fault', 'unsupported']);
    expect(absences(nvml)).toEqual(absences(smi));
    expect([common(nvml)['power_draw'], common(smi)['power_draw']]).toEqual([214.75, 212.5]);
    expect(nvml.said.get(A)?.fault).toBe(smi.said.get(A)?.fault);
    expect(nvml.said.get(A)?.fault).toBe('[Unknown Error]');
  });

  it.each([
    ['is-lost', '!15', '[GPU is lost]'],
    ['requires-reset', '!16', '[GPU requires reset]'],
  ] as const)('tell of a GPU that answers nothing in the same words: %s', async (lost, all, words) => {
    const { smi, nvml } = await seen({}, hopper(0, { all }), { lost });
    for (const sink of [smi, nvml]) {
      expect(sink.said.get(A)?.unanswered).toBe(words);
      expect(new Set(Object.values(common(sink)))).toEqual(new Set(['fault']));
      expect(sink.devices[0]).toMatchObject({ uuid: A, presence: 'present', health: 'unhealthy' });
      expect(sink.kinds()).toContain('gpu_fault');
    }
    expect(nvml.events.find((e) => e.kind === 'gpu_fault')?.message).toBe(
      smi.events.find((e) => e.kind === 'gpu_fault')?.message,
    );
  });
});
